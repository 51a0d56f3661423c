"""Updates that go wrong: caught before traffic or by an alarm, and back on the old version."""

from __future__ import annotations

import time

import pytest
from botocore.exceptions import ClientError
from hosting_updates import CANARY, Load, advance, alarm, baking, blue_green, update
from hosting_world import Endpoints, until

from infra.local.errors import AwsError

pytest_plugins = ("world_fixture", "updated_endpoint")


def test_an_alarm_during_the_canary_brings_the_old_version_back(endpoints: Endpoints, endpoint: str) -> None:
    """A version that answers 500 costs its share of the requests; the description says why it went."""
    name = alarm(endpoints, "errors", endpoint)
    update(endpoints, endpoint, "failing", DeploymentConfig=blue_green(CANARY, name))
    baking(endpoints, endpoint)
    answers = [answer_or_status(endpoints, endpoint) for _ in range(10)]
    assert 1 <= answers.count("500") <= 2  # the alarm may be faster than the second
    assert set(answers) == {"500", "old"}
    described = endpoints.wait(endpoint, "InService")
    assert described["EndpointConfigName"] == "old"
    assert "alarm errors went to ALARM" in described["FailureReason"]
    assert "hreshold" in described["FailureReason"]
    assert {endpoints.ask(endpoint)["name"] for _ in range(4)} == {"old"}
    until(lambda: endpoints.world.account.alarms.states(["errors"])["errors"] == "ALARM")
    with pytest.raises(AwsError, match="is in state ALARM"):
        update(endpoints, endpoint, "new", DeploymentConfig=blue_green(CANARY, name))
    with pytest.raises(AwsError, match="does not exist"):
        update(endpoints, endpoint, "new", DeploymentConfig=blue_green(CANARY, "no-such"))


def test_an_alarm_on_latency_catches_a_slow_version(endpoints: Endpoints, endpoint: str) -> None:
    """Its answers are right, but late: the 99th percentile tells."""
    rule = {"MetricName": "ModelLatency", "ExtendedStatistic": "p99", "Threshold": 300_000}
    name = alarm(endpoints, "late", endpoint, **rule)
    update(endpoints, endpoint, "slow", DeploymentConfig=blue_green(CANARY, name))
    baking(endpoints, endpoint)
    answers = [answer_or_status(endpoints, endpoint) for _ in range(10)]
    assert 1 <= answers.count("slow") <= 2
    described = endpoints.wait(endpoint, "InService")
    assert described["EndpointConfigName"] == "old"
    assert "alarm late went to ALARM" in described["FailureReason"]


def test_an_alarm_turns_a_rolling_update_back(endpoints: Endpoints, endpoint: str) -> None:
    """Instances that were ended already are started again."""
    name = alarm(endpoints, "rolling", endpoint)
    batch = {"Type": "INSTANCE_COUNT", "Value": 1}
    policy = {
        "RollingUpdatePolicy": {"MaximumBatchSize": batch, "WaitIntervalInSeconds": 600},
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name}]},
    }
    update(endpoints, endpoint, "new", DeploymentConfig=policy)
    baking(endpoints, endpoint)
    advance(endpoints, 601)
    baking(endpoints, endpoint, 1.0)
    endpoints.world.client("cloudwatch").set_alarm_state(
        AlarmName=name, StateValue="ALARM", StateReason="a person said so"
    )
    described = endpoints.wait(endpoint, "InService")
    assert "a person said so" in described["FailureReason"]
    assert described["ProductionVariants"][0]["CurrentInstanceCount"] == 2
    assert {endpoints.ask(endpoint)["name"] for _ in range(4)} == {"old"}


def test_an_update_that_takes_too_long_is_turned_back(endpoints: Endpoints, endpoint: str) -> None:
    """MaximumExecutionTimeoutInSeconds is for all of it."""
    config = blue_green(CANARY)
    config["BlueGreenUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"] = 600
    update(endpoints, endpoint, "new", DeploymentConfig=config)
    baking(endpoints, endpoint)
    advance(endpoints, 602)
    described = endpoints.wait(endpoint, "InService")
    assert described["EndpointConfigName"] == "old"
    assert "took longer than MaximumExecutionTimeoutInSeconds (600)" in described["FailureReason"]


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ("crashing", "cannot load the model: the weights are gone"),
        ("silent", "did not answer /ping with 200"),
    ],
)
def test_a_version_that_does_not_start_gets_no_request(
    endpoints: Endpoints, endpoint: str, config: str, why: str
) -> None:
    """The old version stays, and the description quotes the last words of the new one."""
    load = Load(endpoints, endpoint, clients=2)
    update(endpoints, endpoint, config)
    if config == "silent":
        time.sleep(0.3)  # the program needs a moment to be there and say nothing
        advance(endpoints, 481)
    described = endpoints.wait(endpoint, "InService")
    load.end()
    assert described["EndpointConfigName"] == "old"
    assert why in described["FailureReason"]
    assert "did not pass the ping health check" in described["FailureReason"]
    assert (set(load.names), load.errors) == ({"old"}, [])


def test_a_rollback_without_an_old_fleet_fails_and_says_so(endpoints: Endpoints, endpoint: str) -> None:
    """Where no old instance can answer any more, the new fleet keeps the traffic."""
    name = alarm(endpoints, "gone", endpoint)
    update(endpoints, endpoint, "new", DeploymentConfig=blue_green(CANARY, name))
    baking(endpoints, endpoint)
    served = endpoints.world.account.hosting.endpoint(endpoint)
    assert served is not None
    assert served.fleet is not None
    served.fleet.kill()
    endpoints.world.client("cloudwatch").set_alarm_state(
        AlarmName=name, StateValue="ALARM", StateReason="all is lost"
    )
    until(lambda: endpoints.describe(endpoint)["EndpointStatus"] == "RollingBack")
    advance(endpoints, 61)
    described = endpoints.wait(endpoint, "UpdateRollbackFailed")
    assert "The rollback failed too" in described["FailureReason"]
    assert {endpoints.ask(endpoint)["name"] for _ in range(4)} == {"new"}
    update(endpoints, endpoint, "new")
    assert "FailureReason" not in endpoints.wait(endpoint, "InService")


def answer_or_status(endpoints: Endpoints, name: str) -> str:
    """Ask once, and return the name of the model that answered, or the status of its error."""
    try:
        return str(endpoints.ask(name)["name"])
    except ClientError as error:
        return str(error.response["OriginalStatusCode"])
