"""Versions go live and come back, with one command each, and every move is written down."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

import pytest
from command_line import CommandLine
from toy_versions import BUCKET, GROUP, Account, until

from pipelines.deployment import retirement


def newest(bestiary: CommandLine) -> dict[str, Any]:
    return bestiary.json("history")[0]


@pytest.fixture(scope="module")
def one(account: Account) -> int:
    """Put a first version live."""
    version = account.toy()
    deployed = account.bestiary.json("deploy", str(version), "--why", "the first")
    assert ("succeeded", version, False) == (
        deployed["status"],
        deployed["version"],
        deployed["rolled_back"],
    ), deployed
    return version


@pytest.fixture(scope="module")
def two(account: Account, one: int) -> int:
    """Register a second version."""
    return account.toy()


def test_where_nothing_is_deployed_every_command_says_what_to_do(account: Account) -> None:
    bestiary = account.bestiary
    for words in (["rollback"], ["classify", "Makefile"]):
        done = bestiary(*words)
        assert done.returncode == 1
        assert "bestiary deploy" in done.stderr
    assert bestiary.json("history") == []
    assert bestiary.json("down")["removed"]["endpoints"] == []


def test_an_unapproved_version_is_refused_with_the_command_that_approves_it(account: Account) -> None:
    version = account.toy(approved=False)
    done = account.bestiary("deploy", str(version))
    assert done.returncode == 1
    assert f"bestiary approve {version}" in done.stderr
    assert "no version is approved" in account.bestiary("deploy").stderr
    assert account.configs() == []


def test_a_dry_run_prints_the_requests_and_sends_none(account: Account, one: int, two: int) -> None:
    before = (account.configs(), account.models(), account.bestiary.json("history"))
    calls = json.loads(account.bestiary("deploy", str(two), "--dry-run").stdout)
    assert ["create_model", "create_endpoint_config", *["put_metric_alarm"] * 3, "update_endpoint"] == [
        call["operation"] for call in calls
    ]
    assert before == (account.configs(), account.models(), account.bestiary.json("history"))


def test_the_first_version_goes_live_and_is_isolated_captured_and_named(account: Account, one: int) -> None:
    assert str(one) == account.answering()
    assert [one] == [item["version"] for item in account.bestiary.json("versions") if item["live"]]
    (name,) = account.models()
    assert account.client("sagemaker").describe_model(ModelName=name)["EnableNetworkIsolation"]
    endpoint = account.client("sagemaker").describe_endpoint(EndpointName=GROUP)
    assert endpoint["DataCaptureConfig"]["DestinationS3Uri"].endswith("/bestiary/captures")
    assert endpoint["ProductionVariants"][0]["CurrentInstanceCount"] == 2


def test_the_live_version_again_is_nothing_to_do(account: Account, one: int) -> None:
    before = account.bestiary.json("history")
    again = account.bestiary.json("deploy", str(one))
    assert again["status"] == "already live"
    assert "nothing was done" in account.bestiary("rollback", str(one)).stdout
    assert before == account.bestiary.json("history")


def test_without_an_earlier_version_there_is_nothing_to_roll_back_to(account: Account, one: int) -> None:
    done = account.bestiary("rollback")
    assert done.returncode == 1
    assert "there is no earlier version to go back to" in done.stderr
    assert str(one) == account.answering()


def test_deploy_and_rollback_lose_no_request(account: Account, one: int, two: int) -> None:
    """Asked all the time: every answer is one of the two versions', and the first one's at the end.

    The way back is over the configuration that was kept: one request.
    """
    bestiary = account.bestiary
    with account.traffic() as answers:
        deployed = bestiary.json("deploy", str(two))
        assert str(two) == account.answering()
        kept = account.configs()
        calls = json.loads(bestiary("rollback", "--dry-run").stdout)
        back = bestiary.json("rollback", "--why", "second thoughts")
    assert {str(one), str(two)} == set(answers)
    assert str(one) == answers[-1] == account.answering()
    assert ("succeeded", "canary 10 %", one) == (
        deployed["status"],
        deployed["strategy"],
        deployed["from_version"],
    )
    assert ("succeeded", one, "all-at-once") == (back["status"], back["version"], back["strategy"])
    assert ["update_endpoint"] == [call["operation"] for call in calls]
    assert kept == account.configs()
    rollback, deploy, *_ = bestiary.json("history")
    assert ("rollback", "second thoughts", two, one) == (
        rollback["action"],
        rollback["why"],
        rollback["from_version"],
        rollback["version"],
    )
    assert ("deploy", "succeeded") == (deploy["action"], deploy["status"])
    assert rollback["who"]["arn"].startswith("arn:aws:")


@pytest.mark.parametrize("command", ["deploy", "rollback"])
def test_a_flipped_byte_is_refused_before_anything_moves(account: Account, one: int, command: str) -> None:
    """Also where the archive was checked before it was changed."""
    version = account.toy()
    account.bestiary.json("approve", str(version))
    account.spoil(version)
    before = (account.configs(), account.models())
    done = account.bestiary(command, str(version), "--json")
    assert done.returncode == 1
    refused = json.loads(done.stdout)
    assert ("refused", False) == (refused["status"], refused["rolled_back"])
    assert "is not what was registered" in refused["reason"]
    event = newest(account.bestiary)
    assert ("refused", refused["reason"]) == (event["status"], event["reason"])
    assert before == (account.configs(), account.models())
    assert str(one) == account.answering()


def test_of_two_deploys_at_once_the_second_is_refused_and_a_killed_one_shows(
    account: Account, one: int, two: int
) -> None:
    bestiary = account.bestiary
    first = bestiary.start("deploy", str(two), "--wait", "6")
    until(lambda: ("under way", two) == (newest(bestiary)["status"], newest(bestiary)["version"]))
    second = bestiary("deploy", str(two))
    assert second.returncode == 1
    assert "has been moving the endpoint" in second.stderr
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    cut = newest(bestiary)
    assert ("interrupted", two) == (cut["status"], cut["version"])
    client = account.client("sagemaker")
    until(lambda: client.describe_endpoint(EndpointName=GROUP)["EndpointStatus"] == "InService")
    assert "serves this version" in newest(bestiary)["reason"]
    assert bestiary.json("rollback")["version"] == one
    assert [event["status"] for event in bestiary.json("history")[:2]] == ["succeeded", "interrupted"]


def test_only_the_last_configurations_are_kept(
    account: Account, one: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two instead of five of them, for quickness."""
    monkeypatch.setattr(retirement, "KEPT", 2)
    for _ in range(2):
        account.bestiary.json("deploy", str(account.toy()), "--strategy", "all-at-once", "--wait", "0")
    assert len(account.configs()) == 2
    assert account.configs() == account.models()
    assert account.bestiary.json("rollback", str(one))["status"] == "succeeded"
    assert str(one) == account.answering()


def test_the_history_is_only_ever_added_to(account: Account, one: int) -> None:
    """One object an event, none of them written twice."""
    pages = account.client("s3").list_object_versions(Bucket=BUCKET, Prefix=f"bestiary/deployments/{GROUP}/")
    keys = [version["Key"] for version in pages["Versions"]]
    assert len(keys) == len(set(keys)) == 2 * len(account.bestiary.json("history", "--count", "100"))
    assert "DeleteMarkers" not in pages


def test_down_removes_what_answers_and_keeps_what_was_learned(account: Account, one: int) -> None:
    bestiary = account.bestiary
    versions = len(bestiary.json("versions"))
    asked = bestiary("down")
    assert asked.returncode == 2
    assert "bestiary down --yes" in asked.stderr
    down = bestiary.json("down", "--yes")
    assert down["removed"]["endpoints"] == [GROUP]
    assert down["left"]["versions"] == versions == len(bestiary.json("versions"))
    assert (account.configs(), account.models()) == ([], [])
    assert account.client("cloudwatch").describe_alarms(AlarmNamePrefix="bestiary-")["MetricAlarms"] == []
    assert newest(bestiary)["action"] == "down"
    assert bestiary.json("down")["removed"]["endpoints"] == []
