"""What SageMaker is asked to do with the traffic, and what takes it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from pipelines.deployment.alarms import FASTEST_MICROSECONDS, UNKNOWN_MICROSECONDS, put_alarms
from pipelines.deployment.defaults import Defaults
from pipelines.deployment.requests import update_endpoint
from pipelines.deployment.served import CLASSIFIER, STYLIZER, STYLIZER_ASYNC
from pipelines.deployment.strategy import KINDS, Kind, Strategy
from pipelines.errors import OperatorError, UsageError


def complaints(service: str, operation: str, request: Mapping[str, Any]) -> str:
    """What AWS's own service model finds wrong with a request."""
    model = botocore.session.get_session().get_service_model(service).operation_model(operation)
    return ParamValidator().validate(dict(request), model.input_shape).generate_report()


@pytest.mark.parametrize("kind", KINDS)
def test_every_strategy_is_a_request_that_aws_takes(kind: Kind) -> None:
    config = Strategy(kind, 25, 300).deployment_config(CLASSIFIER.alarm_names)
    request = update_endpoint("c", config, CLASSIFIER, keep_size=True).request
    assert "" == complaints("sagemaker", "UpdateEndpoint", request)
    assert [{"AlarmName": name} for name in CLASSIFIER.alarm_names] == config["AutoRollbackConfiguration"][
        "Alarms"
    ]


def test_an_update_may_take_as_long_as_its_waits() -> None:
    """Ten parts with an hour between them would not fit into the time that SageMaker gives by default."""
    policy = Strategy("linear", 10, 600).deployment_config(())["BlueGreenUpdatePolicy"]
    assert policy["MaximumExecutionTimeoutInSeconds"] > 10 * 600


@pytest.mark.parametrize(
    ("strategy", "instances", "told"),
    [
        (Strategy("canary", 51, 15), 2, "canary takes 1 to 50"),
        (Strategy("linear", 5, 15), 2, "linear takes 10 to 50"),
        (Strategy("canary", 10, 3601), 2, "takes 0 to 3600 seconds"),
        (Strategy("canary", 10, 15), 1, "--strategy all-at-once"),
    ],
)
def test_what_sagemaker_would_refuse_is_said_before(strategy: Strategy, instances: int, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        strategy.check(instances)


def test_one_instance_can_be_replaced_all_at_once() -> None:
    Strategy("all-at-once", 100, 0).check(1)


def limits(usually: dict[str, float] | None) -> list[float]:
    calls = put_alarms(CLASSIFIER, 3, usually, 60)
    assert [complaints("cloudwatch", "PutMetricAlarm", call.request) for call in calls] == [""] * len(calls)
    found = {call.request["AlarmName"]: call.request["Threshold"] for call in calls}
    assert set(CLASSIFIER.alarm_names) == set(found)
    return [float(found[f"bestiary-classifier-{alarm}"]) for alarm in ("latency", "slow")]


def test_an_endpoint_is_compared_with_itself() -> None:
    """Ten times slower rings, whatever was usual; a fast endpoint's jitter does not."""
    tail, usual = limits({"p99": 400_000.0, "p95": 200_000.0})
    assert 2 * 400_000 < tail < 10 * 400_000
    assert 2 * 200_000 < usual < 5 * 200_000
    assert limits({"p99": 1_000.0, "p95": 900.0}) == [FASTEST_MICROSECONDS] * 2
    assert limits(None) == [UNKNOWN_MICROSECONDS] * 2


def test_an_account_says_how_it_deploys() -> None:
    given = {"deploy/wait-seconds": "15", "deploy/instance-type": "ml.m5.large", "bucket": "b"}
    found = Defaults.read(given, CLASSIFIER)
    assert (15, "ml.m5.large", 2) == (found.wait_seconds, found.instance_type, found.instance_count)
    with pytest.raises(
        OperatorError, match=r"/bestiary/deploy/instance-count is 'two': it takes a whole number"
    ):
        Defaults.read({"deploy/instance-count": "two"}, CLASSIFIER)


def test_what_is_said_of_one_endpoint_goes_before_what_is_said_of_all() -> None:
    """And a stylizer has one instance however many the classifier has."""
    given = {"deploy/instance-count": "3", "deploy/instance-type": "ml.m5.large"}
    own = {"deploy/bestiary-stylizer/instance-type": "ml.g5.xlarge"}
    found = Defaults.read(given | own, STYLIZER)
    assert (1, "ml.g5.xlarge") == (found.instance_count, found.instance_type)
    assert "ml.m5.large" == Defaults.read(given | own, STYLIZER_ASYNC).instance_type
    four = Defaults.read({"deploy/bestiary-stylizer/instance-count": "4"}, STYLIZER)
    assert 4 == four.instance_count
