"""The processing job of one monitoring execution, in the contract of one's own monitoring container.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-containers.html
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from infra.local.errors import AwsError
from infra.local.jobs.s3_uri import S3Uri
from infra.local.monitoring.definitions import endpoint_input

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.monitoring.windows import Window

Record = dict[str, Any]

_BASELINE = "/opt/ml/processing/baseline"
_FORMAT = json.dumps({"sagemakerCaptureJson": {"captureIndexNames": ["endpointInput", "endpointOutput"]}})
_GRAINS = (("%Y/%m/%d/%H", 3600), ("%Y/%m/%d", 86_400), ("%Y/%m", 28 * 86_400), ("%Y", 365 * 86_400))
_MOST_INPUTS = 8
"""Inputs of what was captured; with the baseline's two, a processing job has ten at most."""


class NothingToMonitorError(Exception):
    """An execution fails before there is a job; the message is its ``FailureReason``."""


def request(account: Account, schedule: Record, definition: Record, window: Window, due: datetime) -> Record:
    """Write the request of CreateProcessingJob for one execution.

    Raises
    ------
    NothingToMonitorError
        Where the endpoint is gone, captures nothing, or was not asked anything.
    """
    given = endpoint_input(definition)
    captured = _captured(account, given, window)
    (output,) = definition["MonitoringOutputConfig"]["MonitoringOutputs"]
    baseline, variables = _baseline(definition.get("BaselineConfig", {}))
    name = schedule["MonitoringScheduleName"]
    return {
        "ProcessingJobName": job_name(schedule, due),
        "ProcessingInputs": [*captured, *baseline],
        "ProcessingOutputConfig": {
            "Outputs": [{"OutputName": "result", "S3Output": _output(output["S3Output"], given, name, due)}]
        },
        "ProcessingResources": definition["MonitoringResources"],
        "AppSpecification": definition["MonitoringAppSpecification"],
        "RoleArn": definition["RoleArn"],
        "Environment": {
            "dataset_format": _FORMAT,
            "dataset_source": given["LocalPath"],
            "output_path": output["S3Output"]["LocalPath"],
            "start_time": _iso(window.start),
            "end_time": _iso(window.end),
            "publish_cloudwatch_metrics": "Enabled",
            "sagemaker_endpoint_name": given["EndpointName"],
            "sagemaker_monitoring_schedule_name": name,
            "monitoring_input_type": "ENDPOINT_INPUT",
            **variables,
            **definition.get("Environment", {}),
        },
        **{
            member: definition[member]
            for member in ("NetworkConfig", "StoppingCondition")
            if member in definition
        },
    }


def job_name(schedule: Record, due: datetime) -> str:
    """Return the name that the job of one due time has, whoever starts it."""
    made = f"{schedule['MonitoringScheduleArn']} {schedule['CreationTime'].isoformat()} {due.isoformat()}"
    return f"model-monitoring-{due:%Y%m%d%H%M}-{hashlib.sha256(made.encode()).hexdigest()[:24]}"


def _captured(account: Account, given: Record, window: Window) -> list[Record]:
    name = given["EndpointName"]
    try:
        endpoint = account.call("DescribeEndpoint", {"EndpointName": name})
    except AwsError:
        raise NothingToMonitorError(f"Could not find endpoint {name}") from None
    config = endpoint.get("DataCaptureConfig")
    if config is None:
        raise NothingToMonitorError(
            f"Endpoint {name} captures no data: its configuration has no DataCaptureConfig"
        )
    if living := account.hosting.endpoint(name):
        living.flush()
    to = S3Uri.parse(config["DestinationS3Uri"])
    variants = [each["VariantName"] for each in endpoint.get("ProductionVariants", ())]
    folders = [
        (f"{variant}/{moment}", to.under(name, variant, moment))
        for variant in variants
        for moment in _moments(window, max(1, _MOST_INPUTS // len(variants)))
    ]
    found = [(below, uri) for below, uri in folders if any(account.objects.list(uri.bucket, f"{uri.key}/"))]
    if not found:
        raise NothingToMonitorError("Job inputs had no data")
    return [
        _input(f"endpoint_input_{number}", f"{uri}/", f"{given['LocalPath'].rstrip('/')}/{name}/{below}")
        for number, (below, uri) in enumerate(found, start=1)
    ]


def _moments(window: Window, most: int) -> list[str]:
    """Name the folders that a window's captures lie in, hours if they are few enough, else days or more."""
    last = window.end - timedelta(microseconds=1)
    for form, seconds in _GRAINS:
        count = int((last - window.start).total_seconds() // seconds) + 2
        moments = (min(window.start + timedelta(seconds=seconds * n), last) for n in range(count))
        named = sorted({f"{moment.astimezone(UTC):{form}}" for moment in moments})
        if len(named) <= most:
            return named
    return named[-most:]


def _baseline(config: Record) -> tuple[list[Record], Record]:
    inputs, variables = [], {}
    for member, folder, variable in (
        ("StatisticsResource", "stats", "baseline_statistics"),
        ("ConstraintsResource", "constraints", "baseline_constraints"),
    ):
        uri = config.get(member, {}).get("S3Uri")
        if uri:
            inputs.append(_input("baseline" if folder == "stats" else folder, uri, f"{_BASELINE}/{folder}"))
            variables[variable] = f"{_BASELINE}/{folder}/{uri.rpartition('/')[2]}"
    return inputs, variables


def _input(name: str, uri: str, path: str) -> Record:
    where = {"S3DataType": "S3Prefix", "S3InputMode": "File", "S3DataDistributionType": "FullyReplicated"}
    return {"InputName": name, "S3Input": {"S3Uri": uri, "LocalPath": path, **where}}


def _output(to: Record, given: Record, schedule: str, due: datetime) -> Record:
    place = S3Uri.parse(to["S3Uri"]).under(given["EndpointName"], schedule, f"{due:%Y/%m/%d/%H}")
    return {"S3UploadMode": "EndOfJob", **to, "S3Uri": str(place)}


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
