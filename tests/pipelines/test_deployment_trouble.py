"""Bad versions: each is caught, the one before still serves, and history and exit code say so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from toy_versions import GROUP, Account, until


@pytest.fixture(scope="module")
def good(account: Account) -> int:
    version = account.toy()
    assert account.bestiary.json("deploy", str(version))["status"] == "succeeded"
    return version


def refused(account: Account, version: int, *words: str) -> dict[str, Any]:
    """Deploy what must not go live; the history says the same as the command."""
    done = account.bestiary("deploy", str(version), *words, "--json")
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    event = account.bestiary.json("history")[0]
    assert (told["status"], told["reason"]) == (event["status"], event["reason"])
    return told


def test_a_first_version_that_crashes_leaves_nothing_behind(account: Account) -> None:
    told = refused(account, account.toy("crashes"))
    assert told["status"] == "failed"
    assert "its weights are missing" in told["reason"]
    assert (account.configs(), account.models()) == ([], [])
    assert account.client("sagemaker").list_endpoints()["Endpoints"] == []


def test_a_version_that_crashes_at_load_never_sees_traffic(account: Account, good: int) -> None:
    before = account.configs()
    with account.traffic() as answers:
        told = refused(account, account.toy("crashes"))
    assert {str(good)} == set(answers)
    assert (True, "rolled back") == (told["rolled_back"], told["status"])
    assert "its weights are missing" in told["reason"]
    assert before == account.configs() == account.models()


def test_photos_that_are_none_are_not_the_versions_fault(account: Account, good: int, tmp_path: Path) -> None:
    """A folder of broken photos in the middle of the canary takes nothing back."""
    for number in range(20):
        (tmp_path / f"{number}.jpg").write_text("no photo")
    version = account.toy()
    deploy = account.bestiary.start("deploy", str(version), "--wait", "2", "--json")
    while deploy.poll() is None:
        assert account.bestiary("classify", str(tmp_path)).returncode == 1
    out, err = deploy.communicate()
    assert 0 == deploy.returncode, out + err
    assert str(version) == account.answering()
    assert account.bestiary.json("rollback")["version"] == good


@pytest.mark.parametrize(
    ("kind", "how", "alarm"),
    [("fails", {}, "errors"), ("serves", {"seconds": 0.4}, "latency")],
)
def test_the_alarms_take_a_bad_version_back(
    account: Account, good: int, kind: str, how: dict[str, float], alarm: str
) -> None:
    """No more requests are lost than the canary's share, and SageMaker's success is not taken for ours."""
    bad = account.toy(kind, **how)
    with account.traffic() as answers:
        until(lambda: len(answers) > 25)
        told = refused(account, bad, "--wait", "30")
    assert (True, "rolled back") == (told["rolled_back"], told["status"])
    assert f"{GROUP}-{alarm}" in told["reason"]
    (put,) = account.client("cloudwatch").describe_alarms(AlarmNames=[f"{GROUP}-{alarm}"])["MetricAlarms"]
    assert put["AlarmDescription"].startswith(f"Version {good} of {GROUP} "), "it names what serves"
    assert str(good) == answers[-1]
    lost = [answer for answer in answers if answer.startswith("error")]
    assert len(lost) <= 0.25 * len(answers)
    assert bool(lost) == (kind == "fails")


def test_a_rollback_takes_back_an_update_that_is_under_way(account: Account, good: int) -> None:
    """SageMaker takes no second update meanwhile; it goes back once an alarm rings, which also says why."""
    bestiary, sagemaker = account.bestiary, account.client("sagemaker")
    version = account.toy()
    with account.traffic() as answers:
        deploy = bestiary.start("deploy", str(version), "--wait", "60", "--json")
        until(lambda: sagemaker.describe_endpoint(EndpointName=GROUP).get("PendingDeploymentSummary"))
        back = bestiary.json("rollback", "--why", "wrong photos")
        out, err = deploy.communicate(timeout=60)
    assert ("succeeded", good) == (back["status"], back["version"])
    assert 1 == deploy.returncode, err
    told = json.loads(out)
    assert told["rolled_back"]
    assert "wrong photos" in told["reason"]
    assert str(good) == answers[-1]
    assert not [answer for answer in answers if answer.startswith("error")]
