"""The account's clock: it can be advanced, wakes sleepers and runs ticks."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from job_world import LONG, World

from infra.local.clock import Clock
from infra.local.ports import CLOCK

pytest_plugins = ("world_fixture",)


def wait_for(event: threading.Event) -> None:
    assert event.wait(LONG)


def test_an_advance_wakes_who_sleeps_until_a_moment_now_past() -> None:
    """Who sleeps an hour wakes when an hour was skipped, and was not interrupted."""
    clock, woken = Clock(), threading.Event()
    moment = clock.now() + timedelta(hours=1)
    interrupted: list[bool] = []

    def sleep() -> None:
        interrupted.append(clock.sleep_until(moment, threading.Event()))
        woken.set()

    threading.Thread(target=sleep, daemon=True).start()
    assert not woken.is_set()
    assert timedelta(hours=2) <= clock.advance(timedelta(hours=2)) - datetime.now(UTC) + timedelta(seconds=1)
    wait_for(woken)
    assert [False] == interrupted


def test_a_sleep_ends_when_it_is_interrupted() -> None:
    """Whoever sets the event ends the sleep."""
    interrupt = threading.Event()
    threading.Timer(0.05, interrupt.set).start()
    assert Clock().sleep_until(datetime.now(UTC) + timedelta(hours=1), interrupt)


def test_ticks_go_on_after_one_that_fails(caplog: pytest.LogCaptureFixture) -> None:
    """Each function has its own pace, and what one raises is logged."""
    clock, others = Clock(), threading.Event()
    runs: list[int] = []

    def fails() -> None:
        runs.append(1)
        if len(runs) == 2:
            others.set()
        raise RuntimeError("no luck")

    clock.every(3600.0, fails, "the failing one")
    while not runs:
        time.sleep(0.005)
    clock.advance(timedelta(seconds=3601))
    wait_for(others)
    clock.close()
    assert 2 == len(runs)
    assert "the failing one failed" in caplog.text


def test_time_does_not_go_back() -> None:
    """What happened cannot be undone."""
    with pytest.raises(ValueError, match="forward only"):
        Clock().advance(timedelta(seconds=-1))


def test_a_person_advances_the_clock_over_http(world: World) -> None:
    """The answer says what time it is then; nonsense is refused."""
    before = world.account.clock.now()
    connection = HTTPConnection(urlsplit(world.url).netloc)
    connection.request("POST", CLOCK, b'{"advance_seconds": 3600}')
    now = datetime.fromisoformat(json.load(connection.getresponse())["now"])
    assert now - before >= timedelta(hours=1)
    connection.request("POST", CLOCK, b'{"advance_seconds": "soon"}')
    assert 400 == connection.getresponse().status
    connection.close()
