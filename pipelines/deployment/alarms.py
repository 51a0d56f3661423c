"""The alarms that take an update back: errors, and answers that come too late.

What is too late comes from how the endpoint did in the hour before: a busy endpoint is compared with itself.
https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipelines.deployment.endpoint import VARIANT
from pipelines.deployment.requests import Call
from pipelines.errors import OperatorError
from pipelines.place import reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pipelines.deployment.served import Served
    from pipelines.place import Place

_NAMESPACE = "AWS/SageMaker"
ERROR_SHARE = 0.01
"""More than one request in a hundred that the model failed to answer."""
SLOWER = {"latency": ("p99", 4, "a hundred"), "slow": ("p95", 2.5, "twenty")}
"""Alarms on latency: a percentile of more than so many times its usual. Where a canary gets a tenth of the
traffic, the p99 of all is its slow answers, which a neighbour may double, and the p95 its usual ones."""
FASTEST_MICROSECONDS = 150_000
"""No alarm below this: with small figures a busy neighbour is enough to multiply them."""
UNKNOWN_MICROSECONDS = 5_000_000
"""The limit of an endpoint that nobody asked anything in the hour before."""
_LEAST_REQUESTS = 20
_VERSION = re.compile(r"^Version \d+ ")
_MEMBERS = (
    *("AlarmName", "Metrics", "EvaluationPeriods"),
    *("Threshold", "ComparisonOperator", "TreatMissingData"),
)
"""What makes these alarms, but for what they say."""
_POLL_SECONDS = 1.0


def usual_latency(place: Place, served: Served) -> Mapping[str, float] | None:
    """Read from CloudWatch how long the model took in the last hour.

    Returns
    -------
    Mapping or None
        Microseconds by percentile: the median of the minutes', or the p50 of the last two minutes where that
        is more; a bad version that had a part of the traffic for a moment moves neither. ``None`` where it
        was hardly asked.
    """
    names = [percentile for percentile, _, _ in SLOWER.values()]
    *tails, p50, asked = _minutes(place, served, *names, "p50", "SampleCount")
    if sum(asked.values()) < _LEAST_REQUESTS:
        return None
    lately = [value for minute, value in p50.items() if minute > datetime.now(UTC) - timedelta(minutes=2)]
    return {name: max(median(tail.values()), *lately, 0.0) for name, tail in zip(names, tails, strict=True)}


def _minutes(place: Place, served: Served, *statistics: str) -> list[dict[datetime, float]]:
    now = datetime.now(UTC)
    queries = [
        _query(served, f"m{number}", "ModelLatency", 60, statistic)
        for number, statistic in enumerate(statistics)
    ]
    try:
        answer = place.client("cloudwatch").get_metric_data(
            MetricDataQueries=queries, StartTime=now - timedelta(hours=1), EndTime=now
        )
    except ClientError as error:
        raise OperatorError(reason(error)) from None
    found = {one["Id"]: one for one in answer["MetricDataResults"]}
    return [
        dict(zip(found[query["Id"]]["Timestamps"], found[query["Id"]]["Values"], strict=True))
        for query in queries
    ]


def put_alarms(
    served: Served, version: int, usually: Mapping[str, float] | None, period: int
) -> tuple[Call, ...]:
    """Requests of the alarms.

    Parameters
    ----------
    served
        Of which endpoint.
    version
        The version that it is to serve.
    usually
        From `usual_latency`.
    period
        Seconds over which the metrics are taken.
    """
    # Photos that are none are refused with 4xx, and are not the model's fault; connections that break and
    # answers that never come are counted as model errors alone.
    errors = [
        _query(served, "failed", "InvocationModelErrors", period, "Average", shown=False),
        _query(served, "refused", "Invocation4XXErrors", period, "Average", shown=False),
        {"Id": "share", "Expression": "failed - refused", "Label": "share of requests", "ReturnData": True},
    ]
    known = {"errors": ("fails to answer more than one request in a hundred", errors, ERROR_SHARE)}
    for alarm, (percentile, times, answers) in SLOWER.items():
        limit = UNKNOWN_MICROSECONDS
        if usually is not None:
            limit = max(FASTEST_MICROSECONDS, round(times * usually[percentile]))
        late = f"takes over {limit / 1000:.0f} ms for one answer in {answers}"
        known[alarm] = (late, [_query(served, "latency", "ModelLatency", period, percentile)], float(limit))
    return tuple(
        _put(name, _told(served, version, known[alarm][0]), *known[alarm][1:])
        for name, alarm in zip(served.alarm_names, served.alarms, strict=True)
    )


def name_version(place: Place, served: Served, version: int) -> None:
    """Let the alarms name the version that serves now: after a rollback that is not the one of the deploy."""
    names = list(served.alarm_names)
    if not names:  # CloudWatch would tell of all there are
        return
    cloudwatch = place.client("cloudwatch")
    for alarm in cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]:
        told = _VERSION.sub(f"Version {version} ", alarm.get("AlarmDescription", ""))
        if told != alarm.get("AlarmDescription", ""):
            kept = {member: alarm[member] for member in _MEMBERS if member in alarm}
            cloudwatch.put_metric_alarm(**kept | {"AlarmDescription": told})


def _told(served: Served, version: int, what: str) -> str:
    back = f"bestiary rollback{served.option}"
    return f"Version {version} of {served.endpoint} {what}. Next: bestiary status, and {back} to go back"


def _query(  # noqa: PLR0913 - what a metric's statistic is named by
    served: Served, name: str, metric: str, period: int, statistic: str, *, shown: bool = True
) -> dict[str, Any]:
    dimensions = [
        {"Name": "EndpointName", "Value": served.endpoint},
        {"Name": "VariantName", "Value": VARIANT},
    ]
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {"Namespace": _NAMESPACE, "MetricName": metric, "Dimensions": dimensions},
            "Period": period,
            "Stat": statistic,
        },
        "ReturnData": shown,
    }


def _put(name: str, description: str, metrics: list[dict[str, Any]], limit: float) -> Call:
    return Call(
        "cloudwatch",
        "put_metric_alarm",
        {
            "AlarmName": name,
            "AlarmDescription": description,
            "Metrics": metrics,
            "EvaluationPeriods": 1,
            "Threshold": limit,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            "Tags": [{"Key": "project", "Value": "bestiary"}],
        },
    )


def ring(name: str, why: str) -> Call:
    """Request that puts an alarm into ALARM until it is evaluated again."""
    request = {"AlarmName": name, "StateValue": "ALARM", "StateReason": why[:1023]}
    return Call("cloudwatch", "set_alarm_state", request)


def wait_until_quiet(
    place: Place, served: Served, seconds: float, say: Callable[[str], None]
) -> dict[str, str]:
    """Wait until none of the alarms is in ALARM, or so many seconds.

    Returns
    -------
    dict
        Those that still are, with CloudWatch's reasons.
    """
    rings = ringing(place, served.alarm_names)
    if rings and seconds:
        say(f"{' and '.join(rings)} still in ALARM: waiting up to {seconds:.0f} s until it is over")
    deadline = time.monotonic() + seconds
    while rings and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        rings = ringing(place, served.alarm_names)
    return rings


def ringing(place: Place, names: Sequence[str]) -> dict[str, str]:
    """Return the alarms that are in ALARM, each with CloudWatch's reason."""
    if not names:  # CloudWatch would tell of all there are
        return {}
    told = place.client("cloudwatch").describe_alarms(AlarmNames=list(names), StateValue="ALARM")
    return {alarm["AlarmName"]: alarm.get("StateReason", "") for alarm in told.get("MetricAlarms", [])}
