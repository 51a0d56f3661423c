"""Statistics of many values in little memory: sums exactly, percentiles nearly."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_EXACT = 128
"""Different values of a second or minute that percentiles know exactly; the others are rounded."""
_STEPS = 50
"""Rounded values lie a fiftieth of the natural logarithm apart: percentiles are within one percent."""


@dataclass
class Summary:
    """What the values of a stretch of time come to.

    Attributes
    ----------
    count, total, least, greatest
        Number of values, their sum, the smallest and the greatest.
    values
        How often each value occurred; values given as a statistic set count as their mean.
    """

    count: float = 0.0
    total: float = 0.0
    least: float = math.inf
    greatest: float = -math.inf
    values: dict[float, float] = field(default_factory=dict)

    def add(self, value: float, times: float = 1.0) -> None:
        """Take a value, or one that occurred several times."""
        self.take(times, value * times, value, value)
        self._place(value, times)

    def take(self, count: float, total: float, least: float, greatest: float) -> None:
        """Take what is known of several values but not how they are spread."""
        self.count += count
        self.total += total
        self.least = min(self.least, least)
        self.greatest = max(self.greatest, greatest)

    def merge(self, other: Summary) -> None:
        """Take all of another stretch of time."""
        self.take(other.count, other.total, other.least, other.greatest)
        for value, times in other.values.items():
            self.values[value] = self.values.get(value, 0.0) + times

    def absorb(self, other: Summary) -> None:
        """Take all of another stretch of time, in no more memory than one needs."""
        self.take(other.count, other.total, other.least, other.greatest)
        for value, times in other.values.items():
            self._place(value, times)

    def copied(self, *, spread: bool) -> Summary:
        """Return a copy, with the spread of the values or without."""
        values = dict(self.values) if spread else {}
        return Summary(self.count, self.total, self.least, self.greatest, values)

    def statistic(self, name: str) -> float:
        """Return a statistic of CloudWatch's: ``Sum``, ``Average``, ``p99`` … of at least one value.

        Raises
        ------
        ValueError
            For a statistic that is not kept here.
        """
        if name in _STATISTICS:
            return _STATISTICS[name](self)
        return self._percentile(percentage(name))

    def _place(self, value: float, times: float) -> None:
        if value and value not in self.values and len(self.values) >= _EXACT:
            value = math.copysign(math.exp(round(math.log(abs(value)) * _STEPS) / _STEPS), value)
        self.values[value] = self.values.get(value, 0.0) + times

    def _percentile(self, share: float) -> float:
        wanted = share / 100 * self.count
        seen = 0.0
        for value, times in sorted(self.values.items()):
            seen += times
            if seen >= wanted - 1e-9:
                return value
        return self.greatest


_STATISTICS: dict[str, Callable[[Summary], float]] = {
    "Sum": lambda summary: summary.total,
    "Average": lambda summary: summary.total / summary.count,
    "Minimum": lambda summary: summary.least,
    "Maximum": lambda summary: summary.greatest,
    "SampleCount": lambda summary: summary.count,
}


def check_statistic(name: str) -> None:
    """Raise ``ValueError`` for a statistic that `Summary.statistic` does not know."""
    if name not in _STATISTICS:
        percentage(name)


def percentage(statistic: str) -> float:
    """Read ``p99.9`` as 99.9.

    Raises
    ------
    ValueError
        For another statistic than a percentile.
    """
    try:
        share = float(statistic.removeprefix("p")) if statistic.startswith("p") else math.nan
    except ValueError:
        share = math.nan
    if not 0 <= share <= 100:
        raise ValueError(
            f"the local CloudWatch has {', '.join(_STATISTICS)} and p0 to p100, not {statistic!r}"
        )
    return share
