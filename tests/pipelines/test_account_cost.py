"""What a month costs is known before anything is made that costs."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest

from pipelines.account import bill, cost, prices
from pipelines.deployment.defaults import Defaults
from pipelines.deployment.requests import Call
from pipelines.parameters import PARAMETERS


def test_an_endpoint_costs_by_the_hour_whether_it_is_asked_or_not() -> None:
    """Two GPU machines, the default: over a thousand dollars, all of it idle, and what would do for less."""
    found = cost.of_deploy(Defaults())
    fleet = found.lines[0]
    assert "2 x ml.g4dn.xlarge, 730 h" == fleet.detail
    assert 1075 == int(fleet.dollars or 0)
    assert found.idle == found.month
    assert f"{cost.CHEAPEST} and instance-count 1: 74.46 USD" in found.advice[0]


def test_the_cheapest_endpoint_gets_no_advice_to_become_cheaper() -> None:
    small = Defaults(instance_type=cost.CHEAPEST, instance_count=1)
    assert ["bestiary down"] == [line[:13] for line in cost.of_deploy(small).advice]


def test_what_several_items_advise_is_said_once() -> None:
    assert ("a", "b") == cost.estimate([], ["a", "b", "a"]).advice


def test_a_deploy_is_told_from_its_own_requests() -> None:
    """What is said before is what is asked for; a rollback to a kept configuration makes no new fleet."""
    variant = {"InstanceType": "ml.c5.large", "InitialInstanceCount": 3}
    made = Call("sagemaker", "create_endpoint_config", {"ProductionVariants": [variant]})
    moved = Call("sagemaker", "update_endpoint", {"EndpointName": "bestiary-classifier"})
    found = bill.of_calls("bestiary-classifier", (made, moved))
    assert found is not None
    assert "3 x ml.c5.large, 730 h" == found.lines[0].detail
    assert bill.of_calls("bestiary-classifier", (moved,)) is None


def test_what_scales_to_none_costs_nothing_while_nothing_runs() -> None:
    assert 0 == cost.of_endpoint("bestiary-stylizer-async", "ml.g4dn.xlarge", 0).lines[0].dollars


def test_the_front_costs_nothing_while_nobody_asks_and_its_jobs_most_of_what_it_does() -> None:
    found = cost.of_front(Defaults())
    assert 0 == found.idle
    made, asked = (line.dollars or 0 for line in found.lines)
    assert 0 < asked < 1 < made < 20


def test_a_machine_whose_price_is_not_known_is_said_and_not_taken_for_free() -> None:
    found = cost.of_deploy(Defaults(instance_type="ml.x99.huge"))
    assert ("endpoint bestiary-classifier",) == found.unknown
    assert found.lines[0].dollars is None


@pytest.mark.parametrize(
    ("expression", "least", "most"),
    [
        ("cron(0 * ? * * *)", 729, 731),
        ("cron(0 0 ? * * *)", 30, 31),
        ("cron(0 0 ? * MON *)", 4, 5),
        ("rate(12 hours)", 60, 61),
        ("rate(1 minute)", 3000, 3000),
        ("cron(nonsense)", 1, 1),
    ],
)
def test_a_schedule_costs_as_often_as_it_is_due(expression: str, least: int, most: int) -> None:
    assert least <= bill.times_in_month(expression, "UTC") <= most


def test_an_hourly_monitor_is_told_what_a_daily_one_costs() -> None:
    hourly, daily = bill.of_monitor("cron(0 * ? * * *)"), bill.of_monitor("cron(0 0 ? * * *)")
    assert (hourly.lines[0].dollars or 0) > 20 * (daily.lines[0].dollars or 0)
    assert "monitor daily" in hourly.advice[0]
    assert () == daily.advice


def test_the_prices_are_dated_and_know_the_machines_that_are_used_by_default() -> None:
    table = prices.read()
    assert re.fullmatch(r"20\d\d-\d\d", table.as_of)
    assert table.as_of <= f"{datetime.now(UTC):%Y-%m}"
    used = {str(each.default) for each in PARAMETERS if each.name.endswith("InstanceType")}
    assert {*used, Defaults().instance_type, cost.CHEAPEST, cost.MONITORS} <= set(table.instance_hour)
    assert all(address.startswith("https://") for address in json.loads(prices.TABLE.read_text())["sources"])


def test_trainings_on_spot_cost_less_and_those_that_are_not_are_told_so() -> None:
    kinds = "ml.m5.xlarge", "ml.g4dn.xlarge"
    spot, other = (cost.of_runs(10, *kinds, spot=spot) for spot in (True, False))
    assert 2.9 == round(spot.month, 1)
    assert 6.2 == round(other.month, 1)
    assert spot.lines[0].detail.endswith("45 min ml.g4dn.xlarge on spot")
    assert () == spot.advice
    assert other.advice[0].startswith("/bestiary/training/spot yes")


def test_a_vpc_is_free_and_calls_from_within_it_are_not() -> None:
    assert () == cost.of_network(private_calls=False).lines
    assert 87.6 == round(cost.of_network(private_calls=True).month, 2)
