"""Target tracking: a policy's two alarms, and the number of instances that brings the metric to its target.

https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from infra.local.errors import validation

if TYPE_CHECKING:
    from infra.local.autoscaling.records import Place

Record = dict[str, Any]

COOLDOWN = 300
"""Seconds, where a policy gives none."""
_PREDEFINED = "SageMakerVariantInvocationsPerInstance"
_OUT_MINUTES = 3
_IN_MINUTES = 15
_IN_SHARE = 0.9


def alarms(policy: Record, resource: Place) -> list[Record]:
    """Write the PutMetricAlarm requests of a policy: above the target for 3 minutes, well below it for 15.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` for a metric specification that is not known here.
    """
    config = policy["TargetTrackingScalingPolicyConfiguration"]
    shared = {
        **_metric(config, resource),
        "AlarmActions": [policy["PolicyARN"]],
        "AlarmDescription": (
            f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy['PolicyARN']}."
        ),
        "Period": 60,
    }
    target = config["TargetValue"]
    high = {
        **shared,
        "AlarmName": _name(policy, "High"),
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": _OUT_MINUTES,
        "Threshold": target,
    }
    low = {
        **shared,
        "AlarmName": _name(policy, "Low"),
        "ComparisonOperator": "LessThanThreshold",
        "EvaluationPeriods": _IN_MINUTES,
        "Threshold": target * _IN_SHARE,
    }
    return [high] if config.get("DisableScaleIn") else [high, low]


def desired(config: Record, current: int, value: float) -> int:
    """Return the number of instances that brings a metric per instance from `value` to the target."""
    target: float = config["TargetValue"]
    return math.ceil(max(1, current) * value / target - 1e-9)


def cooldown(config: Record, *, out: bool) -> int:
    """Seconds that have to go by before the next step in a direction."""
    return int(config.get("ScaleOutCooldown" if out else "ScaleInCooldown", COOLDOWN))


def _metric(config: Record, resource: Place) -> Record:
    if custom := config.get("CustomizedMetricSpecification"):
        if "Metrics" in custom or not {"MetricName", "Namespace", "Statistic"} <= custom.keys():
            raise validation("CustomizedMetricSpecification needs MetricName, Namespace and Statistic here.")
        members = ("MetricName", "Namespace", "Dimensions", "Statistic", "Unit")
        return {name: custom[name] for name in members if name in custom}
    predefined = config.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
    if predefined != _PREDEFINED:
        raise validation(
            f"The local SageMaker tracks {_PREDEFINED} or a customized metric, not {predefined}."
        )
    dimensions = {"EndpointName": resource.endpoint, "VariantName": resource.variant}
    return {
        "MetricName": "InvocationsPerInstance",
        "Namespace": "AWS/SageMaker",
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        "Statistic": "Sum",
    }


def _name(policy: Record, side: str) -> str:
    return f"TargetTracking-{policy['ResourceId']}-Alarm{side}-{uuid4()}"
