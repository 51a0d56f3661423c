"""How things stand, for one screen: what serves, what the monitor says, what rings, what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pipelines import executions
from pipelines.deployment import endpoint as endpoints
from pipelines.deployment.endpoint import VARIANT
from pipelines.monitoring import checks
from pipelines.monitoring.programs import QUALITY
from pipelines.names import CLASSIFIER
from pipelines.scheduling import overview

if TYPE_CHECKING:
    from pipelines.executions import Execution
    from pipelines.monitoring.checks import Check
    from pipelines.place import Place
    from pipelines.scheduling.overview import Planned

HOURS = 24
_OF_THE_ACCOUNT = ["dead-letters-of-bestiary", "idle-endpoint-of-bestiary"]
"""Alarms that come with the account, and tell people by themselves."""
_METRICS = {
    "requests": "Invocations",
    "refused": "Invocation4XXErrors",
    "errors": "Invocation5XXErrors",
}


@dataclass(frozen=True)
class Alarm:
    """One of Bestiary's alarms.

    Attributes
    ----------
    name, state, reason
        In CloudWatch's words.
    what
        What it means and what to do, in ours.
    since
        When it took that state.
    """

    name: str
    state: str
    reason: str
    since: datetime
    what: str


@dataclass(frozen=True)
class Standing:
    """One screen.

    Attributes
    ----------
    live
        The version that answers, ``None`` where none does.
    endpoint
        SageMaker's word for the endpoint, empty where there is none.
    traffic
        Requests, refused ones and errors of the last `HOURS`.
    check
        What the monitor found last.
    quality
        What the labels said last.
    alarms
        All of Bestiary's.
    planned
        What happens by itself.
    training
        The newest run of the training pipeline.
    reason
        Why that was started: ``by hand``, ``on schedule`` or ``drift``; empty where there is none.
    """

    live: int | None
    endpoint: str
    traffic: dict[str, int]
    check: Check | None
    quality: Check | None
    alarms: tuple[Alarm, ...]
    planned: tuple[Planned, ...]
    training: Execution | None
    reason: str


def read(place: Place) -> Standing:
    """Look at all of it."""
    endpoint = endpoints.describe(place)
    training = next(iter(executions.latest(place, 1)), None)
    return Standing(
        live=endpoints.live_version(place),
        endpoint=endpoint.status if endpoint else "",
        traffic=_traffic(place),
        check=checks.latest(place),
        quality=checks.latest(place, QUALITY),
        alarms=_alarms(place),
        planned=tuple(overview.read(place)),
        training=training,
        reason=executions.parameters(place, training.arn).get("Reason", "by hand") if training else "",
    )


def _traffic(place: Place) -> dict[str, int]:
    now = datetime.now(UTC)
    dimensions = [{"Name": "EndpointName", "Value": CLASSIFIER}, {"Name": "VariantName", "Value": VARIANT}]
    queries = [
        {
            "Id": name,
            "MetricStat": {
                "Metric": {"Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": dimensions},
                "Period": 3600,
                "Stat": "Sum",
            },
        }
        for name, metric in _METRICS.items()
    ]
    told: Any = place.client("cloudwatch").get_metric_data(
        MetricDataQueries=queries, StartTime=now - timedelta(hours=HOURS), EndTime=now + timedelta(hours=1)
    )
    found = {each["Id"]: sum(each["Values"]) for each in told["MetricDataResults"]}
    return {name: int(found.get(name, 0)) for name in _METRICS}


def _alarms(place: Place) -> tuple[Alarm, ...]:
    paginator = place.client("cloudwatch").get_paginator("describe_alarms")
    pages = [
        *paginator.paginate(AlarmNamePrefix="bestiary-"),
        *paginator.paginate(AlarmNames=_OF_THE_ACCOUNT),
    ]
    return tuple(
        Alarm(
            each["AlarmName"],
            each["StateValue"],
            each["StateReason"],
            each["StateUpdatedTimestamp"],
            each.get("AlarmDescription", ""),
        )
        for page in pages
        for each in page["MetricAlarms"]
    )
