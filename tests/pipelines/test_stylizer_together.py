"""Both endpoints of the stylizer serve the same version, or those they served before."""

from __future__ import annotations

import json

import pytest
from toy_versions import Account

GROUP = "bestiary-stylizer"
INSTANT, QUEUED = "bestiary-stylizer", "bestiary-stylizer-async"
OF = ("--of", "stylizer")


@pytest.fixture(scope="module")
def stylizers(account: Account) -> Account:
    account.client("sagemaker").create_model_package_group(ModelPackageGroupName=GROUP)
    account.setting("wait-seconds", 0)
    return account


def register(account: Account, kind: str = "serves", methods: str = "fast gatys", **how: object) -> int:
    return account.register(account.packed(kind, **how), account.image, group=GROUP, methods=methods)


def live(account: Account) -> dict[str, int]:
    """Return the version of each endpoint, as its newest EndpointConfig's name has it."""
    endpoints = account.client("sagemaker").list_endpoints()["Endpoints"]
    found = {}
    for endpoint in endpoints:
        told = account.client("sagemaker").describe_endpoint(EndpointName=endpoint["EndpointName"])
        config = told["EndpointConfigName"].removeprefix(f"{endpoint['EndpointName']}-v")
        found[endpoint["EndpointName"]] = int(config.partition("-")[0])
    return found


def test_where_one_endpoint_cannot_start_a_version_the_other_goes_back(stylizers: Account) -> None:
    """The queue's had moved already; history and exit code say what happened."""
    bestiary = stylizers.bestiary
    good = register(stylizers)
    assert "succeeded" == bestiary.json("deploy", *OF)["status"]
    bad = register(stylizers, "crashes", where_set="BESTIARY_STYLE_METHODS")
    done = bestiary("deploy", str(bad), *OF, "--json")
    assert 1 == done.returncode
    told = json.loads(done.stdout)
    assert (INSTANT, "rolled back", good) == (told["endpoint"], told["status"], told["live_version"])
    assert [(QUEUED, bad), (INSTANT, bad), (QUEUED, good)] == [
        (one["endpoint"], one["version"]) for one in told["endpoints"]
    ]
    assert {INSTANT: good, QUEUED: good} == live(stylizers)
    assert "did not get to version" in bestiary.json("history", *OF)[0]["why"]
    assert [good] == [one["version"] for one in bestiary.json("versions", *OF) if one["live"]]


def test_a_version_without_fast_leaves_the_real_time_endpoint_as_it_is(stylizers: Account) -> None:
    """And a rollback, which goes by the endpoint that moved last, finds nothing to do there."""
    bestiary = stylizers.bestiary
    before = live(stylizers)
    slow = register(stylizers, methods="gatys")
    done = bestiary("deploy", str(slow), *OF)
    assert (0, True) == (done.returncode, f"has nothing for {INSTANT}" in done.stderr)
    assert {**before, QUEUED: slow} == live(stylizers)
    back = bestiary.json("rollback", *OF)
    assert [(QUEUED, "succeeded")] == [(one["endpoint"], one["status"]) for one in back["endpoints"]]
    assert before == live(stylizers)
    assert [] == bestiary.json("history")
