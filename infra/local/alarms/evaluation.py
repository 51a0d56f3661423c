"""From datapoints to an alarm's state, by CloudWatch's rules for M out of N and for missing data.

Source: "Configuring how CloudWatch alarms treat missing data" and "Alarm evaluation" of its user guide.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EXTRA = 2
"""Older periods that are looked at too, in case newer ones have no data."""

COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
_MISSING = {"breaching", "notBreaching", "ignore", "missing"}


@dataclass(frozen=True)
class Rule:
    """When an alarm is in ``ALARM``.

    Attributes
    ----------
    comparison
        A key of `COMPARISONS`.
    threshold
        What datapoints are compared with.
    periods, enough
        N and M: of the last N datapoints, M must breach.
    missing
        How missing datapoints are taken: ``breaching``, ``notBreaching``, ``ignore`` or ``missing``.
    """

    comparison: str
    threshold: float
    periods: int
    enough: int
    missing: str

    @classmethod
    def of(cls, alarm: dict[str, Any]) -> Rule:
        """Read the rule off a ``MetricAlarm``.

        Raises
        ------
        ValueError
            For a comparison or treatment of missing data that is not known here.
        """
        comparison, missing = alarm.get("ComparisonOperator", ""), alarm.get("TreatMissingData", "missing")
        if comparison not in COMPARISONS:
            raise ValueError(
                f"the local CloudWatch compares by {', '.join(COMPARISONS)}, not by {comparison!r}"
            )
        if missing not in _MISSING:
            raise ValueError(
                f"Option {missing} is not supported. Supported options for parameter TreatMissingData are "
                "[breaching, notBreaching, ignore, missing]."
            )
        periods = alarm["EvaluationPeriods"]
        return cls(comparison, alarm["Threshold"], periods, alarm.get("DatapointsToAlarm", periods), missing)

    def breached(self, value: float) -> bool:
        """Tell whether a datapoint breaches the threshold."""
        return COMPARISONS[self.comparison][0](value, self.threshold)


def judge(rule: Rule, points: Sequence[float | None], state: str) -> str:
    """Return the state that an alarm's datapoints mean.

    Parameters
    ----------
    rule
        The alarm's.
    points
        The last ``rule.periods + EXTRA`` periods, oldest first, ``None`` where there is no datapoint.
    state
        The state it has, which remains where the data do not say.
    """
    existing = [value for value in points if value is not None][-rule.periods :]
    absent = rule.periods - len(existing)
    breaching = sum(rule.breached(value) for value in existing)
    if breaching >= rule.enough:
        return "ALARM"
    if absent == 0 or rule.missing == "notBreaching":
        return "OK"
    if rule.missing == "breaching":
        return "ALARM" if breaching + absent >= rule.enough else "OK"
    return _with_gaps(rule, points, state, all_breach=breaching == len(existing))


def _with_gaps(rule: Rule, points: Sequence[float | None], state: str, *, all_breach: bool) -> str:
    ages = [age for age, value in enumerate(reversed(points), start=1) if value is not None]
    if not ages:
        return state if rule.missing == "ignore" else "INSUFFICIENT_DATA"
    if not all_breach:
        return "OK"
    # All that is known breaches: an alarm, unless newer datapoints may still say otherwise.
    return "ALARM" if rule.missing == "missing" and max(ages) >= rule.enough else state
