"""Monitoring schedules: jobs by the clock, in Model Monitor's contract, with statuses from their messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hosting_world import Endpoints, capture, variant
from job_world import BUCKET, ROLE, World

from infra.local import images
from infra.local.errors import AwsError

pytest_plugins = ("world_fixture",)

PROGRAM = """
import json, os, pathlib
given = dict(os.environ)
source, output = pathlib.Path(given["dataset_source"]), pathlib.Path(given["output_path"])
lines = [json.loads(line) for file in source.rglob("*.jsonl") for line in file.open()]
said = {
    "times": [line["eventMetadata"]["inferenceTime"] for line in lines],
    "files": sorted(file.relative_to(source).as_posix() for file in source.rglob("*.jsonl")),
    "baseline": json.loads(pathlib.Path(given["baseline_statistics"]).read_text()),
    "environment": {name: given.get(name) for name in
                    ("start_time", "end_time", "sagemaker_endpoint_name", "dataset_format",
                     "sagemaker_monitoring_schedule_name", "publish_cloudwatch_metrics", "EXTRA")},
}
(output / "statistics.json").write_text(json.dumps(said))
base = pathlib.Path(given["SAGEMAKER_BASE_DIR"]) / "output"
if given.get("FAILS"):
    (base / "message").write_text("the baseline is of another model")
    raise SystemExit(1)
folder = base / "metrics" / "cloudwatch"
folder.mkdir(parents=True, exist_ok=True)
names = [{"Name": "Endpoint", "Value": given["sagemaker_endpoint_name"]}]
around = {"Timestamp": given["end_time"], "Dimensions": names}
spread = {"SampleCount": 2, "Sum": 3, "Minimum": 1, "Maximum": 2}
(folder / "found.jsonl").write_text(
    json.dumps({"MetricName": "violations", "Value": 2, "Unit": "Count", **around}) + "\\n"
    + json.dumps({"MetricName": "sharpness", "StatisticValues": spread, **around}) + "\\nno metric\\n")
if given.get("VIOLATES"):
    (base / "message").write_text("CompletedWithViolations: Job completed successfully with 2 violations.")
"""


@pytest.fixture(scope="module")
def endpoint(world: World, tmp_path_factory: pytest.TempPathFactory) -> Endpoints:
    """Make an endpoint that captures all it is asked."""
    toys = Endpoints(world, tmp_path_factory.mktemp("toys"))
    toys.model("zoo")
    toys.config("zoo", variant("zoo"), DataCaptureConfig=capture("captures", "Input", "Output"))
    toys.create("zoo", "zoo")
    return toys


@pytest.fixture
def monitored(world: World, endpoint: Endpoints) -> Iterator[World]:
    """Take away the schedules that a test makes."""
    yield world
    for each in world.call("ListMonitoringSchedules")["MonitoringScheduleSummaries"]:
        name = each["MonitoringScheduleName"]
        world.until(lambda name=name: _settled(world, name))
        world.call("DeleteMonitoringSchedule", MonitoringScheduleName=name)


def _image(world: World) -> str:
    package = world.account.home / "toy" / "toy_monitor"
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(PROGRAM)
    return images.push(world.account.home, "toy-monitor", package.parent, ("toy_monitor",))


def _definition(world: World, **environment: str) -> dict[str, Any]:
    baseline = world.put("baseline/statistics.json", '{"usual": 1}')
    return {
        "BaselineConfig": {"StatisticsResource": {"S3Uri": baseline}},
        "MonitoringInputs": [
            {"EndpointInput": {"EndpointName": "zoo", "LocalPath": "/opt/ml/processing/input/endpoint"}}
        ],
        "MonitoringOutputConfig": {
            "MonitoringOutputs": [
                {
                    "S3Output": {
                        "S3Uri": f"s3://{BUCKET}/monitoring",
                        "LocalPath": "/opt/ml/processing/output",
                    }
                }
            ]
        },
        "MonitoringResources": {
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
        },
        "MonitoringAppSpecification": {
            "ImageUri": _image(world),
            "ContainerEntrypoint": ["python", "-m", "toy_monitor"],
        },
        "Environment": {"EXTRA": "yes", **environment},
        "RoleArn": ROLE,
    }


def _create(world: World, name: str, definition: dict[str, Any], cron: str = "cron(0 * ? * * *)") -> None:
    schedule = {"ScheduleExpression": cron}
    if cron == "NOW":
        schedule |= {"DataAnalysisStartTime": "-PT1H", "DataAnalysisEndTime": "-PT0H"}
    world.call(
        "CreateMonitoringSchedule",
        MonitoringScheduleName=name,
        MonitoringScheduleConfig={"ScheduleConfig": schedule, "MonitoringJobDefinition": definition},
    )


def _executions(world: World, name: str) -> list[dict[str, Any]]:
    found = world.call("ListMonitoringExecutions", MonitoringScheduleName=name)
    listed: list[dict[str, Any]] = found["MonitoringExecutionSummaries"]
    return listed


def _settled(world: World, name: str) -> bool:
    return all(
        each["MonitoringExecutionStatus"] not in {"Pending", "InProgress"}
        for each in _executions(world, name)
    )


def _next_hour(world: World) -> str:
    """Move past the next full hour and name it."""
    now = world.account.clock.now()
    hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    world.account.clock.advance(hour - now + timedelta(seconds=1))
    return f"{hour:%Y-%m-%dT%H:00:00Z}"


def _ended(world: World, name: str, count: int = 1) -> list[dict[str, Any]]:
    world.until(lambda: len(_executions(world, name)) == count and _settled(world, name))
    return _executions(world, name)


def test_an_hours_captures_reach_the_container_by_the_contract(monitored: World, endpoint: Endpoints) -> None:
    """What was asked just before the hour is there, with window, baseline and names; results are in S3."""
    _create(monitored, "hourly", _definition(monitored))
    for _ in range(3):
        endpoint.ask("zoo", b"bear", ContentType="text/plain")
    hour = _next_hour(monitored)
    (execution,) = _ended(monitored, "hourly")
    assert ("Completed", "zoo") == (execution["MonitoringExecutionStatus"], execution["EndpointName"])
    (key,) = monitored.keys("monitoring/zoo/hourly/")
    said = json.loads(monitored.read(f"monitoring/zoo/hourly/{key}"))
    assert 3 == len(said["times"])
    assert all(file.startswith("zoo/AllTraffic/20") for file in said["files"])
    assert {"usual": 1} == said["baseline"]
    environment = said["environment"]
    assert hour == environment["end_time"] > environment["start_time"]
    assert ("zoo", "hourly", "Enabled", "yes") == tuple(
        environment[name]
        for name in (
            *("sagemaker_endpoint_name", "sagemaker_monitoring_schedule_name"),
            *("publish_cloudwatch_metrics", "EXTRA"),
        )
    )
    job = execution["ProcessingJobArn"].rpartition("/")[2]
    described = monitored.call("DescribeProcessingJob", ProcessingJobName=job)
    assert described["MonitoringScheduleArn"].endswith("monitoring-schedule/hourly")


def test_the_message_makes_the_status_and_files_make_metrics(monitored: World, endpoint: Endpoints) -> None:
    """CompletedWithViolations in the message is the status; a line that is no metric does no harm."""
    endpoint.ask("zoo", b"bear")
    _create(monitored, "drifted", _definition(monitored, VIOLATES="1"), "NOW")
    (execution,) = _ended(monitored, "drifted")
    assert "CompletedWithViolations" == execution["MonitoringExecutionStatus"]
    last = monitored.call("DescribeMonitoringSchedule", MonitoringScheduleName="drifted")
    assert execution == last["LastMonitoringExecutionSummary"]
    now = monitored.account.clock.now()
    found = monitored.client("cloudwatch").get_metric_statistics(
        Namespace="/aws/sagemaker/Endpoint/data-metrics",
        MetricName="sharpness",
        Dimensions=[{"Name": "Endpoint", "Value": "zoo"}],
        StartTime=now - timedelta(hours=2),
        EndTime=now + timedelta(hours=1),
        Period=3600 * 3,
        Statistics=["Maximum", "SampleCount"],
    )["Datapoints"]
    assert 2.0 == found[0]["Maximum"]


def test_executions_with_violations_raise_the_schedule_s_alert(monitored: World, endpoint: Endpoints) -> None:
    """At once, or as many of the last ones as it was told; what it went through is remembered."""
    which = {"MonitoringScheduleName": "alerting"}
    _create(monitored, "alerting", _definition(monitored, VIOLATES="1"))
    for hour in (1, 2):
        endpoint.ask("zoo", b"bear")
        _next_hour(monitored)
        _ended(monitored, "alerting", hour)
        (alert,) = monitored.call("ListMonitoringAlerts", **which)["MonitoringAlertSummaries"]
        assert "InAlert" == alert["AlertStatus"]
        told = which | {"MonitoringAlertName": alert["MonitoringAlertName"]}
        monitored.call("UpdateMonitoringAlert", **told, DatapointsToAlert=2, EvaluationPeriod=2)
    definition = _definition(monitored)
    schedule = {"ScheduleExpression": "cron(0 * ? * * *)"}
    config = {"ScheduleConfig": schedule, "MonitoringJobDefinition": definition}
    monitored.call("UpdateMonitoringSchedule", **which, MonitoringScheduleConfig=config)
    endpoint.ask("zoo", b"bear")
    _next_hour(monitored)
    _ended(monitored, "alerting", 3)
    history = monitored.call("ListMonitoringAlertHistory", **which)["MonitoringAlertHistory"]
    assert ["OK", "InAlert"] == [each["AlertStatus"] for each in history]
    assert 1 == len(monitored.call("ListMonitoringAlertHistory", StatusEquals="OK")["MonitoringAlertHistory"])
    with pytest.raises(AwsError, match="must not be greater"):
        monitored.call("UpdateMonitoringAlert", **told, DatapointsToAlert=3, EvaluationPeriod=2)


def test_a_job_that_fails_says_why(monitored: World, endpoint: Endpoints) -> None:
    """Its message is the reason."""
    endpoint.ask("zoo", b"bear")
    _create(monitored, "fails", _definition(monitored, FAILS="1"), "NOW")
    (execution,) = _ended(monitored, "fails")
    assert "Failed" == execution["MonitoringExecutionStatus"]
    assert "the baseline is of another model" in execution["FailureReason"]


def test_an_hour_in_which_nobody_asked_fails_without_a_job(monitored: World) -> None:
    """As Model Monitor words it; and a clock that leaps over hours runs the last one."""
    monitored.account.clock.advance(timedelta(hours=3))
    _create(monitored, "idle", _definition(monitored))
    monitored.account.clock.advance(timedelta(hours=3))
    (execution,) = _ended(monitored, "idle")
    assert ("Failed", "Job inputs had no data") == (
        execution["MonitoringExecutionStatus"],
        execution["FailureReason"],
    )
    assert "ProcessingJobArn" not in execution


def test_a_stopped_schedule_runs_nothing_and_goes_on_when_started(monitored: World) -> None:
    """What it missed stays missed."""
    which = {"MonitoringScheduleName": "paused"}
    _create(monitored, "paused", _definition(monitored))
    monitored.call("StopMonitoringSchedule", **which)
    assert "Stopped" == monitored.call("DescribeMonitoringSchedule", **which)["MonitoringScheduleStatus"]
    _next_hour(monitored)
    monitored.account.monitor.tick()
    assert [] == _executions(monitored, "paused")
    monitored.call("StartMonitoringSchedule", **which)
    monitored.account.monitor.tick()
    assert [] == _executions(monitored, "paused")
    _next_hour(monitored)
    assert 1 == len(_ended(monitored, "paused"))


def test_a_definition_of_its_own_serves_a_schedule(monitored: World, endpoint: Endpoints) -> None:
    """Data quality job definitions: made, tagged, listed, used by name, and not deleted unseen."""
    tags = [{"Key": "project", "Value": "bestiary"}]
    within = _definition(monitored)
    program = {**within["MonitoringAppSpecification"], "Environment": within["Environment"]}
    definition = monitored.call(
        "CreateDataQualityJobDefinition",
        JobDefinitionName="quality",
        DataQualityBaselineConfig=within["BaselineConfig"],
        DataQualityAppSpecification=program,
        DataQualityJobInput=within["MonitoringInputs"][0],
        DataQualityJobOutputConfig=within["MonitoringOutputConfig"],
        JobResources=within["MonitoringResources"],
        RoleArn=ROLE,
        Tags=tags,
    )
    (listed,) = monitored.call("ListDataQualityJobDefinitions")["JobDefinitionSummaries"]
    assert "zoo" == listed["EndpointName"]
    config = {
        "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
        "MonitoringJobDefinitionName": "quality",
        "MonitoringType": "DataQuality",
    }
    schedule = monitored.call(
        "CreateMonitoringSchedule",
        MonitoringScheduleName="by-name",
        MonitoringScheduleConfig=config,
        Tags=tags,
    )
    for arn in (definition["JobDefinitionArn"], schedule["MonitoringScheduleArn"]):
        assert tags == monitored.call("ListTags", ResourceArn=arn)["Tags"]
    endpoint.ask("zoo", b"bear")
    _next_hour(monitored)
    (execution,) = _ended(monitored, "by-name")
    assert ("Completed", "quality") == (
        execution["MonitoringExecutionStatus"],
        execution["MonitoringJobDefinitionName"],
    )
    monitored.call("DeleteDataQualityJobDefinition", JobDefinitionName="quality")


@pytest.mark.parametrize(
    "cron", ["cron(30 * ? * * *)", "cron(0 9 ? * MON *)", "rate(1 hour)", "cron(0 25 ? * * *)"]
)
def test_schedules_that_model_monitor_has_not_are_refused(monitored: World, cron: str) -> None:
    """Hourly, daily and every so many hours is all there is."""
    with pytest.raises(ClientError, match=r"hourly, daily|Bad hour"):
        monitored.client("sagemaker").create_monitoring_schedule(
            MonitoringScheduleName="bad",
            MonitoringScheduleConfig={
                "ScheduleConfig": {"ScheduleExpression": cron},
                "MonitoringJobDefinition": _definition(monitored),
            },
        )
