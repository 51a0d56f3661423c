"""An endpoint that is meant for a while goes by itself, and what is said of it holds."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from toy_versions import Account, until

from infra.local.ports import CLOCK
from pipelines.deployment import expiry
from pipelines.errors import UsageError

NAME = "bestiary-classifier"
SCHEDULE = "bestiary-classifier-expires"


@pytest.fixture(scope="module")
def first(account: Account) -> int:
    """Put a version live for eight hours."""
    version = account.toy()
    done = account.bestiary("deploy", str(version), "--ttl", "8h")
    assert 0 == done.returncode, done.stderr
    assert "USD in AWS until it is removed in 8 h" in done.stderr
    assert f"{NAME} is removed in 8 h" in done.stderr
    return version


def tag(account: Account) -> str:
    told = account.client("sagemaker").describe_endpoint(EndpointName=NAME)
    tags = account.client("sagemaker").list_tags(ResourceArn=told["EndpointArn"])["Tags"]
    return next((each["Value"] for each in tags if each["Key"] == expiry.TAG), "")


def removals(account: Account) -> list[dict[str, Any]]:
    return [each for each in account.bestiary.json("schedule") if each["what"] == "removal"]


def advance(account: Account, by: timedelta) -> None:
    httpx.post(account.bestiary.endpoint_url + CLOCK, json={"advance_seconds": by.total_seconds()})


def endpoints(account: Account) -> list[str]:
    return [each["EndpointName"] for each in account.client("sagemaker").list_endpoints()["Endpoints"]]


def test_the_end_is_on_the_endpoint_on_the_screen_and_in_the_bill(account: Account, first: int) -> None:
    end = datetime.strptime(tag(account), "%Y-%m-%dT%H:%M:%S%z")
    assert timedelta(hours=7, minutes=50) < end - datetime.now(UTC) <= timedelta(hours=8)
    assert [f"{end:%Y-%m-%d %H:%M} UTC"] == [each["when"] for each in removals(account)]
    assert removals(account) == [
        each for each in account.bestiary.json("status")["schedules"] if each["what"] == "removal"
    ]
    line = next(
        each for each in account.bestiary.json("cost")["lines"] if each["item"].startswith("endpoint")
    )
    assert line["detail"].endswith(", 8 h")
    assert 12 > line["dollars"] > 11


def test_another_deploy_keeps_the_end_and_one_can_take_it_back(account: Account, first: int) -> None:
    before = tag(account)
    moved = ("--strategy", "all-at-once", "--wait", "0")
    account.bestiary.json("deploy", str(account.toy()), *moved)
    assert before == tag(account)
    done = account.bestiary("deploy", str(first), *moved, "--ttl", "never")
    assert 0 == done.returncode, done.stderr
    assert ([], "never") == (removals(account), tag(account))
    live = account.bestiary("deploy", str(first), "--ttl", "2d")
    assert "live already" in live.stdout
    assert "is removed in 2 days" in live.stderr


def test_a_deploy_shortly_before_the_end_has_to_say_how_long_it_is_to_stay(
    account: Account, first: int
) -> None:
    account.bestiary("deploy", str(first), "--ttl", "20m")
    done = account.bestiary("deploy", str(account.toy()))
    assert 1 == done.returncode
    assert "--ttl 8h or --ttl never" in done.stderr


def test_the_endpoint_goes_when_its_time_is_over_and_the_next_one_stays(account: Account, first: int) -> None:
    """By the clock alone; versions stay, and what the schedule left does not end the next endpoint."""
    account.bestiary("deploy", str(first), "--ttl", "1h")
    assert [NAME] == endpoints(account)
    advance(account, timedelta(minutes=59))
    assert [NAME] == endpoints(account)
    advance(account, timedelta(minutes=2))
    until(lambda: endpoints(account) == [])
    account.bestiary.json("deploy", str(first))
    assert [] == removals(account)
    advance(account, timedelta(hours=5))
    assert [NAME] == endpoints(account)


def test_down_takes_the_schedule_along(account: Account, first: int) -> None:
    account.bestiary("deploy", str(first), "--ttl", "5h")
    assert 1 == len(removals(account))
    assert 0 == account.bestiary("down", "--yes").returncode
    names = [each["Name"] for each in account.client("scheduler").list_schedules()["Schedules"]]
    assert SCHEDULE not in names


def test_a_model_runs_in_the_vpc_that_the_account_has(account: Account) -> None:
    """The stack's parameters are all it takes."""
    ssm = account.client("ssm")
    told = {"/bestiary/network/subnets": "subnet-1,subnet-2", "/bestiary/network/security-group": "sg-1"}
    version = str(account.toy())
    for name, value in told.items():
        ssm.put_parameter(Name=name, Value=value, Type="String")
    inside = json.loads(account.bestiary("deploy", version, "--dry-run").stdout)
    for name in told:
        ssm.delete_parameter(Name=name)
    outside = json.loads(account.bestiary("deploy", version, "--dry-run").stdout)
    model, other = (calls[0]["request"] for calls in (inside, outside))
    assert {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]} == model["VpcConfig"]
    assert "VpcConfig" not in other


@pytest.mark.parametrize("ttl", ["8", "0h", "8 h", "-1h", "400d", "soon", ""])
def test_what_is_no_time_to_live_is_refused(ttl: str) -> None:
    with pytest.raises(UsageError, match="--ttl"):
        expiry.until(ttl)
