"""Watching a live version from the command line: by hand, on schedule, and when it goes wrong."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
import sdk_settings
from account_clock import clock, next_hour
from toy_versions import BUCKET, GROUP, PHOTO, Account, until
from webhooks import webhook

from bestiary.drift.constraints import read_limits
from pipelines.monitoring import captured
from pipelines.place import Place
from pipelines.settings import Settings

pytestmark = pytest.mark.slow
PHOTOS = 60


@pytest.fixture(scope="module")
def watched(account: Account) -> Account:
    """Put a toy behind the endpoint, and send it what is usual."""
    account.toy()
    account.bestiary.json("deploy")
    return account


def _send(account: Account) -> None:
    """Ask the endpoint often enough for a comparison, and wait until it is captured."""
    runtime = account.client("sagemaker-runtime")
    before = _captured(account)
    for _ in range(PHOTOS):
        runtime.invoke_endpoint(EndpointName=GROUP, ContentType="image/jpeg", Body=PHOTO)
    until(lambda: _captured(account) >= before + PHOTOS)


def _captured(account: Account) -> int:
    s3 = account.client("s3")
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"bestiary/captures/{GROUP}/").get("Contents", [])
    bodies = (s3.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read() for item in listed)
    return sum(body.count(b"\n") for body in bodies)


def test_who_looks_right_after_asking_waits_until_it_is_captured(watched: Account) -> None:
    """And is told what for; for a while only, and not at all where something is captured already."""
    session = boto3.Session("local", "local", region_name="us-east-1")
    settings = Settings("local", watched.bestiary.home, "us-east-1")
    place = Place(settings, session, watched.bestiary.endpoint_url)
    said: list[str] = []
    captured.wait(place, said.append)
    watched.answering()
    until(lambda: _captured(watched) == 1)
    captured.wait(place, said.append)
    assert [] == said, "nobody had asked anything, and then it was captured"
    s3 = watched.client("s3")
    [item] = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"bestiary/captures/{GROUP}/")["Contents"]
    s3.delete_object(Bucket=BUCKET, Key=item["Key"])
    captured.wait(place, said.append, patience=0.1)
    late = threading.Timer(0.5, s3.put_object, kwargs={"Bucket": BUCKET, "Key": item["Key"], "Body": b"{}\n"})
    late.start()
    captured.wait(place, said.append)
    assert 1 == _captured(watched)
    assert ["waiting for the photos of"] * 2 == [line[:25] for line in said]


def _alerts(account: Account) -> list[str]:
    file = account.bestiary.home / "alerts.jsonl"
    return [json.loads(line)["message"] for line in file.read_text().splitlines()] if file.exists() else []


def test_a_version_without_a_baseline_says_how_to_make_one(watched: Account) -> None:
    """One line, exit code 1, nothing is started."""
    done = watched.bestiary("monitor", "--now")
    assert 1 == done.returncode
    assert "bestiary baseline" in done.stderr


def test_what_was_sent_becomes_the_baseline_and_the_same_again_is_quiet(watched: Account) -> None:
    """The monitor's real job: a baseline of captures, then a comparison with it, and a report."""
    _send(watched)
    assert 1 == watched.bestiary.json("baseline")["version"]
    found = watched.bestiary.json("monitor", "--now")
    assert ("quiet", [], 1) == (found["verdict"], found["violations"], found["version"])
    assert "<html" in open(found["report"]).read()  # noqa: PTH123, SIM115 - a path as people get it
    assert found["job"] == watched.bestiary.json("monitor")["job"]


def test_the_monitor_runs_on_schedule_and_status_shows_it(watched: Account) -> None:
    """After the hour there is a result of the schedule's, over the hour's photos."""
    (planned,) = watched.bestiary.json("schedule", "monitor", "hourly")
    assert ("monitor", "Scheduled") == (planned["what"], planned["state"])
    _send(watched)
    next_hour(watched)
    until(lambda: "Completed" in watched.bestiary.json("schedule")[0]["detail"])
    found = watched.bestiary.json("status")
    assert ("quiet", 1, "InService") == (found["monitor"]["verdict"], found["live"], found["endpoint"])
    assert found["monitor"]["job"].startswith("model-monitoring-")
    assert found["traffic"]["requests"] >= PHOTOS
    shown = watched.bestiary("status").stdout
    assert all(word in shown for word in ("version 1, InService", "quiet", "cron(0 * ? * * *)"))


def test_the_sagemaker_sdk_reads_what_the_monitor_wrote(
    watched: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its classes for Model Monitor know nothing of us: the schedule, executions, their files, the alert."""
    keys = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "us-east-1"}
    where = {**keys, "AWS_ENDPOINT_URL": watched.bestiary.endpoint_url}
    for name, value in {**where, **sdk_settings.environment(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    from sagemaker.core.helper.session_helper import Session
    from sagemaker.core.model_monitor import Constraints, ModelMonitor

    session = Session(boto3.Session(region_name="us-east-1"), default_bucket=BUCKET)
    monitor = ModelMonitor.attach(f"{GROUP}-monitor", sagemaker_session=session)
    assert ["python", "-m", "training_scripts.monitor"] == monitor.entrypoint
    features = [each["name"] for each in monitor.latest_monitoring_statistics().body_dict["features"]]
    assert {"confidence", "species"} <= set(features)
    assert {"violations": []} == monitor.latest_monitoring_constraint_violations().body_dict
    [execution, *_] = monitor.list_executions()
    uri = f"{execution.output.s3_output.s3_uri}/constraints.json"
    constraints = Constraints.from_s3_uri(uri, sagemaker_session=session)
    constraints.set_monitoring(enable_monitoring=False, feature_name="confidence")
    edited = Constraints.from_s3_uri(
        constraints.save(f"s3://{BUCKET}/edited.json"), sagemaker_session=session
    )
    assert {"confidence"} == read_limits(edited.body_dict).ignored
    ([alert], _) = monitor.list_monitoring_alerts()
    assert "OK" == alert.alert_status


def test_people_are_told_where_the_monitor_finds_nothing_out(watched: Account) -> None:
    """Not when it is put on schedule, before anything is due; after hours in which nobody asked.

    As in CloudWatch, an alarm of two periods looks at two more before it takes their data for missing.
    """
    missing = f"{GROUP}-monitor-missing"
    alarms = {each["name"]: each for each in watched.bestiary.json("status")["alarms"]}
    assert "ALARM" != alarms[missing]["state"]
    assert not [each for each in _alerts(watched) if missing in each]
    clock(watched, timedelta(hours=5))
    assert "Next: bestiary schedule" in _alert(watched, f"ALARM {missing}")
    assert "it did not run" in watched.bestiary("status").stdout


def _alert(account: Account, start: str) -> str:
    """Wait for an alert that begins so."""
    until(lambda: any(each.startswith(start) for each in _alerts(account)))
    return next(each for each in _alerts(account) if each.startswith(start))


def test_drift_rings_tells_people_and_starts_a_retraining_once(watched: Account) -> None:
    """From the metric over the alarm to the message and the run; ringing on starts no second one.

    That there is drift already when the schedule is made must not keep anybody from being told.
    """
    sagemaker = watched.client("sagemaker")
    step = {"Name": "stop", "Type": "Fail", "Arguments": {"ErrorMessage": "a toy"}}
    given = [{"Name": "DataUri", "Type": "String"}]
    approved = [
        {"Name": name, "Type": "String", "DefaultValue": ""}
        for name in ("ApprovedVersion", "ApprovedModelUri")
    ]
    toy = {"Version": "2020-12-01", "Parameters": [*given, *approved], "Steps": [step]}
    sagemaker.create_pipeline(
        PipelineName="bestiary-training",
        PipelineDefinition=json.dumps(toy),
        RoleArn="arn:aws:iam::123456789012:role/bestiary-pipeline",
        ClientRequestToken="t" * 32,
    )
    photos = f"s3://{BUCKET}/photos/"
    watched.client("s3").put_object(Bucket=BUCKET, Key="photos/bear/1.jpg", Body=PHOTO)
    _drift(watched)
    planned = watched.bestiary.json("schedule", "retrain", "on-drift", "--data", photos)
    assert ["monitor", "retrain"] == [each["what"] for each in planned]
    refused = watched.bestiary("schedule", "retrain", "0 6 * * * *", "--data", photos)
    assert 2 == refused.returncode
    assert "has to be ?" in refused.stderr

    def runs() -> list[dict[str, Any]]:
        found = sagemaker.list_pipeline_executions(PipelineName="bestiary-training")
        return list(found["PipelineExecutionSummaries"])

    until(runs)
    arn = runs()[0]["PipelineExecutionArn"]
    values = sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)["PipelineParameters"]
    assert {"Name": "DataUri", "Value": photos} in values
    rang, began, failed = (
        _alert(watched, start)
        for start in (f"ALARM {GROUP}-drift", f"ALARM {GROUP}-retrain", "A run has failed")
    )
    assert "a retraining was started" in began
    assert "version 1" in rang
    assert "Next: bestiary monitor" in rang
    assert f"Next: bestiary show {arn}" in failed
    _drift(watched, "OK")
    _drift(watched)
    assert 1 == len(runs()), "there was no pause of 24 hours"
    assert "ALARM" in {each["state"] for each in watched.bestiary.json("status")["alarms"]}


def test_a_webhook_gets_the_alerts(watched: Account) -> None:
    """A subscription like any other, listed with what is scheduled, gone when switched off."""
    with webhook() as (url, heard):
        (known,) = [
            each for each in watched.bestiary.json("schedule", "alerts", url) if each["what"] == "alerts"
        ]
        assert url == known["when"]
        _drift(watched, "OK")
        _drift(watched)
        until(lambda: any("ALARM" in each for each in heard))
        assert 0 == watched.bestiary("schedule", "alerts", "off").returncode
    assert not [each for each in watched.bestiary.json("schedule") if each["what"] == "alerts"]


def test_what_is_scheduled_can_be_switched_off(watched: Account) -> None:
    """Nothing of it is left, and switching off twice is no error."""
    for what in ("monitor", "retrain"):
        assert 0 == watched.bestiary("schedule", what, "off").returncode
        assert f"{what} was not scheduled" in watched.bestiary("schedule", what, "off").stderr
    assert [] == watched.bestiary.json("schedule")


def test_an_account_without_model_monitor_gets_a_scheduled_pipeline(watched: Account) -> None:
    """By a parameter of the account alone: the same command, the same job, the same result."""
    ssm = watched.client("ssm")
    ssm.put_parameter(Name="/bestiary/monitor/by", Value="pipeline", Overwrite=True)
    try:
        (planned,) = watched.bestiary.json("schedule", "monitor", "0 0/6 ? * * *")
        assert "watches version 1" in planned["detail"]
        known = watched.client("scheduler").get_schedule(Name=f"{GROUP}-monitor")
        given = json.loads(known["Target"]["Input"])["PipelineParameters"]
        started = watched.client("sagemaker").start_pipeline_execution(
            PipelineName="bestiary-monitoring", PipelineParameters=given, ClientRequestToken="m" * 32
        )
        which = {"PipelineExecutionArn": started["PipelineExecutionArn"]}
        describe = watched.client("sagemaker").describe_pipeline_execution
        until(lambda: describe(**which)["PipelineExecutionStatus"] != "Executing")
        found = watched.bestiary.json("monitor")
        assert (1, 6) == (found["version"], _hours(watched, found["job"]))
        assert found["verdict"] in {"quiet", "not enough"}
        assert 0 == watched.bestiary("schedule", "monitor", "off").returncode
    finally:
        ssm.put_parameter(Name="/bestiary/monitor/by", Value="monitoring-schedule", Overwrite=True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("monitor", "weekly"), "hourly, daily"),
        (("monitor", "soon"), "is no schedule"),
        (("monitor", "on-drift"), "for retraining"),
        (("dinner", "daily"), "say what and when"),
        (("alerts", "nobody"), "neither an email address nor a webhook"),
    ],
)
def test_what_is_no_schedule_is_refused(watched: Account, words: tuple[str, str], said: str) -> None:
    """In one line that says what would be one."""
    done = watched.bestiary("schedule", *words)
    assert 2 == done.returncode
    assert said in done.stderr


def _drift(account: Account, state: str = "ALARM") -> None:
    """Bring the drift alarm into a state, by the metric that a monitor job puts, and wait for it."""
    if state == "OK":
        clock(account, timedelta(hours=1, seconds=1))
    dimensions = [
        {"Name": "Endpoint", "Value": GROUP},
        {"Name": "MonitoringSchedule", "Value": f"{GROUP}-monitor"},
    ]
    datum = {
        "MetricName": "violations",
        "Value": 2.0 * (state == "ALARM"),
        "Dimensions": dimensions,
        "Timestamp": clock(account),
    }
    cloudwatch = account.client("cloudwatch")
    cloudwatch.put_metric_data(Namespace="Bestiary/Monitoring", MetricData=[datum])

    def rings() -> bool:
        (alarm,) = cloudwatch.describe_alarms(AlarmNames=[f"{GROUP}-drift"])["MetricAlarms"]
        return bool(alarm["StateValue"] == state)

    until(rings)


def _hours(account: Account, job: str) -> int:
    told = account.client("sagemaker").describe_processing_job(ProcessingJobName=job)
    return int(told["Environment"]["BESTIARY_WINDOW_HOURS"])
