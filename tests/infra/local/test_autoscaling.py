"""Application Auto Scaling of endpoint variants, down to zero and back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hosting_world import Endpoints, until, variant
from job_world import BUCKET, World

from infra.local.autoscaling import steps, tracking

pytest_plugins = ("world_fixture",)

RESOURCE = "endpoint/batch/variant/AllTraffic"
WHAT: dict[str, Any] = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": RESOURCE,
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
BACKLOG = {
    "TargetValue": 5.0,
    "CustomizedMetricSpecification": {
        "MetricName": "ApproximateBacklogSizePerInstance",
        "Namespace": "AWS/SageMaker",
        "Dimensions": [{"Name": "EndpointName", "Value": "batch"}],
        "Statistic": "Average",
    },
    "ScaleInCooldown": 60,
    "ScaleOutCooldown": 60,
}


@pytest.fixture(scope="module")
def toys(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    toys = Endpoints(world, tmp_path_factory.mktemp("toys"))
    toys.model("batch")
    output = {"S3OutputPath": f"s3://{BUCKET}/out"}
    toys.config("batch", variant("batch"), AsyncInferenceConfig={"OutputConfig": output})
    toys.create("batch", "batch")
    yield toys
    toys.delete("batch")


@pytest.fixture
def scaling(toys: Endpoints) -> Iterator[Any]:
    """A client, with the variant registered from 0 to 3."""
    client = toys.world.client("application-autoscaling")
    client.register_scalable_target(**WHAT, MinCapacity=0, MaxCapacity=3)
    yield client
    client.deregister_scalable_target(**WHAT)


def current(toys: Endpoints) -> int:
    return int(toys.describe("batch")["ProductionVariants"][0]["CurrentInstanceCount"])


def backfill(world: World, value: float, minutes: int) -> None:
    """Write down what the backlog would have been in the last minutes."""
    now = world.account.clock.now()
    for minute in range(minutes):
        for second in range(60):
            moment = now - timedelta(minutes=minute, seconds=second)
            world.account.metrics.put(
                "AWS/SageMaker",
                "ApproximateBacklogSizePerInstance",
                value,
                {"EndpointName": "batch"},
                "Count",
                moment,
            )


def test_an_idle_endpoint_goes_to_zero_and_a_request_brings_it_back(toys: Endpoints, scaling: Any) -> None:
    """As AWS's guide has it: a target to go to zero by, and a step from zero when something waits."""
    cloudwatch, world = toys.world.client("cloudwatch"), toys.world
    tracked = {"PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": BACKLOG}
    made = scaling.put_scaling_policy(PolicyName="backlog", **WHAT, **tracked)
    assert ["High", "Low"] == [alarm["AlarmName"].partition("-Alarm")[2][:-37] for alarm in made["Alarms"]]
    backfill(world, 0.0, 16)
    until(lambda: current(toys) == 0)
    wake = scaling.put_scaling_policy(
        PolicyName="wake",
        **WHAT,
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
            "Cooldown": 60,
        },
    )
    cloudwatch.put_metric_alarm(
        AlarmName="something waits",
        Namespace="AWS/SageMaker",
        MetricName="HasBacklogWithoutCapacity",
        Dimensions=[{"Name": "EndpointName", "Value": "batch"}],
        Statistic="Maximum",
        Period=10,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        AlarmActions=[wake["PolicyARN"]],
    )
    said = toys.runtime.invoke_endpoint_async(EndpointName="batch", Body=b"wake up")
    key = said["OutputLocation"].removeprefix(f"s3://{BUCKET}/")
    until(lambda: world.keys(key))
    assert 1 == current(toys)
    told = scaling.describe_scaling_activities(ServiceNamespace="sagemaker")["ScalingActivities"]
    assert ["Setting desired instance count to 1.", "Setting desired instance count to 0."] == [
        activity["Description"] for activity in told
    ]
    assert "something waits in state ALARM triggered policy wake" in told[0]["Cause"]
    cloudwatch.delete_alarms(AlarmNames=["something waits"])


def test_a_long_backlog_brings_as_many_instances_as_it_takes(toys: Endpoints, scaling: Any) -> None:
    """Not more than the maximum, and not again before the cooldown is over."""
    tracked = {"PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": BACKLOG}
    scaling.put_scaling_policy(PolicyName="backlog", **WHAT, **tracked)
    until(lambda: toys.describe("batch")["EndpointStatus"] == "InService")
    assert 1 == current(toys)
    backfill(toys.world, 100.0, 4)
    until(lambda: current(toys) == 3)


def test_limits_hold_at_once(toys: Endpoints, scaling: Any) -> None:
    """A new maximum or minimum moves what is beyond it."""
    scaling.register_scalable_target(**WHAT, MaxCapacity=1)
    until(lambda: current(toys) == 1)
    [target] = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert (0, 1) == (target["MinCapacity"], target["MaxCapacity"])


def test_policies_go_with_their_target_and_take_their_alarms_along(toys: Endpoints, scaling: Any) -> None:
    """Nothing is left that nobody asked for."""
    tracked = {"PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": BACKLOG}
    scaling.put_scaling_policy(PolicyName="one", **WHAT, **tracked)
    scaling.put_scaling_policy(PolicyName="two", **WHAT, **tracked)
    assert 4 == len(toys.world.account.alarms.all())
    scaling.delete_scaling_policy(PolicyName="one", **WHAT)
    [left] = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    assert ("two", BACKLOG) == (left["PolicyName"], left["TargetTrackingScalingPolicyConfiguration"])
    scaling.deregister_scalable_target(**WHAT)
    assert [] == toys.world.account.alarms.all()
    with pytest.raises(ClientError, match="No scalable target registered"):
        scaling.put_scaling_policy(PolicyName="three", **WHAT, **tracked)
    scaling.register_scalable_target(**WHAT, MinCapacity=0, MaxCapacity=3)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ServiceNamespace": "ecs"}, "Unsupported service namespace"),
        ({"ResourceId": "endpoint/nobody/variant/AllTraffic"}, "does not exist"),
        ({"MinCapacity": 2, "MaxCapacity": 1}, "cannot be less than"),
    ],
)
def test_what_cannot_be_scaled_is_refused(scaling: Any, changes: dict[str, Any], words: str) -> None:
    """When it is asked for."""
    with pytest.raises(ClientError, match=words):
        scaling.register_scalable_target(**{**WHAT, "MinCapacity": 1, "MaxCapacity": 2, **changes})


@pytest.mark.parametrize(
    ("kind", "adjustment", "beyond", "expected"),
    [
        ("ChangeInCapacity", 2, 0.0, 6),
        ("ExactCapacity", 2, 0.5, 2),
        ("PercentChangeInCapacity", 60, 5.0, 6),  # 2.4 of 4, towards zero
        ("PercentChangeInCapacity", 10, 5.0, 5),  # but at least one
        ("PercentChangeInCapacity", -10, 5.0, 3),
        ("ChangeInCapacity", 2, 10.0, 4),  # beyond the step
        ("ChangeInCapacity", 2, -1.0, 4),
    ],
)
def test_a_step_says_by_how_much(kind: str, adjustment: int, beyond: float, expected: int) -> None:
    """From 4 instances, with one step from 0 to 10 beyond the threshold."""
    step = {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10, "ScalingAdjustment": adjustment}
    assert expected == steps.desired({"AdjustmentType": kind, "StepAdjustments": [step]}, 4, beyond)


def test_tracking_brings_a_metric_to_its_target() -> None:
    """In proportion, and from zero as from one."""
    config = {"TargetValue": 5.0}
    assert [4, 1, 0, 3] == [
        tracking.desired(config, current, value)
        for current, value in ((2, 10.0), (2, 2.5), (2, 0.0), (0, 11.0))
    ]
