"""UpdateEndpoint: policies that move the traffic, and no request lost by any of them."""

from __future__ import annotations

from typing import Any

import pytest
from hosting_updates import CANARY, Load, advance, baking, blue_green, update
from hosting_world import Endpoints, variant

from infra.local.errors import AwsError

pytest_plugins = ("world_fixture", "updated_endpoint")


def test_all_at_once_loses_no_request(endpoints: Endpoints, endpoint: str) -> None:
    """Every request of a load is answered, by the old model first, then by the new one; the old one ends."""
    load = Load(endpoints, endpoint)
    load.see("old")
    update(endpoints, endpoint, "new")
    load.see("new")
    described = endpoints.wait(endpoint, "InService")
    load.end()
    assert load.errors == []
    assert described["EndpointConfigName"] == "new"
    assert "PendingDeploymentSummary" not in described
    assert {endpoints.ask(endpoint)["name"] for _ in range(4)} == {"new"}
    generations = endpoints.world.account.home / "endpoints" / endpoint
    assert len([folder for folder in generations.glob("*/*/*") if folder.is_dir()]) == 2


def test_a_canary_gets_its_share_and_then_all(endpoints: Endpoints, endpoint: str) -> None:
    """Of ten requests two go to the new fleet until the wait is over; the description tells of it."""
    update(endpoints, endpoint, "new", DeploymentConfig=blue_green(CANARY, keep=600))
    pending = baking(endpoints, endpoint)
    assert pending["EndpointConfigName"] == "new"
    assert pending["ProductionVariants"][0]["CurrentWeight"] == pytest.approx(0.2)
    assert pending["ProductionVariants"][0]["VariantStatus"][0]["StatusMessage"] == "20% of the traffic"
    assert [endpoints.ask(endpoint)["name"] for _ in range(10)].count("new") == 2
    advance(endpoints, 601)
    baking(endpoints, endpoint, 1.0)
    assert {endpoints.ask(endpoint)["name"] for _ in range(4)} == {"new"}
    assert endpoints.describe(endpoint)["EndpointConfigName"] == "old"
    advance(endpoints, 601)
    described = endpoints.wait(endpoint, "InService")
    assert described["EndpointConfigName"] == "new"
    assert described["LastDeploymentConfig"]["BlueGreenUpdatePolicy"]["TerminationWaitInSeconds"] == 600


def test_a_linear_update_goes_step_by_step(endpoints: Endpoints, endpoint: str) -> None:
    """Half, then all."""
    step = {"Type": "INSTANCE_COUNT", "Value": 1}
    routing = {"Type": "LINEAR", "WaitIntervalInSeconds": 600, "LinearStepSize": step}
    update(endpoints, endpoint, "new", DeploymentConfig=blue_green(routing))
    baking(endpoints, endpoint)
    assert [endpoints.ask(endpoint)["name"] for _ in range(10)].count("new") == 5
    advance(endpoints, 601)
    assert endpoints.wait(endpoint, "InService")["EndpointConfigName"] == "new"


def test_a_rolling_update_replaces_instances_in_batches(endpoints: Endpoints, endpoint: str) -> None:
    """One new instance for one old one, watched, then the next; no request is lost."""
    load = Load(endpoints, endpoint)
    batch = {"Type": "INSTANCE_COUNT", "Value": 1}
    policy = {"RollingUpdatePolicy": {"MaximumBatchSize": batch, "WaitIntervalInSeconds": 600}}
    update(endpoints, endpoint, "new", DeploymentConfig=policy)
    baking(endpoints, endpoint, 0.5)
    load.see("new")
    advance(endpoints, 601)
    baking(endpoints, endpoint, 1.0)
    advance(endpoints, 601)
    assert endpoints.wait(endpoint, "InService")["EndpointConfigName"] == "new"
    load.end()
    assert load.errors == []


def test_properties_are_kept_when_asked(endpoints: Endpoints, endpoint: str) -> None:
    """RetainAllVariantProperties keeps sizes and weights, but for those that are named."""
    endpoints.world.call(
        "UpdateEndpointWeightsAndCapacities",
        EndpointName=endpoint,
        DesiredWeightsAndCapacities=[
            {"VariantName": "AllTraffic", "DesiredWeight": 3.0, "DesiredInstanceCount": 1}
        ],
    )
    assert shown(endpoints.wait(endpoint, "InService")) == (3.0, 1)
    update(
        endpoints,
        endpoint,
        "new",
        RetainAllVariantProperties=True,
        ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DesiredInstanceCount"}],
    )
    assert shown(endpoints.wait(endpoint, "InService")) == (3.0, 2)


def test_what_sagemaker_would_refuse_is_refused(endpoints: Endpoints, endpoint: str) -> None:
    """A canary over half, missing sizes, waits that are too long; a change or an end amid an update."""
    too_large = {**CANARY, "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 60}}
    with pytest.raises(AwsError, match="at most 50 %"):
        update(endpoints, endpoint, "new", DeploymentConfig=blue_green(too_large))
    with pytest.raises(AwsError, match="CanarySize is required"):
        update(
            endpoints,
            endpoint,
            "new",
            DeploymentConfig=blue_green({"Type": "CANARY", "WaitIntervalInSeconds": 0}),
        )
    endpoints.config("one", variant("new"))
    with pytest.raises(AwsError, match="at least 2 instances"):
        update(endpoints, endpoint, "one", DeploymentConfig=blue_green(CANARY))
    short = blue_green(CANARY, keep=3600)
    short["BlueGreenUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"] = 600
    with pytest.raises(AwsError, match="longer than MaximumExecutionTimeoutInSeconds"):
        update(endpoints, endpoint, "new", DeploymentConfig=short)
    nameless = {**blue_green(CANARY), "AutoRollbackConfiguration": {"Alarms": [{}]}}
    with pytest.raises(AwsError, match="needs an AlarmName"):
        update(endpoints, endpoint, "new", DeploymentConfig=nameless)
    with pytest.raises(AwsError, match="Could not find endpoint configuration"):
        update(endpoints, endpoint, "nothing")
    update(endpoints, endpoint, "new", DeploymentConfig=blue_green(CANARY))
    with pytest.raises(AwsError, match="Cannot update in-progress endpoint"):
        update(endpoints, endpoint, "new")
    with pytest.raises(AwsError, match="Cannot update in-progress endpoint"):
        endpoints.world.call("DeleteEndpoint", EndpointName=endpoint)
    baking(endpoints, endpoint)
    advance(endpoints, 601)
    endpoints.wait(endpoint, "InService")


def shown(described: dict[str, Any]) -> tuple[float, int]:
    """Return weight and size of the first variant."""
    first = described["ProductionVariants"][0]
    return first["CurrentWeight"], first["CurrentInstanceCount"]
