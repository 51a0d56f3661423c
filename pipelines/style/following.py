"""Waiting for what the stylizer's asynchronous endpoint was asked for."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pipelines import s3
from pipelines.deployment import endpoint as endpoints
from pipelines.deployment.served import STYLIZER_ASYNC
from pipelines.errors import OperatorError
from pipelines.style import queue
from pipelines.style.endpoint import Painted

if TYPE_CHECKING:
    from pipelines.place import Place
    from pipelines.style.queue import Request

_POLL_SECONDS = 1.0
_CANCEL_SECONDS = 5.0
_LOG_SECONDS = 3.0
_STEP = re.compile(
    r"step (?P<step>\d+) of \d+, (?P<side>\d+) px: content (?P<content>\S+), style (?P<style>\S+), "
    r"total (?P<total>\S+),"
)

Say = Callable[[str], None]


def follow(place: Place, request: Request, say: Say) -> Painted:
    """Wait for a picture, saying what the endpoint's log says of it.

    Raises
    ------
    OperatorError
        There will be none; the line says why.
    """
    told = _Told(queue.Log(place, request), say)
    _say_if_asleep(place, say)
    while True:
        picture = queue.result(place, request)
        why = None if picture else queue.failure(place, request)
        told.hear()
        if picture is not None:
            told.hear_out()
            seconds = _seconds(place, request)
            return Painted(
                picture, STYLIZER_ASYNC.endpoint, request.version, seconds, tuple(told.losses), request.id
            )
        if why is not None:
            raise OperatorError(f"painting {request.id}: {why}")
        time.sleep(_POLL_SECONDS)


class _Told:
    """What the log has said so far."""

    def __init__(self, log: queue.Log, say: Say) -> None:
        self._log, self._say, self._whole = log, say, False
        self.losses: list[dict[str, float]] = []

    def hear(self) -> None:
        """Say what is new."""
        for line in self._log.new():
            self._say(line)
            self._whole |= line.startswith("done")
            if step := _STEP.match(line):
                self.losses.append({name: float(value) for name, value in step.groupdict().items()})

    def hear_out(self) -> None:
        """Wait a moment for the rest: a log comes later than the picture."""
        until = time.monotonic() + _LOG_SECONDS
        while not self._whole and time.monotonic() < until:
            time.sleep(_POLL_SECONDS / 4)
            self.hear()


def cancel(place: Place, request: Request, seconds: float = 60.0) -> Literal["cancelled", "done", "asked"]:
    """Give a request up, and wait until it is.

    Returns
    -------
    ``done`` where the picture was finished before, ``asked`` where nothing has come of it within `seconds`:
    a request that waits for an instance is given up when its turn comes.
    """
    until, again = time.monotonic() + seconds, 0.0
    while time.monotonic() < until:
        if queue.is_done(place, request):
            return "done"
        if queue.failure(place, request) is not None:
            return "cancelled"
        if time.monotonic() >= again:
            queue.ask_to_cancel(place, request)
            again = time.monotonic() + _CANCEL_SECONDS
        time.sleep(_POLL_SECONDS / 4)
    return "asked"


def _say_if_asleep(place: Place, say: Say) -> None:
    there = endpoints.describe(place, STYLIZER_ASYNC)
    if there and there.instances == 0:
        say(f"{STYLIZER_ASYNC.endpoint} has no instance just now: an alarm sees the request and starts one")


def _seconds(place: Place, request: Request) -> float:
    """Measure from the request to its picture, to whole seconds as S3 has them."""
    bucket, key = s3.split(request.output)
    done = place.s3.head_object(Bucket=bucket, Key=key)["LastModified"]
    return max(0.0, (done - datetime.fromisoformat(request.requested)).total_seconds())
