"""Runs that are cut, doubled or stopped end clean, and lose nothing."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from command_line import CommandLine


def wait_for_step(command_line: CommandLine, name: str, status: str, seconds: float = 120) -> str:
    """Wait until the newest execution's step has the status, and return the execution's ARN."""
    deadline = time.monotonic() + seconds
    while command_line.endpoint_url is None:  # the run starts the server
        assert time.monotonic() < deadline
    sagemaker, wanted = command_line.client("sagemaker"), (name, status)
    while time.monotonic() < deadline:
        with suppress(ClientError, IndexError):  # no pipeline yet, no execution yet
            newest = sagemaker.list_pipeline_executions(PipelineName="bestiary-training", MaxResults=1)
            arn = newest["PipelineExecutionSummaries"][0]["PipelineExecutionArn"]
            steps = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)
            if wanted in {(step["StepName"], step["StepStatus"]) for step in steps["PipelineExecutionSteps"]}:
                return str(arn)
        time.sleep(0.1)
    pytest.fail(f"{name} did not become {status}")


def processes_of(home: Path) -> list[int]:
    """Pids whose environment or command names the home, this test aside."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                about = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            if str(home).encode() in about:
                found.append(int(entry.name))
    return found


@pytest.fixture(scope="module")
def own(new_command_line: Callable[[], CommandLine]) -> CommandLine:
    """Share one home: what ran in it before is cached, which saves a minute."""
    return new_command_line()


def test_two_runs_at_once_both_end_well(own: CommandLine, run_words: list[str]) -> None:
    both = [own.start(*run_words, "--set", f"Seed={seed}", "--json") for seed in (1, 2)]
    codes = []
    for process in both:
        _, err = process.communicate(timeout=250)
        codes.append((process.returncode, err))
    assert [code for code, _ in codes] == [0, 0], codes
    assert [version["version"] for version in own.json("versions")] == [2, 1]


def test_ctrl_c_stops_the_execution_and_its_jobs(own: CommandLine, run_words: list[str]) -> None:
    process = own.start(*run_words, "--set", "Seed=1", "--set", "Epochs=2000")
    wait_for_step(own, "train-custom-cnn", "Executing")
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert own.json("show")["status"] == "Stopped"
    server = own.json("local", "status")["pid"]
    assert [server] == processes_of(own.home)


def test_kill_9_in_training_loses_nothing_and_the_next_run_goes_on(
    own: CommandLine, run_words: list[str]
) -> None:
    """Earlier versions, object VersionIds and caches are there; the cut execution reads Failed."""
    seeded = [*run_words, "--set", "Seed=1"]
    first = own.json(*seeded)
    before = own.json("versions")
    assert first["version"] in [version["version"] for version in before]
    process = own.start(*seeded, "--set", "Epochs=2000")
    cut = wait_for_step(own, "train-custom-cnn", "Executing")
    os.kill(own.json("local", "status")["pid"], signal.SIGKILL)
    process.communicate(timeout=60)
    deadline = time.monotonic() + 10
    while processes_of(own.home) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert processes_of(own.home) == []
    assert own("local", "start").returncode == 0
    assert before == own.json("versions")
    shown = own.json("show", cut)
    assert shown["status"] == "Failed"
    assert "stopped while this execution ran" in shown["failure_reason"]
    again = own.json(*seeded, "--set", "Epochs=3")
    assert again["status"] == "Succeeded"
    assert {"prepare", "backbone"} <= {step["name"] for step in again["steps"] if step["cached"]}
