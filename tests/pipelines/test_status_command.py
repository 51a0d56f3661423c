"""What ``bestiary status`` advises."""

import pytest
from command_line import QuickCommandLine

from pipelines.cli import status
from pipelines.monitoring.standing import Standing
from pipelines.scheduling.overview import Planned

HOURLY = Planned("monitor", "cron(0 * ? * * *) UTC", "Scheduled", "version 1")


@pytest.mark.parametrize(
    ("planned", "advice"), [((), "bestiary schedule monitor hourly"), ((HOURLY,), "bestiary monitor --now")]
)
def test_a_monitor_that_never_ran_is_advised_by_what_is_planned(tmp_path, monkeypatch, planned, advice):
    """Nobody who just scheduled it is told to schedule it."""
    found = Standing(
        live=1,
        endpoint="InService",
        traffic={"requests": 0, "refused": 0, "errors": 0},
        check=None,
        quality=None,
        alarms=(),
        planned=planned,
        training=None,
        reason="",
    )
    monkeypatch.setattr(status, "open_place", lambda *_: None)
    monkeypatch.setattr(status.standing, "read", lambda _: found)
    lines = [line.split() for line in QuickCommandLine(tmp_path)("status").stdout.splitlines()]
    assert ["monitor", "never", "ran:", *advice.split()] in lines
