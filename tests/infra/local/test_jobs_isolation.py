"""What a job sees of the computer, where the kernel allows a view of its own and where not."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import infra
from infra.local.jobs.process import JobProcess, Task

HARD_CODED = "open('/opt/ml/output/made.txt', 'w').write(open('/opt/ml/input/given.txt').read())"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Return a base folder of a job, with a space in its path."""
    base = tmp_path / "a job"
    (base / "input").mkdir(parents=True)
    (base / "output").mkdir()
    (base / "input/given.txt").write_text("given")
    return base


def run(base: Path, program: str, *, private: bool, isolated: bool = False) -> tuple[int | None, list[str]]:
    lines: list[str] = []
    task = Task(
        command=(sys.executable, "-c", program),
        environment={"PATH": os.defpath, "SAGEMAKER_BASE_DIR": str(base)},
        folder=base,
        base=base,
        private=private,
        isolated=isolated,
        grace=1,
    )
    process = JobProcess(task, lines.append)
    return process.wait(60), lines


@pytest.fixture
def needs_namespaces(tmp_path: Path) -> None:
    """Skip where the kernel gives ordinary users no namespaces."""
    program = "import os; print(os.path.samefile('/opt/ml', os.environ['SAGEMAKER_BASE_DIR']))"
    if run(tmp_path, program, private=True)[1] != ["True"]:
        pytest.skip("needs a kernel that allows user namespaces")


def test_a_program_that_says_opt_ml_reads_and_writes_its_job(needs_namespaces: None, base: Path) -> None:
    """A script written for AWS runs unchanged, and nobody else sees its /opt/ml."""
    there = Path("/opt/ml").exists()
    assert run(base, HARD_CODED, private=True) == (0, [])
    assert (base / "output/made.txt").read_text() == "given"
    assert Path("/opt/ml").exists() == there


def test_the_rest_of_opt_stays(needs_namespaces: None, base: Path) -> None:
    expected = sorted({entry.name for entry in Path("/opt").iterdir()} | {"ml"})
    assert run(base, "import os; print(sorted(os.listdir('/opt')))", private=True) == (0, [str(expected)])


def test_the_real_path_works_in_the_private_view_too(needs_namespaces: None, base: Path) -> None:
    program = (
        "import os; print(open(os.environ['SAGEMAKER_BASE_DIR'] + '/input/given.txt').read(), os.getcwd())"
    )
    assert run(base, program, private=True) == (0, [f"given {base}"])


def test_a_user_stays_himself_and_gains_nothing(needs_namespaces: None, base: Path) -> None:
    """An ordinary user's job is that user's, without capabilities over anything."""
    program = "import os; print(os.getuid()); print(open('/proc/self/status').read()); " + HARD_CODED
    task = {"command": [sys.executable, "-c", program], "environment": {}, "folder": "/", "base": str(base)}
    ordinary = ["unshare", "--user", "--map-user=65534", "--map-group=65534"] if os.geteuid() == 0 else []
    supervisor = [sys.executable, "-S", "-E", "-m", "infra.local.jobs.supervisor"]
    root = Path(infra.__file__).parents[1]
    with subprocess.Popen([*ordinary, *supervisor], cwd=root, stdin=-1, stdout=-1, text=True) as started:
        assert started.stdin
        assert started.stdout
        started.stdin.write(json.dumps({**task, "private": True, "isolated": True, "grace": 1}) + "\n")
        started.stdin.flush()
        lines = started.stdout.read().splitlines()
    assert lines[0] == ("65534" if ordinary else str(os.getuid()))
    assert "CapEff:\t0000000000000000" in lines
    assert (base / "output/made.txt").read_text() == "given"


@pytest.fixture
def port() -> Iterator[int]:
    """Listen on this computer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_an_isolated_job_reaches_no_network_but_its_own_loopback(
    needs_namespaces: None, base: Path, port: int
) -> None:
    program = f"""
import socket
with socket.create_server(("127.0.0.1", 0)) as own:
    socket.create_connection(own.getsockname())
print("own")
socket.create_connection(("127.0.0.1", {port}))
print("other")
"""
    code, lines = run(base, program, private=True, isolated=True)
    assert (code, "own" in lines, "other" in lines) == (1, True, False)
    assert "ConnectionRefusedError" in lines[-1] + lines[-2]
    assert run(base, program, private=True, isolated=False) == (0, ["own", "other"])


def test_without_namespaces_a_job_runs_by_its_base_folder(base: Path) -> None:
    """macOS, and Linux where containers forbid them: no /opt/ml, but SAGEMAKER_BASE_DIR."""
    program = "import os; print(os.path.exists('/opt/ml/input/given.txt')); print(os.getcwd())"
    assert run(base, program, private=False, isolated=True) == (0, ["False", str(base)])


def test_lines_that_do_not_end_come_in_parts(base: Path) -> None:
    """A progress bar of many megabytes without a line end fills no memory."""
    code, lines = run(base, "print('x' * 600_000, end='')", private=False)
    assert (code, "".join(lines)) == (0, "x" * 600_000)
    assert max(map(len, lines)) < 300_000


def test_a_listener_that_raises_does_not_hold_the_job_up(base: Path) -> None:
    """A full disk loses log lines, not the job, which would wait for ever on a full pipe."""

    def full(_: str) -> None:
        raise OSError

    command = (sys.executable, "-c", "print('x' * 500_000)")
    task = Task(command, {}, base, base, private=False, isolated=False, grace=1)
    assert JobProcess(task, full).wait(60) == 0
