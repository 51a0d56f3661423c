"""When monitoring jobs are due, and the time that each of them looks at.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-schedule-expression.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from infra.local.errors import validation
from infra.local.scheduling.cron import Cron

if TYPE_CHECKING:
    from infra.local.scheduling.expressions import Expression

Record = dict[str, Any]

NOW = "NOW"
_HOURS = re.compile(r"cron\(0 (\*|\d{1,2}|\d{1,2}/\d{1,2}) \? \* \* \*\)")
_OFFSET = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_HAS = "it is cron(0 [*|H|H/N] ? * * *): hourly, daily at H or every N hours from H"
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Window:
    """From `start` up to but not including `end`; whole hours of what was captured are read for it."""

    start: datetime
    end: datetime


def expression(text: str) -> Expression | None:
    """Read a schedule expression: hourly, daily or every so many hours; ``None`` for ``NOW``.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException``.
    """
    if text == NOW:
        return None
    found = _HOURS.fullmatch(text)
    if found is None:
        raise validation(f"Invalid ScheduleExpression {text}: {_HAS}.")
    try:
        return Cron.parse(text[5:-1], ZoneInfo("UTC"))
    except ValueError as error:
        raise validation(f"Invalid ScheduleExpression {text}: {error}.") from None


def window(schedule: Record, inputs: Record, due: datetime) -> Window:
    """Return what an execution looks at: the time since the one before, or what the offsets say.

    Parameters
    ----------
    schedule
        The ``ScheduleConfig``.
    inputs
        The ``EndpointInput``.
    due
        When the execution is due.
    """
    start = schedule.get("DataAnalysisStartTime") or inputs.get("StartTimeOffset")
    end = schedule.get("DataAnalysisEndTime") or inputs.get("EndTimeOffset")
    return Window(
        due + offset(start) if start else due - _period(schedule["ScheduleExpression"], due),
        due + offset(end) if end else due,
    )


def check(schedule: Record, inputs: Record) -> None:
    """See that a schedule can be read and gives windows.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException``.
    """
    text = schedule["ScheduleExpression"]
    expression(text)
    if text == NOW and not (schedule.get("DataAnalysisStartTime") and schedule.get("DataAnalysisEndTime")):
        raise validation(
            "DataAnalysisStartTime and DataAnalysisEndTime must be given when ScheduleExpression is NOW."
        )
    found = window(schedule, inputs, datetime(2000, 1, 1, tzinfo=UTC))
    if found.start >= found.end:
        raise validation("The start of the window that is monitored must come before its end.")


def offset(text: str) -> timedelta:
    """Read a duration such as ``-PT1H``.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException``.
    """
    found = _OFFSET.fullmatch(text)
    if found is None or text.endswith(("P", "T")):
        raise validation(f"{text} is no ISO 8601 duration such as -PT1H or -P1D.")
    days, hours, minutes, seconds = (int(each or 0) for each in found.groups()[1:])
    long = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -long if found[1] else long


def _period(text: str, due: datetime) -> timedelta:
    known = expression(text)
    before = known.last(due - timedelta(seconds=1)) if known else None
    return due - before if before else _HOUR
