"""Endpoints that are meant for a while: a schedule removes them when it is over, and a tag says when."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pipelines.errors import OperatorError, UsageError
from pipelines.scheduling import eventbridge

if TYPE_CHECKING:
    from pipelines.deployment.served import Served
    from pipelines.place import Place

TAG = "bestiary:expires"
NEVER = "never"
_FORM = re.compile(r"([1-9]\d{0,3})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_LONGEST = timedelta(days=366)
_AGAIN, _TRIES_FOR = "rate(30 minutes)", timedelta(hours=6)
"""SageMaker deletes no endpoint that moves: it is asked again until no deploy can still be under way."""
_CLOSE = timedelta(minutes=30)
"""A deploy that begins so shortly before the end might not see its own."""


def until(ttl: str) -> datetime | None:
    """Read ``--ttl``: ``8h``, ``30m`` or ``2d`` from now; ``None`` for ``never``.

    Raises
    ------
    UsageError
        Where it is none of these, or more than a year.
    """
    if ttl == NEVER:
        return None
    found = _FORM.fullmatch(ttl)
    after = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta()
    if not timedelta() < after <= _LONGEST:
        raise UsageError(f"--ttl {ttl}: give a time such as 30m, 8h or 2d, a year at most, or {NEVER}")
    return datetime.now(UTC).replace(microsecond=0) + after


def schedule_name(served: Served) -> str:
    """Name of the schedule that removes an endpoint."""
    return f"{served.endpoint}-expires"


def put(place: Place, served: Served, when: datetime) -> None:
    """Have an endpoint, which need not be there yet, removed from a moment on.

    Raises
    ------
    OperatorError
        Where the account was not set up for schedules.
    """
    eventbridge.put_call(
        place,
        schedule_name(served),
        _AGAIN,
        call=("sagemaker", "deleteEndpoint", {"EndpointName": served.endpoint}),
        why=f"removes {served.endpoint} at {when:%Y-%m-%d %H:%M} UTC",
        between=(when, when + _TRIES_FOR),
    )


def mark(place: Place, served: Served, when: datetime | None) -> None:
    """Write on the endpoint when it goes, for those who look at it in the console or at the bill."""
    arn = place.sagemaker.describe_endpoint(EndpointName=served.endpoint)["EndpointArn"]
    value = f"{when:%Y-%m-%dT%H:%M:%SZ}" if when else NEVER
    place.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": TAG, "Value": value}])


def remove(place: Place, served: Served) -> bool:
    """Let an endpoint stay, and say whether it was to go."""
    return eventbridge.remove(place, schedule_name(served))


def read(place: Place, served: Served) -> datetime | None:
    """Say when an endpoint is to be removed; ``None`` where it stays."""
    known = eventbridge.find(place, schedule_name(served))
    return known.start if known else None


def hours(when: datetime | None) -> float:
    """Count the hours until a moment; infinitely many until never."""
    return max(0.0, (when - datetime.now(UTC)).total_seconds() / 3600) if when else math.inf


def left(when: datetime) -> str:
    """Say in words how long there is until a moment."""
    hours, minutes = divmod(max(0, round((when - datetime.now(UTC)).total_seconds() / 60)), 60)
    if hours >= 48:
        return f"in {hours // 24} days"
    words = [f"{number} {unit}" for number, unit in ((hours, "h"), (minutes, "min")) if number]
    return f"in {' '.join(words)}" if words else "now"


def settle(place: Place, served: Served, when: datetime | None, *, asked: bool, new: bool) -> datetime | None:
    """Set, keep or take back the end of an endpoint that is about to move.

    Parameters
    ----------
    when
        When it is to go, where that was asked for; ``None`` for never.
    asked
        Whether the operator said anything of it. If not, an endpoint that is there keeps its end.
    new
        Whether there is no endpoint yet: what an earlier one left is not for this one.

    Returns
    -------
    datetime or None
        When it goes now.

    Raises
    ------
    OperatorError
        Where the account was not set up for schedules.
    """
    if when:
        put(place, served, when)
        return when
    if asked or new:
        remove(place, served)
        return None
    end = read(place, served)
    if end and end < datetime.now(UTC) + _CLOSE:
        raise OperatorError(
            f"{served.endpoint} is to be removed {left(end)}, perhaps in the middle of this: say for how "
            f"long it is to stay, --ttl 8h or --ttl {NEVER}"
        )
    return end
