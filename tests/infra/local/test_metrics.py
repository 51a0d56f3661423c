"""CloudWatch's metrics: gathered here, read by any client."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from job_world import World

from infra.local.clock import Clock
from infra.local.metric import Metric
from infra.local.metrics import Metrics
from infra.local.store import Store
from infra.local.summary import Summary

pytest_plugins = ("world_fixture",)

NAMESPACE = "AWS/SageMaker"
WHICH = {"EndpointName": "zoo", "VariantName": "AllTraffic"}
LATENCY = Metric.of(NAMESPACE, "ModelLatency", WHICH)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(Clock())


def dimensions(of: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in of.items()]


def test_values_are_summed_up_by_period() -> None:
    """Sum, average, least, greatest, count and percentiles of each period, periods aligned."""
    base = datetime(2026, 1, 2, 3, 4, 50, tzinfo=UTC)
    metrics = Metrics(_At(base + timedelta(seconds=30)))
    for number in range(1, 21):  # one a second, over a minute's end at the 10th
        moment = base + timedelta(seconds=number - 1)
        metrics.put(NAMESPACE, "ModelLatency", number, WHICH, "Microseconds", moment)
    found = metrics.read(LATENCY, base, base + timedelta(seconds=20), 60)
    assert [0, 0] == [datetime.fromtimestamp(second, UTC).second for second in found]
    assert [10.0, 10.0] == [summary.count for summary in found.values()]
    assert [55.0, 155.0] == [summary.statistic("Sum") for summary in found.values()]
    first = next(iter(found.values()))
    assert (5.5, 1.0, 10.0) == tuple(first.statistic(name) for name in ("Average", "Minimum", "Maximum"))
    assert [5.0, 10.0] == [first.statistic(name) for name in ("p50", "p99")]


def test_percentiles_of_many_values_are_within_one_percent() -> None:
    """However many different values a second brings, what is kept is bounded."""
    clock = _At(datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
    metrics = Metrics(clock)
    for number in range(10_000):
        metrics.put(NAMESPACE, "ModelLatency", 1000 + number, WHICH, "Microseconds")
    [summary] = metrics.read(LATENCY, clock.moment, clock.moment + timedelta(seconds=1), 60).values()
    assert 10_000 == summary.count
    assert summary.statistic("p90") == pytest.approx(1000 + 9000, rel=0.0101)
    assert len(summary.values) < 300


def test_threads_lose_no_value(metrics: Metrics) -> None:
    """Many threads put at once."""

    def many() -> None:
        for _ in range(2000):
            metrics.put(NAMESPACE, "Invocations", 1, WHICH, "None")

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    now = datetime.now(UTC) + timedelta(seconds=1)
    found = metrics.read(Metric.of(NAMESPACE, "Invocations", WHICH), now - timedelta(hours=1), now, 60)
    assert 8000 == sum(summary.count for summary in found.values())


def test_old_seconds_become_minutes_and_then_go() -> None:
    """After a while a minute is one entry with the same sum; after fifteen days it is gone."""
    clock = _At(datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
    metrics = Metrics(clock)
    for number in range(60):
        metrics.put(NAMESPACE, "ModelLatency", 1.0, WHICH, "None", clock.moment + timedelta(seconds=number))
    start = clock.moment
    clock.moment += timedelta(hours=2)
    metrics.put(NAMESPACE, "Other", 1.0, {}, "None")
    found = metrics.read(LATENCY, start, clock.moment, 1)
    assert [(int(start.timestamp()), 60.0)] == [(second, summary.total) for second, summary in found.items()]
    clock.moment += timedelta(days=16)
    metrics.put(NAMESPACE, "Other", 1.0, {}, "None")
    assert ["Other"] == [metric.name for metric in metrics.names()]


def test_clients_read_what_the_endpoint_puts(world: World) -> None:
    """ListMetrics, GetMetricStatistics with percentiles, and GetMetricData with an expression."""
    cloudwatch = world.client("cloudwatch")
    for value in range(1, 101):
        world.account.metrics.put(NAMESPACE, "ModelLatency", value, WHICH, "Microseconds")
        world.account.metrics.put(NAMESPACE, "Invocations", 1, WHICH, "None")
    world.account.metrics.put(NAMESPACE, "Invocation5XXErrors", 25, WHICH, "None")
    [listed] = cloudwatch.list_metrics(Namespace=NAMESPACE, MetricName="ModelLatency")["Metrics"]
    assert dimensions(WHICH) == listed["Dimensions"]
    now = world.account.clock.now()
    asked: dict[str, Any] = {"StartTime": now - timedelta(hours=1), "EndTime": now + timedelta(hours=1)}
    [point] = cloudwatch.get_metric_statistics(
        Namespace=NAMESPACE,
        MetricName="ModelLatency",
        Dimensions=dimensions(WHICH),
        Period=86_400,
        Statistics=["Sum", "Maximum"],
        ExtendedStatistics=["p50", "p99"],
        **asked,
    )["Datapoints"]
    assert (5050.0, 100.0) == (point["Sum"], point["Maximum"])
    assert {"p50": 50.0, "p99": 99.0} == point["ExtendedStatistics"]
    queries = [
        {"Id": "errors", "MetricStat": _stat("Invocation5XXErrors"), "ReturnData": False},
        {"Id": "calls", "MetricStat": _stat("Invocations"), "ReturnData": False},
        {"Id": "share", "Expression": "100 * errors / calls"},
    ]
    [result] = cloudwatch.get_metric_data(MetricDataQueries=queries, **asked)["MetricDataResults"]
    assert ("share", [25.0]) == (result["Id"], result["Values"])


def test_clients_put_values_sets_and_counts(world: World) -> None:
    """Each form of a datum counts as CloudWatch counts it, and a wrong one is refused."""
    cloudwatch = world.client("cloudwatch")
    now = world.account.clock.now()
    cloudwatch.put_metric_data(
        Namespace="Field",
        MetricData=[
            {"MetricName": "Sightings", "Value": 2.0, "Unit": "Count", "Timestamp": now},
            {"MetricName": "Sightings", "Values": [1.0, 5.0], "Counts": [3.0, 1.0], "Unit": "Count"},
            {
                "MetricName": "Sightings",
                "StatisticValues": {"SampleCount": 2, "Sum": 8, "Minimum": 3, "Maximum": 5},
                "Unit": "Count",
            },
        ],
    )
    found = cloudwatch.get_metric_statistics(
        Namespace="Field",
        MetricName="Sightings",
        StartTime=now - timedelta(days=1),
        EndTime=now + timedelta(days=1),
        Period=172_800,
        Statistics=["Sum", "SampleCount", "Minimum"],
    )["Datapoints"]
    assert 18.0 == sum(point["Sum"] for point in found)
    assert 7.0 == sum(point["SampleCount"] for point in found)
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        cloudwatch.put_metric_data(Namespace="Field", MetricData=[{"MetricName": "x", "Value": float("nan")}])
    nothing = {"SampleCount": 0, "Sum": 0, "Minimum": 0, "Maximum": 0}
    with pytest.raises(ClientError, match="SampleCount above 0"):
        cloudwatch.put_metric_data(
            Namespace="Field", MetricData=[{"MetricName": "x", "StatisticValues": nothing}]
        )
    unnamed = {"Metric": {"Namespace": "Field"}, "Period": 60, "Stat": "Sum"}
    with pytest.raises(ClientError, match="MetricName is required"):
        cloudwatch.get_metric_data(
            MetricDataQueries=[{"Id": "m", "MetricStat": unnamed}], StartTime=now, EndTime=now
        )
    with pytest.raises(ClientError, match="must be less than the parameter EndTime"):
        cloudwatch.get_metric_statistics(
            Namespace="Field", MetricName="x", StartTime=now, EndTime=now, Period=60, Statistics=["Sum"]
        )


def _stat(name: str) -> dict[str, Any]:
    metric = {"Namespace": NAMESPACE, "MetricName": name, "Dimensions": dimensions(WHICH)}
    return {"Metric": metric, "Period": 86_400, "Stat": "Sum"}


class _At(Clock):
    """A clock that stands where it is put."""

    def __init__(self, moment: datetime) -> None:
        super().__init__()
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def test_lasting_values_outlive_the_server_as_long_as_cloudwatch_keeps_them(tmp_path: Path) -> None:
    """An alarm that remembers a day must not forget in a restart; the others cost no writing."""
    metric = Metric.of("Bestiary/Monitoring", "violations", {"Endpoint": "zoo"})
    clock, of = Clock(), Summary()
    of.add(2.0)
    for days in (1, 16):
        moment = clock.now() - timedelta(days=days)
        with closing(Store(tmp_path / "kept.sqlite")) as store:
            Metrics(clock, store).put_set(metric, "Count", moment, of, lasting=True)
            Metrics(clock, store).put("AWS/SageMaker", "Invocations", 1.0, {})
    for _ in range(2):
        with closing(Store(tmp_path / "kept.sqlite")) as store:
            found = Metrics(clock, store)
            assert [metric] == found.names()
            summaries = found.read(metric, clock.now() - timedelta(days=20), clock.now(), 86_400)
            assert [2.0] == [each.statistic("Maximum") for each in summaries.values()]
