"""The month's bill of a place as it is set now: what is deployed, scheduled and due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from infra.local.scheduling import expressions
from pipelines.account import cost, function
from pipelines.account.templates import PREFIX
from pipelines.deployment import expiry
from pipelines.deployment.defaults import Defaults
from pipelines.deployment.served import OF, STYLIZER_ASYNC
from pipelines.monitoring import schedule as monitoring
from pipelines.network import PRIVATE_CALLS
from pipelines.parameters import PARAMETERS
from pipelines.scheduling import eventbridge, retraining

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.account.cost import Estimate
    from pipelines.deployment.requests import Call
    from pipelines.place import Place

_MONTH = timedelta(days=30.4)
_MOST = 3000
"""Of a schedule by the minute, the rest is not counted."""


def of_place(place: Place) -> Estimate:
    """Estimate what a month costs as things are: the stacks, the endpoints that are there, the schedules."""
    calls = place.parameters.get(PRIVATE_CALLS) == "yes"
    parts = [cost.of_stacks(), cost.of_network(private_calls=calls)]
    parts.extend(cost.of_endpoint(*fleet, expiry.hours(_end(place, fleet[0]))) for fleet in _fleets(place))
    if place.parameters.get("front", function.CLOSED) != function.CLOSED:
        parts.append(cost.of_front(Defaults.read(place.parameters, STYLIZER_ASYNC)))
    watched = monitoring.current(place)
    if watched:
        parts.append(of_monitor(watched))
    scheduled = eventbridge.find(place, retraining.NAME)
    if scheduled:
        parts.append(of_retraining(place, scheduled.expression, scheduled.timezone))
    return cost.estimate(
        [line for part in parts for line in part.lines],
        [sentence for part in parts for sentence in part.advice],
    )


def _end(place: Place, endpoint: str) -> datetime | None:
    known = (served for services in OF.values() for served in services if served.endpoint == endpoint)
    return next((expiry.read(place, served) for served in known), None)


def of_calls(endpoint: str, calls: Sequence[Call], end: datetime | None = None) -> Estimate | None:
    """What the requests of a deploy will cost; ``None`` where they make no new fleet.

    Parameters
    ----------
    end
        When the endpoint is removed by itself; ``None`` for never.
    """
    for call in calls:
        for variant in call.request.get("ProductionVariants", ()):
            machines = variant.get("InitialInstanceCount", 0)
            return cost.of_endpoint(endpoint, variant.get("InstanceType", ""), machines, expiry.hours(end))
    return None


def _fleets(place: Place) -> list[tuple[str, str, int]]:
    """Find the fleets that run: endpoint, instance type, how many."""
    pages = place.sagemaker.get_paginator("list_endpoints").paginate(NameContains=PREFIX)
    found = []
    for name in (each["EndpointName"] for page in pages for each in page["Endpoints"]):
        told: Any = place.sagemaker.describe_endpoint(EndpointName=name)
        meant = place.sagemaker.describe_endpoint_config(EndpointConfigName=told["EndpointConfigName"])
        types = {each["VariantName"]: each.get("InstanceType", "") for each in meant["ProductionVariants"]}
        found += [
            (name, str(types.get(fleet["VariantName"], "")), fleet.get("DesiredInstanceCount", 0))
            for fleet in told.get("ProductionVariants", [])
        ]
    return found


def of_monitor(expression: str) -> Estimate:
    """What a monitor on this schedule costs."""
    return cost.of_monitor(times_in_month(expression, "UTC"))


def of_retraining(place: Place, expression: str, timezone: str) -> Estimate:
    """What retraining on this schedule costs, on the pipeline's default machines."""
    machines = {parameter.name: str(parameter.default) for parameter in PARAMETERS}
    return cost.of_runs(
        times_in_month(expression, timezone),
        machines["ProcessingInstanceType"],
        machines["TrainingInstanceType"],
        spot=place.spot,
    )


def times_in_month(expression: str, timezone: str) -> float:
    """Count how often a schedule is due in a month to come; once for what is not understood here."""
    now = datetime.now(UTC)
    try:
        schedule = expressions.parse(expression, timezone, now)
    except ValueError:
        return 1
    due, times = schedule.after(now), 0
    while due is not None and due < now + _MONTH and times < _MOST:
        times += 1
        due = schedule.after(due)
    return times
