"""From a folder of photos to a registered version, with one command."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine

MODELS = {"custom_cnn", "efficientnetb3", "tuned"}
TRAININGS = {"train-custom-cnn", "train-efficientnetb3", "train-tuned"}


def steps(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {step["name"]: step for step in document["steps"]}


def test_a_run_registers_version_1(bestiary: CommandLine, first_run: dict[str, Any]) -> None:
    assert first_run["status"] == "Succeeded", first_run
    assert first_run["version"] == 1
    assert set(first_run["metrics"]) == MODELS
    assert first_run["champion"] in MODELS
    assert {step["status"] for step in first_run["steps"]} == {"Succeeded"}
    assert {"prepare", "backbone", *TRAININGS, "evaluate", "gate", "register"} == set(steps(first_run))


def test_champion_is_the_most_accurate_candidate(first_run: dict[str, Any]) -> None:
    metrics = first_run["metrics"]
    best = max(figures["accuracy"] for figures in metrics.values())
    assert best == metrics[first_run["champion"]]["accuracy"]


def test_report_is_one_page_that_needs_nothing_else(first_run: dict[str, Any]) -> None:
    page = Path(first_run["report"]).read_text("utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert not re.findall(r"""(?:src|href)=["'](?!data:|#)""", page)


def test_a_version_says_where_it_comes_from(bestiary: CommandLine, first_run: dict[str, Any]) -> None:
    """The registered digest is that of the archive's bytes, the VersionId that of S3."""
    (version,) = bestiary.json("versions")
    bucket, _, key = version["artifact"].removeprefix("s3://").partition("/")
    answer = bestiary.client("s3").get_object(Bucket=bucket, Key=key)
    assert hashlib.sha256(answer["Body"].read()).hexdigest() == version["sha256"]
    assert answer["VersionId"] == version["artifact_version_id"]
    assert version["approval"] == "PendingManualApproval"
    assert version["parent"] is None
    package = bestiary.client("sagemaker").describe_model_package(ModelPackageName=version["arn"])
    statistics = package["ModelMetrics"]["ModelQuality"]["Statistics"]
    bucket, _, key = statistics["S3Uri"].removeprefix("s3://").partition("/")
    body = bestiary.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    assert statistics["ContentDigest"] == f"sha256:{hashlib.sha256(body).hexdigest()}"


def test_the_same_run_again_is_cached_throughout(
    bestiary: CommandLine, first_run: dict[str, Any], run_words: list[str]
) -> None:
    again = bestiary.json(*run_words)
    assert [step for step in again["steps"] if not step["cached"]] == []
    assert again["version"] == 1
    assert again["metrics"] == first_run["metrics"]
    assert len(bestiary.json("versions")) == 1


@pytest.fixture(scope="module")
def smaller_batches(bestiary: CommandLine, first_run: dict[str, Any], run_words: list[str]) -> dict[str, Any]:
    """Run again with one changed setting of the trainings."""
    return bestiary.json(*run_words, "--set", "BatchSize=16")


def ran(document: dict[str, Any]) -> set[str]:
    return {step["name"] for step in document["steps"] if not step["cached"]}


def test_a_changed_setting_of_the_gate_trains_nothing(
    bestiary: CommandLine, first_run: dict[str, Any], run_words: list[str]
) -> None:
    changed = bestiary.json(*run_words, "--set", "AllowedRegression=0.5")
    assert ran(changed) == {"evaluate", "gate", "register"}, steps(changed)


def test_a_changed_setting_of_training_runs_again_what_depends_on_it(smaller_batches: dict[str, Any]) -> None:
    assert ran(smaller_batches) == {*TRAININGS, "evaluate", "gate", "register"}, steps(smaller_batches)


def test_show_says_why_a_step_ran_or_not(bestiary: CommandLine, smaller_batches: dict[str, Any]) -> None:
    shown = bestiary("show", smaller_batches["execution_arn"].rpartition("/")[2]).stdout
    assert re.search(r"prepare .*cached", shown)
    assert re.search(r"batch_size.*32.*16", shown)


def test_the_gate_refuses_with_its_reason(
    bestiary: CommandLine, first_run: dict[str, Any], run_words: list[str]
) -> None:
    """Exit code 1, no version, and a sentence with both numbers."""
    done = bestiary(*run_words, "--set", "AccuracyThreshold=1")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    last = bestiary.json("show")
    assert last["status"] == "Failed"
    assert last["version"] is None
    assert steps(last)["refuse"]["status"] == "Failed"
    assert "under the threshold of 1.000" in steps(last)["refuse"]["failure_reason"]
    assert "under the threshold of 1.000" in done.stderr


def test_approval_checks_the_artifact_and_the_next_run_is_compared_with_it(
    bestiary: CommandLine, first_run: dict[str, Any], run_words: list[str]
) -> None:
    approved = bestiary.json("approve", "1", "--why", "looks right")
    assert approved["approval"] == "Approved"
    compared = bestiary.json(*run_words, "--set", "AllowedRegression=0.4")
    assert compared["status"] == "Succeeded"
    assert bestiary.json("versions")[0]["version"] == compared["version"]
    assert bestiary.json("versions")[0]["parent"] == 1
    page = Path(compared["report"]).read_text("utf-8")
    assert "version 1" in page


def test_an_artifact_that_was_tampered_with_is_not_approved(
    bestiary: CommandLine, smaller_batches: dict[str, Any]
) -> None:
    number = smaller_batches["version"]
    version = next(item for item in bestiary.json("versions") if item["version"] == number)
    bucket, _, key = version["artifact"].removeprefix("s3://").partition("/")
    bestiary.client("s3").put_object(Bucket=bucket, Key=key, Body=b"another model")
    done = bestiary("approve", str(version["version"]))
    assert done.returncode == 1
    assert "is not what was registered" in done.stderr


def test_versions_that_are_not_there_are_named(bestiary: CommandLine, first_run: dict[str, Any]) -> None:
    done = bestiary("approve", "99")
    assert done.returncode == 2
    there = ", ".join(str(version["version"]) for version in reversed(bestiary.json("versions")))
    assert f"there is no version 99; there are: {there}" in done.stderr


def test_logs_are_kept_and_led_by_the_step(bestiary: CommandLine, first_run: dict[str, Any]) -> None:
    logs = bestiary("show", first_run["execution_arn"], "--logs").stdout
    assert re.search(r"^train-custom-cnn  epoch=1 loss=", logs, re.MULTILINE)
    only = bestiary("show", first_run["execution_arn"], "--logs", "--step", "evaluate").stdout
    assert {line.split("  ")[0] for line in only.splitlines() if line} == {"evaluate"}


def test_nothing_is_written_outside_the_home(bestiary: CommandLine, first_run: dict[str, Any]) -> None:
    """The user's own folder stays empty."""
    user = bestiary.home / "user"
    assert not user.exists() or [path.name for path in user.rglob("*") if path.is_file()] == []
