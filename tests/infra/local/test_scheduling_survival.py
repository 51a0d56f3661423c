"""A due time is one execution, whenever the server is killed: with a real one, and ``kill -9``."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from hosting_world import until
from own_server import OwnServer
from pipeline_definitions import ROLE, processing

PAUSES = (0.0, 0.4, 0.8)
"""Seconds from the due time to the kill: before it is seen, while it is, and after."""


@pytest.mark.slow
def test_a_due_time_is_neither_lost_nor_repeated_by_a_kill(tmp_path: Path) -> None:
    """Schedules, rules and what is on its way to their targets are on the disk."""
    server = OwnServer(tmp_path / "home")
    try:
        arn = _pipeline(server)
        target = {"Arn": arn, "RoleArn": ROLE}
        hourly = {"ScheduleExpression": "cron(0 * * * ? *)", "FlexibleTimeWindow": {"Mode": "OFF"}}
        server.client("scheduler").create_schedule(Name="hourly", Target=target, **hourly)
        first = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        for number, pause in enumerate(PAUSES, start=1):
            due = first + timedelta(hours=number - 1)
            _move_to(server, due)
            time.sleep(pause)
            server.kill()
            server.start()
            _move_to(server, due)
            until(lambda number=number: len(_executions(server)) >= number)
        time.sleep(1.0)
        assert len(PAUSES) == len(_executions(server))
    finally:
        server.stop()


def _pipeline(server: OwnServer) -> str:
    definition = json.dumps({"Version": "2020-12-01", "Steps": [processing("work")]})
    made = server.client("sagemaker").create_pipeline(
        PipelineName="pipe", PipelineDefinition=definition, RoleArn=ROLE, ClientRequestToken="p" * 32
    )
    return str(made["PipelineArn"])


def _executions(server: OwnServer) -> list[Any]:
    found: list[Any] = server.client("sagemaker").list_pipeline_executions(PipelineName="pipe")[
        "PipelineExecutionSummaries"
    ]
    return found


def _move_to(server: OwnServer, moment: datetime) -> None:
    """Advance the server's clock, which begins with the real time, to just after a moment."""
    url = f"{server.running.endpoint_url}/_bestiary/clock"
    with urlopen(Request(url, data=b"{}")) as answer:  # noqa: S310 - the test's own server
        now = datetime.fromisoformat(json.load(answer)["now"])
    by = (moment - now).total_seconds() + 1
    if by > 0:
        urlopen(Request(url, data=json.dumps({"advance_seconds": by}).encode())).close()  # noqa: S310 - as above
