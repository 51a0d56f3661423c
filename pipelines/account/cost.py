"""What a month costs: an item a line, told before anything is made that costs.

Traffic is not in it but for the front's: requests, transfer and KMS calls of a small group are cents.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.account import prices
from pipelines.names import CLASSIFIER
from pipelines.place import SPOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.deployment.defaults import Defaults

CHEAPEST = "ml.c5.large"
"""The serving image answers photos from LiteRT in 300 MB on any CPU: a GPU waits for most of its day."""
MONITORS = "ml.m5.xlarge"
_TRAININGS, _PROCESSINGS = 3, 3
"""Jobs of one run: prepare, backbone, evaluate; three candidates."""


@dataclass(frozen=True)
class Line:
    """One item of a month's bill.

    Attributes
    ----------
    item
        What costs.
    detail
        How the figure comes about.
    dollars
        USD a month, ``None`` where the price is not known.
    idle
        Whether it costs the same when nobody does anything.
    """

    item: str
    detail: str
    dollars: float | None
    idle: bool


@dataclass(frozen=True)
class Estimate:
    """A month's bill.

    Attributes
    ----------
    lines
        Its items.
    advice
        Cheaper settings that do the same job, a sentence each.
    as_of, region
        When and where the prices held.
    """

    lines: tuple[Line, ...]
    advice: tuple[str, ...]
    as_of: str
    region: str

    @property
    def month(self) -> float:
        """USD of all items whose price is known."""
        return sum(line.dollars or 0 for line in self.lines)

    @property
    def idle(self) -> float:
        """USD of a month in which nobody does anything."""
        return sum(line.dollars or 0 for line in self.lines if line.idle)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Items whose price is not known."""
        return tuple(line.item for line in self.lines if line.dollars is None)


def estimate(lines: Sequence[Line], advice: Sequence[str] = ()) -> Estimate:
    """Put items together; what several of them advise is said once."""
    table = prices.read()
    return Estimate(tuple(lines), tuple(dict.fromkeys(advice)), table.as_of, table.region)


def of_stacks() -> Estimate:
    """What the stacks cost by themselves."""
    table = prices.read()
    given = table.assumed
    alarms = given["alarm_metrics_of_stacks"]
    return estimate(
        [
            Line("encryption key", "one", table.key_month, idle=True),
            _stored("photos, models, captures", "S3", given["stored_gb"], table.s3_gb_month),
            _stored("images", "ECR", given["images_gb"], table.ecr_gb_month),
            Line(
                "alarms of the account",
                f"{alarms:.0f} metrics at {table.alarm_metric_month:.2f}",
                alarms * table.alarm_metric_month,
                idle=True,
            ),
        ]
    )


def of_network(*, private_calls: bool) -> Estimate:
    """What the VPC costs: nothing, but for the endpoints that calls from within it go through."""
    table = prices.read()
    hours, count = table.assumed["hours_in_month"], table.assumed["endpoints_of_network"]
    calls = Line(
        "calls from within the VPC",
        f"{count:.0f} interfaces, {hours:.0f} h",
        count * hours * table.vpc_endpoint_hour,
        idle=True,
    )
    return estimate([calls] if private_calls else [])


def of_deploy(defaults: Defaults, instances: int | None = None) -> Estimate:
    """What a deploy's endpoint costs.

    Parameters
    ----------
    defaults
        The account's settings of deploys.
    instances
        Machines of the fleet; the settings' unless told.
    """
    return of_endpoint(CLASSIFIER, defaults.instance_type, instances or defaults.instance_count)


def of_endpoint(name: str, instance_type: str, instances: int, hours: float = math.inf) -> Estimate:
    """What an endpoint costs: by the hour, whether it is asked or not.

    Parameters
    ----------
    hours
        After which it is removed; a month is counted at most.
    """
    table = prices.read()
    hours, metrics = min(hours, table.assumed["hours_in_month"]), table.assumed["alarm_metrics_of_endpoint"]
    fleet = Line(
        f"endpoint {name}",
        f"{instances} x {instance_type}, {hours:.0f} h",
        table.hours(instance_type, hours * instances),
        idle=True,
    )
    alarms = Line(
        "alarms of deploys", f"{metrics:.0f} metrics", metrics * table.alarm_metric_month, idle=True
    )
    return estimate([fleet, alarms], _cheaper(name, fleet))


def of_front(defaults: Defaults) -> Estimate:
    """What the public front costs at a small group's traffic; nothing while nobody asks.

    Parameters
    ----------
    defaults
        The settings of the stylizer's deploys: jobs run on its asynchronous endpoint's machines.
    """
    table = prices.read()
    given = table.assumed
    requests, jobs, minutes = (given[name] for name in ("front_requests", "front_jobs", "front_job_minutes"))
    each = (table.api_million + table.function_million) / 1e6
    each += given["front_request_seconds"] * table.function_gb_second
    asked = Line(
        "front",
        f"{requests:.0f} requests, {given['front_request_seconds']:g} s each",
        requests * each,
        idle=False,
    )
    made = Line(
        "posters and large pictures",
        f"{jobs:.0f} jobs of {minutes:.0f} min on {defaults.instance_type}, with start and wait",
        table.hours(defaults.instance_type, jobs * minutes / 60),
        idle=False,
    )
    return estimate([made, asked])


def of_monitor(times: float) -> Estimate:
    """What the monitor costs that runs so many times a month."""
    table = prices.read()
    minutes, metrics = table.assumed["processing_job_minutes"], table.assumed["metrics_of_monitor"]
    watched = table.assumed["alarm_metrics_of_monitor"]
    jobs = Line(
        "monitor",
        f"{times:.0f} jobs of {minutes:.0f} min on {MONITORS}",
        table.hours(MONITORS, times * minutes / 60),
        idle=True,
    )
    told = Line(
        "monitor's metrics and alarms",
        f"{metrics:.0f} metrics, {watched:.0f} in alarms",
        metrics * table.metric_month + watched * table.alarm_metric_month,
        idle=True,
    )
    daily = table.hours(MONITORS, 30.4 * minutes / 60)
    advice = (
        (f"bestiary schedule monitor daily: the monitor for {daily:.2f} instead of {jobs.dollars:.2f} USD",)
        if times > 60 and daily is not None
        else ()
    )
    return estimate([jobs, told], advice)


def of_runs(times: float, processing_type: str, training_type: str, *, spot: bool) -> Estimate:
    """What so many runs of the training pipeline a month cost.

    Parameters
    ----------
    spot
        Whether the trainings run on machines that AWS may take back; what they cost changes by the hour, and
        the table's share is a cautious one.
    """
    table = prices.read()
    processing = _PROCESSINGS * table.assumed["processing_job_minutes"] / 60
    training = _TRAININGS * table.assumed["training_job_minutes"] / 60
    share = table.assumed["spot_price_share"] if spot else 1
    parts = (
        table.hours(processing_type, times * processing),
        table.hours(training_type, times * training * share),
    )
    known = None if None in parts else sum(part or 0 for part in parts)
    detail = (
        f"{times:.0f} runs of {processing * 60:.0f} min {processing_type} and "
        f"{training * 60:.0f} min {training_type}{' on spot' if spot else ''}"
    )
    advice = (
        () if spot else (f"/bestiary/{SPOT} yes: the training machines for about a third of their price",)
    )
    return estimate([Line("training", detail, known, idle=False)], advice)


def _stored(item: str, service: str, gigabytes: float, price: float) -> Line:
    return Line(item, f"{gigabytes:g} GB in {service} at {price:g}", gigabytes * price, idle=True)


def _cheaper(name: str, fleet: Line) -> tuple[str, ...]:
    table = prices.read()
    least = table.hours(CHEAPEST, table.assumed["hours_in_month"])
    down = "bestiary down between uses, or deploy --ttl 8h: an endpoint costs nothing while it is not there"
    if name != CLASSIFIER or least is None or (fleet.dollars is not None and fleet.dollars <= least):
        return (down,)
    smaller = (
        f"/bestiary/deploy/instance-type {CHEAPEST} and instance-count 1: {least:.2f} USD a month, "
        "enough for the classifier; deploys then go all at once, without a canary"
    )
    return smaller, down
