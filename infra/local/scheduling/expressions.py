"""When a schedule is due: ``rate(5 minutes)``, ``cron(0 6 * * ? *)`` or ``at(2026-11-23T06:00:00)``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from infra.local.scheduling.cron import Cron

_FORM = re.compile(r"(rate|cron|at)\((.+)\)")
_RATE = re.compile(r"([1-9]\d*)\s+(minute|hour|day)s?")


class Expression(Protocol):
    """Knows due moments; all moments are aware."""

    def after(self, moment: datetime) -> datetime | None:
        """Return the first due moment after one; ``None`` when there is none."""

    def last(self, moment: datetime) -> datetime | None:
        """Return the last due moment until one, that one included; ``None`` when there is none."""


@dataclass(frozen=True)
class Rate:
    """Due at `start` and every `pause` after it, whatever the clocks on the wall do."""

    pause: timedelta
    start: datetime

    def after(self, moment: datetime) -> datetime:
        """Return the first due moment after one."""
        if moment < self.start:
            return self.start
        return self.start + self.pause * ((moment - self.start) // self.pause + 1)

    def last(self, moment: datetime) -> datetime | None:
        """Return the last due moment until one; ``None`` before the first."""
        if moment < self.start:
            return None
        return self.start + self.pause * ((moment - self.start) // self.pause)


@dataclass(frozen=True)
class Once:
    """Due at one moment."""

    moment: datetime

    def after(self, moment: datetime) -> datetime | None:
        """Return the moment, while it is to come."""
        return self.moment if self.moment > moment else None

    def last(self, moment: datetime) -> datetime | None:
        """Return the moment, once it has come."""
        return self.moment if self.moment <= moment else None


def parse(text: str, zone: str, start: datetime) -> Expression:
    """Read a schedule expression.

    Parameters
    ----------
    text
        As Scheduler's API has it.
    zone
        IANA name of the time zone of its fields.
    start
        The first moment of a rate.

    Raises
    ------
    ValueError
        When it is none; the message says why.
    """
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{zone} is no time zone such as Europe/Berlin") from None
    form = _FORM.fullmatch(text.strip())
    if form is None:
        raise ValueError("it is rate(…), cron(…) or at(…)")
    if form[1] == "cron":
        return Cron.parse(form[2], place)
    if form[1] == "rate":
        return Rate(_pause(form[2]), start)
    try:
        wall = datetime.strptime(form[2], "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007 - wall time: the zone comes next
    except ValueError:
        raise ValueError("at takes a time like 2026-11-23T06:00:00") from None
    return Once(wall.replace(tzinfo=place).astimezone(UTC))


def _pause(text: str) -> timedelta:
    rate = _RATE.fullmatch(text.strip())
    if rate is None:
        raise ValueError("a rate is a number from 1 and minutes, hours or days")
    try:
        return timedelta(**{f"{rate[2]}s": int(rate[1])})
    except OverflowError:
        raise ValueError("that rate is longer than anyone waits") from None
