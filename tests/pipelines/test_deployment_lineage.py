"""What the history says about versions to go back to, and about commands that are gone."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipelines.deployment.endpoint import Endpoint
from pipelines.deployment.history import Deployment, Who
from pipelines.deployment.lineage import at_work, earlier_versions, seen, served_configs

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HERE = Who("arn", "ann", platform.node(), os.getpid())


def deployment(version: int, action: Any = "deploy", **more: Any) -> Deployment:
    made = Deployment(
        f"d{version}", action, version, None, "canary 10 %", f"config-{version}", (), "", HERE, NOW
    )
    return replace(made, **({"status": "succeeded", "served": True, "ended": NOW} | more))


def went(*moves: int) -> list[Deployment]:
    """Deploys of positive versions, rollbacks to negative ones."""
    return [deployment(abs(move), "deploy" if move > 0 else "rollback") for move in moves]


@pytest.mark.parametrize(
    ("moves", "live", "earlier"),
    [
        ((1,), 1, []),
        ((1, 2), 2, [1]),
        ((1, 2, 3), 3, [2, 1]),
        ((1, 2, -1), 1, []),
        ((1, 2, 3, -2), 2, [1]),
        ((1, 2, 3, -2, -1), 1, []),
        ((1, 2, 3, -1, 4), 4, [1]),
        ((1, 2, 1), 1, [2]),
        ((2, -1), 1, [2]),
        ((1, 2), 7, [2, 1]),
    ],
)
def test_a_rollback_goes_to_what_was_live_before_and_never_back_to_the_mistake(
    moves: tuple[int, ...], live: int, earlier: list[int]
) -> None:
    assert earlier == earlier_versions(went(*moves), live)


def test_what_never_served_is_nothing_to_go_back_to() -> None:
    failed = deployment(2, status="rolled back", served=False)
    assert [1] == earlier_versions([*went(1), failed, *went(3)], 3)
    assert ["config-3", "config-1"] == served_configs([*went(1), failed, *went(3)])


def test_an_intent_whose_process_is_gone_was_interrupted() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    killed = deployment(2, status="", served=False, ended=None, who=replace(HERE, pid=process.pid))
    standing = Endpoint("InService", "config-1", "", 2, (), "")
    (found,) = seen([killed], standing)
    assert ("interrupted", False) == (found.status, found.served)
    assert "does not serve this version" in found.reason
    (came_through,) = seen([killed], replace(standing, config="config-2"))
    assert ("interrupted", True) == (came_through.status, came_through.served)


def test_an_intent_whose_process_lives_is_under_way() -> None:
    under_way = deployment(2, status="", served=False, ended=None)
    assert at_work(under_way, None)
    assert [under_way] == seen([under_way], None)


def test_a_command_on_another_machine_is_believed_for_a_while_and_as_long_as_the_endpoint_moves_for_it() -> (
    None
):
    elsewhere = replace(HERE, host="elsewhere")
    old = deployment(2, status="", ended=None, who=elsewhere, started=datetime.now(UTC) - timedelta(hours=1))
    moving = Endpoint("Updating", "config-1", "config-2", 2, (), "")
    assert at_work(old, moving)
    assert not at_work(old, replace(moving, status="InService", pending=""))
    assert at_work(replace(old, started=datetime.now(UTC)), None)
