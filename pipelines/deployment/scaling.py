"""Instances of an asynchronous endpoint come and go with what waits, down to none.

https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipelines.deployment.defaults import Defaults
from pipelines.deployment.endpoint import VARIANT

if TYPE_CHECKING:
    from pipelines.deployment.served import Served
    from pipelines.place import Place

BACKLOG = 2.0
"""Requests that wait at an instance before there is another one: each takes minutes."""
IDLE_SECONDS = 600
"""After a change, how long instances stay that have nothing to do."""
AGAIN_SECONDS = 300


LONGEST_WAIT_SECONDS = 1800
"""After which people are told: an instance starts in minutes, and then takes the oldest first."""


def alarm_name(served: Served) -> str:
    """Name the alarm that wakes an endpoint without instances."""
    return f"{served.endpoint}-waiting"


def age_alarm_name(served: Served) -> str:
    """Name the alarm that tells people that requests wait too long."""
    return f"{served.endpoint}-age"


def put(place: Place, served: Served) -> None:
    """Let an endpoint's instances come and go; what is there already is brought up to date.

    Two policies: one follows the number of requests an instance, as far down as none; without an
    instance that number means nothing, so a second one adds the first instance as soon as anything waits.
    """
    defaults = Defaults.read(place.parameters, served)
    client, what = place.client("application-autoscaling"), _target(served)
    client.register_scalable_target(**what, MinCapacity=0, MaxCapacity=defaults.most_instances)
    client.put_scaling_policy(
        PolicyName=f"{served.endpoint}-backlog",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": BACKLOG,
            "CustomizedMetricSpecification": {
                **_metric(served, "ApproximateBacklogSizePerInstance"),
                "Statistic": "Average",
            },
            "ScaleInCooldown": IDLE_SECONDS,
            "ScaleOutCooldown": AGAIN_SECONDS,
        },
        **what,
    )
    first = client.put_scaling_policy(
        PolicyName=f"{served.endpoint}-first",
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity",
            "MetricAggregationType": "Average",
            "Cooldown": AGAIN_SECONDS,
            "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
        },
        **what,
    )
    place.client("cloudwatch").put_metric_alarm(
        AlarmName=alarm_name(served),
        AlarmDescription="A request waits and there is no instance.",
        **_metric(served, "HasBacklogWithoutCapacity"),
        Statistic="Average",
        Period=defaults.alarm_period_seconds,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="missing",
        AlarmActions=[first["PolicyARN"]],
        Tags=[{"Key": "project", "Value": "bestiary"}],
    )

    place.client("cloudwatch").put_metric_alarm(
        AlarmName=age_alarm_name(served),
        AlarmDescription=(
            f"A request to {served.endpoint} has waited for over {LONGEST_WAIT_SECONDS // 60} minutes. "
            "Next: bestiary status, and bestiary deploy --of stylizer where its instances do not start"
        ),
        **_metric(served, "ApproximateAgeOfOldestRequest"),
        Statistic="Maximum",
        Period=max(60, defaults.alarm_period_seconds),
        EvaluationPeriods=1,
        Threshold=LONGEST_WAIT_SECONDS,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
        Tags=[{"Key": "project", "Value": "bestiary"}],
    )


def remove(place: Place, served: Served) -> None:
    """End it, before the endpoint goes: a target outlives what it scales."""
    try:
        place.client("application-autoscaling").deregister_scalable_target(**_target(served))
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ObjectNotFoundException":
            raise


def _target(served: Served) -> dict[str, str]:
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{served.endpoint}/variant/{VARIANT}",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }


def _metric(served: Served, name: str) -> dict[str, Any]:
    return {
        "Namespace": "AWS/SageMaker",
        "MetricName": name,
        "Dimensions": [{"Name": "EndpointName", "Value": served.endpoint}],
    }
