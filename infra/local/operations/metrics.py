"""Metrics: put data points, list metrics, read statistics and percentiles."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra.local import metric_math
from infra.local.errors import AwsError
from infra.local.listing import cut
from infra.local.metric import Metric
from infra.local.operations import operation
from infra.local.summary import Summary, check_statistic

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.operations import Document

_PAGE = 500
_MOST_POINTS = 1440


@operation("cloudwatch", "PutMetricData")
def put(account: Account, request: Document) -> None:
    """Take data points: single values, values with counts, or statistic sets."""
    namespace = request["Namespace"]
    taken = [
        (_metric(namespace, datum), datum, _summary(number, datum))
        for number, datum in enumerate(request.get("MetricData", []), start=1)
    ]
    for metric, datum, summary in taken:
        account.metrics.put_set(
            metric, datum.get("Unit", "None"), datum.get("Timestamp"), summary, lasting=True
        )


@operation("cloudwatch", "ListMetrics")
def list_(account: Account, request: Document) -> Document:
    """List metrics that had data in the last fifteen days."""
    wanted = [(each["Name"], each.get("Value")) for each in request.get("Dimensions", [])]
    found = [
        metric
        for metric in account.metrics.names()
        if request.get("Namespace", metric.namespace) == metric.namespace
        and request.get("MetricName", metric.name) == metric.name
        and all(_has(metric, name, value) for name, value in wanted)
    ]
    shown, token = cut(found, request, _sortable, descending=False, size=_PAGE)
    return {"Metrics": [_document(metric) for metric in shown], "NextToken": token}


@operation("cloudwatch", "GetMetricStatistics")
def statistics(account: Account, request: Document) -> Document:
    """Read one metric by periods."""
    simple, extended = request.get("Statistics", []), request.get("ExtendedStatistics", [])
    if not (simple or extended):
        raise AwsError("InvalidParameterCombination", "Must specify either Statistics or ExtendedStatistics")
    for name in [*simple, *extended]:
        _check(name)
    found = _read(account, request, request, request["Namespace"])
    if len(found) > _MOST_POINTS:
        raise AwsError(
            "InvalidParameterCombination",
            f"You have requested up to {len(found)} datapoints, which exceeds the limit of {_MOST_POINTS}. "
            "You may reduce the datapoints requested by increasing Period, or decreasing the time range.",
        )
    points = [
        {
            "Timestamp": datetime.fromtimestamp(second, UTC),
            "Unit": request.get("Unit", "None"),
            **{name: summary.statistic(name) for name in simple},
            "ExtendedStatistics": {name: summary.statistic(name) for name in extended} or None,
        }
        for second, summary in found.items()
    ]
    return {"Label": request["MetricName"], "Datapoints": points}


@operation("cloudwatch", "GetMetricData")
def data(account: Account, request: Document) -> Document:
    """Read several metrics by periods, and work out expressions over them."""
    queries = request["MetricDataQueries"]
    columns: dict[str, dict[int, float]] = {}
    for query in queries:
        if "MetricStat" in query:
            columns[query["Id"]] = _column(account, request, query["MetricStat"])
    for query in queries:
        if "MetricStat" not in query:
            columns[query["Id"]] = _worked_out(query.get("Expression", ""), columns)
    newest_first = request.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    return {
        "MetricDataResults": [
            _result(query, columns[query["Id"]], newest_first=newest_first)
            for query in queries
            if query.get("ReturnData", True)
        ]
    }


def _column(account: Account, request: Document, stat: Document) -> dict[int, float]:
    _check(stat["Stat"])
    for needed in ("Namespace", "MetricName"):
        if needed not in stat["Metric"]:
            raise _invalid(f"The parameter MetricStat.Metric.{needed} is required.")
    asked = {**stat["Metric"], **{name: request[name] for name in ("StartTime", "EndTime")}, **stat}
    found = _read(account, asked, stat["Metric"], stat["Metric"]["Namespace"])
    return {second: summary.statistic(stat["Stat"]) for second, summary in found.items()}


def _worked_out(expression: str, columns: dict[str, dict[int, float]]) -> dict[int, float]:
    try:
        tree = metric_math.parse(expression)
    except ValueError as error:
        raise _invalid(str(error)) from None
    if unknown := metric_math.ids(tree) - columns.keys():
        raise _invalid(f"The expression {expression} speaks of {', '.join(sorted(unknown))}, which is no Id.")
    seconds = sorted({second for name in metric_math.ids(tree) for second in columns[name]})
    rows = {second: {name: points.get(second) for name, points in columns.items()} for second in seconds}
    found = {second: metric_math.value(tree, row) for second, row in rows.items()}
    return {second: value for second, value in found.items() if value is not None}


def _result(query: Document, column: dict[int, float], *, newest_first: bool) -> Document:
    seconds = sorted(column, reverse=newest_first)
    stat = query.get("MetricStat")
    default = f"{stat['Metric']['MetricName']} {stat['Stat']}" if stat else query["Id"]
    return {
        "Id": query["Id"],
        "Label": query.get("Label", default),
        "Timestamps": [datetime.fromtimestamp(second, UTC) for second in seconds],
        "Values": [column[second] for second in seconds],
        "StatusCode": "Complete",
    }


def _read(account: Account, asked: Document, named: Document, namespace: str) -> dict[int, Summary]:
    start, end = asked["StartTime"], asked["EndTime"]
    if start >= end:
        raise _invalid("The parameter StartTime must be less than the parameter EndTime.")
    period = asked["Period"]
    return account.metrics.read(_metric(namespace, named), start, end, period, unit=asked.get("Unit"))


def _metric(namespace: str, named: Document) -> Metric:
    dimensions = {each["Name"]: each["Value"] for each in named.get("Dimensions", [])}
    return Metric.of(namespace, named["MetricName"], dimensions)


def _summary(number: int, datum: Document) -> Summary:
    summary = Summary()
    if given := datum.get("StatisticValues"):
        count, total = given["SampleCount"], given["Sum"]
        if not count > 0 or not all(map(math.isfinite, given.values())):
            raise _invalid(f"MetricData.member.{number}.StatisticValues must be finite, SampleCount above 0.")
        summary.take(count, total, given["Minimum"], given["Maximum"])
        summary.values[total / count] = count
        return summary
    values = datum.get("Values") or [datum.get("Value", math.nan)]
    counts = datum.get("Counts") or [1.0] * len(values)
    if len(counts) != len(values):
        raise _invalid(f"MetricData.member.{number}: Values and Counts must be of the same size.")
    for value, times in zip(values, counts, strict=True):
        if not math.isfinite(value):
            raise _invalid(f"The value {value} for parameter MetricData.member.{number}.Value is invalid.")
        summary.add(value, times)
    return summary


def _has(metric: Metric, name: str, value: str | None) -> bool:
    return any(name == known and value in {None, given} for known, given in metric.dimensions)


def _document(metric: Metric) -> Document:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    return {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}


def _sortable(metric: Metric) -> tuple[str, ...]:
    return metric.namespace, metric.name, *(text for pair in metric.dimensions for text in pair)


def _check(name: str) -> None:
    try:
        check_statistic(name)
    except ValueError as error:
        raise _invalid(str(error)) from None


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValue", message)
