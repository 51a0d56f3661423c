"""The whole round, by the clock: drift, alarm, message, retraining, a new version, live, quiet again."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
import toy_training
from toy_versions import BUCKET, GROUP, PHOTO, Account, until

pytestmark = pytest.mark.slow
PHOTOS = 50


@pytest.fixture(scope="module")
def watched(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Account:
    """Put a toy live that knows no night, and watch it by the hour."""
    toy_training.put(account, tmp_path_factory.mktemp("training"))
    account.toy()
    account.bestiary.json("deploy")
    _send(account, b"day")
    _captured(account, PHOTOS)
    assert 1 == account.bestiary.json("baseline")["version"]
    account.bestiary.json("schedule", "monitor", "hourly")
    account.client("s3").put_object(Bucket=BUCKET, Key="photos/bear/1.jpg", Body=PHOTO)
    _next_hour(account)
    _checked(account, "quiet")
    return account


def _send(account: Account, light: bytes) -> None:
    """Have the cameras send photos; a monitor on schedule sees to it that they are captured."""
    runtime = account.client("sagemaker-runtime")
    for _ in range(PHOTOS):
        runtime.invoke_endpoint(EndpointName=GROUP, ContentType="image/jpeg", Body=PHOTO + light)


def _captured(account: Account, photos: int) -> None:
    """Wait until so many photos in all are captured."""
    s3, counted = account.client("s3"), dict[str, int]()

    def count() -> int:
        found = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"bestiary/captures/{GROUP}/").get("Contents", [])
        for key in {item["Key"] for item in found} - set(counted):
            counted[key] = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().count(b"\n")
        return sum(counted.values())

    until(lambda: count() >= photos)


def _clock(account: Account, by: timedelta = timedelta()) -> datetime:
    """Advance the account's clock and read it."""
    url = f"{account.bestiary.endpoint_url}/_bestiary/clock"
    body = json.dumps({"advance_seconds": by.total_seconds()}).encode()
    with urlopen(Request(url, data=body)) as answer:  # noqa: S310 - the test's own server
        return datetime.fromisoformat(json.load(answer)["now"])


def _next_hour(account: Account) -> None:
    now = _clock(account)
    _clock(account, now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1, seconds=1) - now)


def _checked(account: Account, verdict: str) -> None:
    """Wait for the job of the hour that has just begun."""
    hour = f"{_clock(account):%Y%m%d%H}"
    sagemaker = account.client("sagemaker")

    def ended() -> bool:
        jobs = sagemaker.list_processing_jobs(NameContains=f"model-monitoring-{hour}")
        return any(job["ProcessingJobStatus"] == "Completed" for job in jobs["ProcessingJobSummaries"])

    until(ended)
    assert verdict == account.bestiary.json("monitor")["verdict"]


def _runs(account: Account) -> list[dict[str, Any]]:
    found = account.client("sagemaker").list_pipeline_executions(PipelineName="bestiary-training")
    return list(found["PipelineExecutionSummaries"])


def _alarm(account: Account, name: str) -> str:
    (found,) = account.client("cloudwatch").describe_alarms(AlarmNames=[f"{GROUP}-{name}"])["MetricAlarms"]
    return str(found["StateValue"])


def _labels(folder: Path) -> Path:
    """Label one photo of the night: the toys learn fast."""
    photo, table = folder / "night.jpg", folder / "labels.csv"
    photo.write_bytes(PHOTO + b"dark")
    with table.open("w", newline="") as file:
        csv.writer(file).writerows([["file", "species"], [photo, "bear"]])
    return table


def test_from_drift_to_a_better_version_and_quiet_again(watched: Account, tmp_path: Path) -> None:
    """Night falls; a person labels, approves and deploys; all else goes by itself."""
    bestiary = watched.bestiary
    bestiary.json("label", str(_labels(tmp_path)), "--photos")
    bestiary.json("schedule", "retrain", "on-drift", "--data", f"s3://{BUCKET}/photos/")
    _send(watched, b"dark")
    _next_hour(watched)
    _checked(watched, "drift")
    alerts = bestiary.home / "alerts.jsonl"
    until(lambda: alerts.exists() and f"ALARM {GROUP}-drift" in alerts.read_text())
    until(lambda: [run["PipelineExecutionStatus"] for run in _runs(watched)] == ["Succeeded"])
    found = bestiary.json("status")
    assert ("drift", "Succeeded") == (found["training"]["reason"], found["training"]["status"])
    new, _ = bestiary.json("versions")
    assert (2, "PendingManualApproval", 1) == (new["version"], new["approval"], new["parent"])
    assert 0 == bestiary("approve", "2").returncode
    deployed = bestiary.json("deploy", "2")
    assert ("succeeded", "canary 10 %") == (deployed["status"], deployed["strategy"])
    _next_hour(watched)
    _send(watched, b"dark")
    _captured(watched, 3 * PHOTOS)
    assert 2 == bestiary.json("baseline")["version"], "usual is now what the new version says"
    _next_hour(watched)
    _checked(watched, "quiet")
    until(lambda: _alarm(watched, "drift") == "OK")
    assert "ALARM" == _alarm(watched, "retrain"), "it remembers, so that nothing starts twice"
    assert 1 == len(_runs(watched))


def test_after_the_pause_drift_starts_a_run_that_goes_live_without_a_person(watched: Account) -> None:
    """A day without drift later; `--auto-approve` approves and deploys by a job in the operator's image."""
    (planned,) = [
        each
        for each in watched.bestiary.json(
            "schedule", "retrain", "on-drift", "--auto-approve", "--data", f"s3://{BUCKET}/photos/"
        )
        if each["what"] == "retrain"
    ]
    assert "approves and deploys; again after 24 h without drift" in planned["detail"]
    _clock(watched, timedelta(hours=27))
    until(lambda: _alarm(watched, "retrain") == "OK")
    before = len(_runs(watched))
    _violate(watched)
    until(lambda: len(_runs(watched)) == before + 1)
    endpoint = watched.client("sagemaker").describe_endpoint
    until(lambda: f"{GROUP}-v3-" in endpoint(EndpointName=GROUP)["EndpointConfigName"], 120)
    assert 3 == watched.bestiary.json("status")["live"]
    assert "automatic" in json.dumps(watched.bestiary.json("history"))
    assert "Approved" == watched.bestiary.json("versions")[0]["approval"]


def test_a_version_of_another_run_waits_for_a_person_all_the_same(watched: Account) -> None:
    """The job looks at what the version was registered with, and lets it be."""
    version = watched.toy(approved=False)
    sagemaker = watched.client("sagemaker")

    def told() -> str:
        found = sagemaker.list_processing_jobs(NameContains="promote", SortOrder="Descending")
        (newest, *_) = found["ProcessingJobSummaries"]
        job = sagemaker.describe_processing_job(ProcessingJobName=newest["ProcessingJobName"])
        return str(job.get("ExitMessage", ""))

    until(lambda: f"version {version} waits for a person" in told())
    assert "PendingManualApproval" == watched.bestiary.json("versions")[0]["approval"]
    assert 0 == watched.bestiary("schedule", "retrain", "off").returncode
    rules = watched.client("events").list_rules(NamePrefix="bestiary-")["Rules"]
    assert not {"bestiary-promote", "bestiary-retrain-on-drift"} & {rule["Name"] for rule in rules}


def test_a_schedule_retrains_once_for_each_due_time(watched: Account) -> None:
    """Three due times slept through are one run, which says when it was due and why it was started."""
    before = len(_runs(watched))
    watched.bestiary.json("schedule", "retrain", "rate(1 hour)", "--data", f"s3://{BUCKET}/photos/")
    until(lambda: len(_runs(watched)) == before + 1)  # a rate is due at once
    _clock(watched, timedelta(hours=3, minutes=1))
    until(lambda: len(_runs(watched)) == before + 2)
    until(lambda: Counter(run["PipelineExecutionStatus"] for run in _runs(watched))["Executing"] == 0)
    assert before + 2 == len(_runs(watched))
    arn = _runs(watched)[0]["PipelineExecutionArn"]
    listed = watched.client("sagemaker").list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)
    values = {each["Name"]: each["Value"] for each in listed["PipelineParameters"]}
    assert "on schedule" == values["Reason"]
    assert datetime.fromisoformat(values["AsOf"]) <= _clock(watched)
    assert 0 == watched.bestiary("schedule", "retrain", "off").returncode


@pytest.mark.parametrize("hours", ["0", "169"])
def test_a_pause_that_no_alarm_can_remember_is_refused(watched: Account, hours: str) -> None:
    photos = f"s3://{BUCKET}/photos/"
    done = watched.bestiary("schedule", "retrain", "on-drift", "--cool-down", hours, "--data", photos)
    assert 2 == done.returncode
    assert "1 to 168 hours" in done.stderr


def _violate(account: Account) -> None:
    """Publish what a monitor job publishes that found something."""
    dimensions = [
        {"Name": "Endpoint", "Value": GROUP},
        {"Name": "MonitoringSchedule", "Value": f"{GROUP}-monitor"},
    ]
    datum = {"MetricName": "violations", "Value": 2.0, "Dimensions": dimensions, "Timestamp": _clock(account)}
    account.client("cloudwatch").put_metric_data(Namespace="Bestiary/Monitoring", MetricData=[datum])
