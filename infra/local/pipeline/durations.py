"""ISO 8601 durations as SageMaker Pipelines takes them: ``30d``, ``P4DT12H``, ``T16m``, in either case."""

from __future__ import annotations

import re
from datetime import timedelta

_DURATION = re.compile(
    r"P?(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?",
    re.IGNORECASE,
)
_DAYS = {"years": 365, "months": 30, "weeks": 7, "days": 1}


def parse(text: str) -> timedelta:
    """Read a duration; a year counts 365 days and a month 30.

    Raises
    ------
    ValueError
        When it is none.
    """
    found = _DURATION.fullmatch(text)
    parts = {unit: int(count) for unit, count in found.groupdict().items() if count} if found else {}
    if not parts:
        raise ValueError(f"'{text}' is no ISO 8601 duration such as '30d' or 'P1DT12H'")
    days = sum(parts.pop(unit, 0) * length for unit, length in _DAYS.items())
    return timedelta(days=days, **parts)
