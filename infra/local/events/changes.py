"""Events of what changes in the account, in AWS's words, made within the change that they tell of.

https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from infra.local import projection
from infra.local.alarms.alarms import KIND as ALARM
from infra.local.alarms.wording import stamp
from infra.local.hosting.records import ENDPOINT
from infra.local.jobs.records import PROCESSING, STATUS, TRAINING, TRANSFORM, TYPE
from infra.local.pipeline.records import EXECUTION, RUNNING
from infra.local.registry import PACKAGE

if TYPE_CHECKING:
    from infra.local.events.bus import Bus
    from infra.local.store import Store

Record = dict[str, Any]


def watch(store: Store, bus: Bus) -> None:
    """Let a bus hear of changed records from now on."""
    for kind in (TRAINING, PROCESSING, TRANSFORM):
        store.watch(kind, partial(_job, bus, kind))
    store.watch(EXECUTION, partial(_execution, bus))
    store.watch(PACKAGE, partial(_package, bus))
    store.watch(ENDPOINT, partial(_endpoint, bus))
    store.watch(ALARM, partial(_alarm, bus))


def _changed(before: Record | None, after: Record, member: str) -> bool:
    return (before or {}).get(member) != after.get(member)


def _job(bus: Bus, kind: str, before: Record | None, after: Record) -> None:
    if _changed(before, after, STATUS[kind]):
        detail = projection.described(f"Describe{TYPE[kind]}Job", after)
        bus.publish(
            f"SageMaker {TYPE[kind]} Job State Change",
            "aws.sagemaker",
            [after[f"{TYPE[kind]}JobArn"]],
            _milliseconds(detail),
        )


def _execution(bus: Bus, before: Record | None, after: Record) -> None:
    status = "PipelineExecutionStatus"
    if not _changed(before, after, status):
        return
    detail = {
        "pipelineArn": after["PipelineArn"],
        "pipelineExecutionArn": after["PipelineExecutionArn"],
        "pipelineExecutionDisplayName": after.get("PipelineExecutionDisplayName"),
        "pipelineExecutionDescription": after.get("PipelineExecutionDescription"),
        "previousPipelineExecutionStatus": before[status] if before else None,
        "currentPipelineExecutionStatus": after[status],
        "executionStartTime": _iso(after["CreationTime"]),
        "executionEndTime": None if after[status] in RUNNING else _iso(after["LastModifiedTime"]),
    }
    bus.publish(
        "SageMaker Model Building Pipeline Execution Status Change",
        "aws.sagemaker",
        [after["PipelineArn"], after["PipelineExecutionArn"]],
        {name: value for name, value in detail.items() if value is not None},
    )


def _package(bus: Bus, before: Record | None, after: Record) -> None:
    if _changed(before, after, "ModelPackageStatus") or _changed(before, after, "ModelApprovalStatus"):
        detail = _milliseconds(projection.described("DescribeModelPackage", after))
        bus.publish(
            "SageMaker Model Package State Change", "aws.sagemaker", [after["ModelPackageArn"]], detail
        )


def _endpoint(bus: Bus, before: Record | None, after: Record) -> None:
    detail = _milliseconds(projection.described("DescribeEndpoint", after))
    detail["EndpointStatus"] = _shouted(after["EndpointStatus"])
    arns = [after["EndpointArn"]]
    if _changed(before, after, "EndpointStatus"):
        bus.publish("SageMaker Endpoint State Change", "aws.sagemaker", arns, detail)
    moved = _changed(before, after, "EndpointStatus") or _changed(before, after, "PendingDeploymentSummary")
    if before and moved:
        bus.publish("SageMaker Endpoint Deployment State Change", "aws.sagemaker", arns, detail)


def _alarm(bus: Bus, before: Record | None, after: Record) -> None:
    if before is None or not _changed(before, after, "StateValue"):
        return
    detail = {
        "alarmName": after["AlarmName"],
        "state": _state(after),
        "previousState": _state(before),
        "configuration": {"description": after.get("AlarmDescription", ""), "metrics": _metrics(after)},
    }
    bus.publish("CloudWatch Alarm State Change", "aws.cloudwatch", [after["AlarmArn"]], detail)


def _state(alarm: Record) -> Record:
    return {
        "value": alarm["StateValue"],
        "reason": alarm["StateReason"],
        "reasonData": alarm.get("StateReasonData", "{}"),
        "timestamp": stamp(alarm["StateUpdatedTimestamp"]),
    }


def _metrics(alarm: Record) -> list[Record]:
    if "Metrics" in alarm:
        return [
            {
                "id": each["Id"],
                "returnData": each.get("ReturnData", True),
                **({"expression": each["Expression"]} if "Expression" in each else {}),
                **({"metricStat": _stat(each["MetricStat"])} if "MetricStat" in each else {}),
            }
            for each in alarm["Metrics"]
        ]
    named = {
        "Metric": {name: alarm.get(name) for name in ("Namespace", "MetricName", "Dimensions")},
        "Period": alarm["Period"],
        "Stat": alarm.get("Statistic") or alarm.get("ExtendedStatistic"),
    }
    return [{"id": "m1", "returnData": True, "metricStat": _stat(named)}]


def _stat(stat: Record) -> Record:
    metric = stat["Metric"]
    return {
        "metric": {
            "namespace": metric["Namespace"],
            "name": metric["MetricName"],
            "dimensions": {each["Name"]: each["Value"] for each in metric.get("Dimensions") or ()},
        },
        "period": stat["Period"],
        "stat": stat["Stat"],
    }


def _milliseconds(value: Any) -> Any:  # noqa: ANN401 - any part of a record
    """Write moments as SageMaker's events have them: milliseconds since 1970."""
    if isinstance(value, datetime):
        return int(value.timestamp() * 1000)
    if isinstance(value, dict):
        return {name: _milliseconds(item) for name, item in value.items() if item is not None}
    return [_milliseconds(item) for item in value] if isinstance(value, list) else value


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _shouted(status: str) -> str:
    """Write an endpoint's status as events do: ``InService`` is ``IN_SERVICE``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", status).upper()
