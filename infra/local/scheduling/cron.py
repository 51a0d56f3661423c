"""Cron expressions as AWS has them: six fields, with ``?``, ``L``, ``W`` and ``#``, in a time zone.

`cronsim` finds the moments; here is what AWS has of its own: weekdays from 1, years, nearest weekdays.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cronsim import CronSim, CronSimError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_NUMBER = re.compile(r"(?<![#/\d])\d+")
_NEAREST = re.compile(r"(\d{1,2})W")
_YEARS = range(1970, 2200)


@dataclass(frozen=True)
class Cron:
    """A cron expression.

    Attributes
    ----------
    fields
        The five that `cronsim` reads.
    years
        In which it is due.
    weekday_near
        The day of the month whose nearest weekday it is due on; 0 where that is not asked.
    zone
        In which its fields are.
    """

    fields: str
    years: frozenset[int]
    weekday_near: int
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str, zone: ZoneInfo) -> Cron:
        """Read what stands between ``cron(`` and ``)``.

        Raises
        ------
        ValueError
            When it is none; the message says why.
        """
        fields = text.upper().split()
        if len(fields) != 6:
            raise ValueError("it has six fields: minutes hours day-of-month month day-of-week year")
        minutes, hours, day, month, weekday, year = fields
        if (day == "?") == (weekday == "?"):
            raise ValueError("one of day-of-month and day-of-week, and only one, has to be ?")
        near = _NEAREST.fullmatch(day)
        if near and not 1 <= int(near[1]) <= 31:
            raise ValueError(f"there is no day {near[1]}")
        day = "*" if near or day == "?" else day
        read = f"{minutes} {hours} {day} {month} {_weekday(weekday)}"
        try:
            CronSim(read, datetime(2000, 1, 1))  # noqa: DTZ001 - wall time: the zone comes later
        except CronSimError as error:
            raise ValueError(str(error)) from None
        return cls(read, _years(year), int(near[1]) if near else 0, zone)

    def after(self, moment: datetime) -> datetime | None:
        """Return the first due moment after one; ``None`` when there is none."""
        return next((due for due in self._walk(moment, reverse=False) if due > moment), None)

    def last(self, moment: datetime) -> datetime | None:
        """Return the last due moment until one, that one included; ``None`` when there is none."""
        later = moment + timedelta(microseconds=1)
        return next((due for due in self._walk(later, reverse=True) if due <= moment), None)

    def _walk(self, moment: datetime, *, reverse: bool) -> Iterator[datetime]:
        """Go through due moments; wall times that a clock skips in spring are none, repeated ones are one."""
        # A repeated hour's second time has its first one behind it: begin before both.
        begin = moment.astimezone(self.zone).replace(tzinfo=None) + timedelta(hours=3 if reverse else -3)
        for wall in self._wall(begin, reverse=reverse):
            due = wall.replace(tzinfo=self.zone).astimezone(UTC)
            if due.astimezone(self.zone).replace(tzinfo=None) == wall:
                yield due

    def _wall(self, begin: datetime, *, reverse: bool) -> Iterator[datetime]:
        simulated = CronSim(self.fields, begin, reverse=reverse)
        while (wall := next(simulated, None)) is not None:
            if wall.year not in self.years:
                # Years are far between: leap to the next, not through every minute of the way.
                near = self._year(wall.year, reverse=reverse)
                if near is None:
                    return
                edge = datetime(near, 12, 31, 23, 59, 59) if reverse else datetime(near, 1, 1)  # noqa: DTZ001 - wall time
                step = timedelta(seconds=1 if reverse else -1)
                simulated = CronSim(self.fields, edge + step, reverse=reverse)
            elif not self.weekday_near or wall.day == _nearest_weekday(wall, self.weekday_near):
                yield wall

    def _year(self, year: int, *, reverse: bool) -> int | None:
        if reverse:
            return max((known for known in self.years if known < year), default=None)
        return min((known for known in self.years if known > year), default=None)


def _weekday(field: str) -> str:
    """Write a day-of-week field with Sunday as 0, as others have it."""
    if field == "?":
        return "*"
    for number, name in enumerate(_DAYS, start=1):
        field = field.replace(name, str(number))
    if field == "L":
        return "6"
    if any(int(found) > len(_DAYS) for found in _NUMBER.findall(field)):
        raise ValueError("Bad day-of-week: they go from 1, Sunday, to 7")
    return _NUMBER.sub(lambda found: str(int(found[0]) - 1), field)


def _years(field: str) -> frozenset[int]:
    if field == "*":
        return frozenset(_YEARS)
    found: set[int] = set()
    for part in field.split(","):
        match = re.fullmatch(r"(\*|\d{4})(?:-(\d{4}))?(?:/(\d+))?", part)
        if match is None or match[3] == "0":
            raise ValueError("Bad year")
        first = _YEARS[0] if match[1] == "*" else int(match[1])
        last = int(match[2]) if match[2] else _YEARS[-1] if match[3] or match[1] == "*" else first
        found.update(range(first, last + 1, int(match[3] or 1)))
    if not found <= set(_YEARS):
        raise ValueError("Bad year: they go from 1970 to 2199")
    return frozenset(found)


def _nearest_weekday(wall: datetime, day: int) -> int:
    """Day of the weekday nearest to a day of the month, within the month; 0 when the month lacks the day."""
    length = calendar.monthrange(wall.year, wall.month)[1]
    if day > length:
        return 0
    match calendar.weekday(wall.year, wall.month, day):
        case calendar.SATURDAY:
            return day - 1 if day > 1 else day + 2
        case calendar.SUNDAY:
            return day + 1 if day < length else day - 2
    return day
