"""Step scaling: how far a metric is beyond its alarm's threshold says by how much to change.

https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
"""

from __future__ import annotations

import math
from typing import Any

from infra.local.errors import validation

Record = dict[str, Any]

COOLDOWN = 300
"""Seconds, where a policy gives none."""
_ADJUSTMENTS = ("ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity")


def check(config: Record) -> None:
    """Refuse a configuration without steps.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException``.
    """
    if config.get("AdjustmentType") not in _ADJUSTMENTS or not config.get("StepAdjustments"):
        raise validation(f"A step scaling policy needs StepAdjustments and AdjustmentType: {_ADJUSTMENTS}.")


def desired(config: Record, current: int, beyond: float) -> int:
    """Return the number of instances after a step.

    Parameters
    ----------
    config
        A ``StepScalingPolicyConfiguration``.
    current
        The number now.
    beyond
        The metric less the alarm's threshold.
    """
    step = next((step for step in config["StepAdjustments"] if _holds(step, beyond)), None)
    if step is None:
        return current
    adjustment = int(step["ScalingAdjustment"])
    if config["AdjustmentType"] == "ExactCapacity":
        return adjustment
    if config["AdjustmentType"] == "ChangeInCapacity":
        return current + adjustment
    return current + _share(config, current * adjustment / 100)


def _holds(step: Record, beyond: float) -> bool:
    lower = step.get("MetricIntervalLowerBound", -math.inf)
    upper = step.get("MetricIntervalUpperBound", math.inf)
    return bool(lower <= beyond < upper if beyond >= 0 else lower < beyond <= upper)


def _share(config: Record, change: float) -> int:
    """Round a change of some percent as AWS does: towards zero, but to one at least."""
    rounded = math.trunc(change) if abs(change) > 1 else math.copysign(1, change) if change else 0
    least = config.get("MinAdjustmentMagnitude", 0)
    return int(math.copysign(max(abs(rounded), least), change)) if change else 0
