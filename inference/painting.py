"""A painting under way: how far it is, for whoever waits, and whether it should go on."""

from __future__ import annotations

import sys
import time
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

from inference.errors import Refusal, busy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bestiary.style import State

MOST_REMEMBERED = 1000
EVERY_SECONDS = 5.0


class Orders:
    """What was said of requests while they wait or are painted; for any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._cancelled: OrderedDict[str, None] = OrderedDict()
        self._closed = False

    def cancel(self, inference_id: str) -> None:
        """Give a request up, now or when it comes."""
        with self._lock:
            self._cancelled[inference_id] = None
            while len(self._cancelled) > MOST_REMEMBERED:
                self._cancelled.popitem(last=False)

    def close(self) -> None:
        """Give everything up."""
        self._closed = True

    def check(self, inference_id: str, deadline: float) -> None:
        """See whether a request is still wanted.

        Parameters
        ----------
        inference_id
            The request's; may be empty.
        deadline
            By `time.monotonic`.

        Raises
        ------
        Refusal
            409 where it was cancelled, 503 where its time is over or the endpoint stops.
        """
        if self._closed:
            raise busy("the endpoint stops: try again")
        if inference_id and inference_id in self._cancelled:
            raise Refusal(409, f"{inference_id} was cancelled")
        if time.monotonic() > deadline:
            raise busy("the time for it is over: ask for a smaller picture or fewer steps")


class Progress:
    """Told of every step of ``gatys``; writes a line to stderr, which becomes the endpoint's log.

    Parameters
    ----------
    inference_id
        By which the lines are found.
    levels
        Longest side and number of steps of each level.
    """

    def __init__(self, inference_id: str, levels: Sequence[tuple[int, int]]) -> None:
        self._id = inference_id or "-"
        self._levels = tuple(levels)
        self._began = self._said = time.monotonic()

    def __call__(self, state: State) -> None:
        """Tell of a step, unless the last was told of a moment ago."""
        now, record = time.monotonic(), state.history[-1]
        if record.step > 1 and now - self._said < EVERY_SECONDS:
            return
        self._said = now
        whole = sum(steps for _, steps in self._levels)
        tell(
            self._id,
            f"step {record.step} of {whole}, {record.side} px: content {record.content:.3f}, "
            f"style {record.style:.4f}, total {record.total:.4f}, about {self._left(state, now):.0f} s left",
        )

    def _left(self, state: State, now: float) -> float:
        """Estimate the seconds left: steps take as long as pictures have pixels; a level may end early."""
        in_level = sum(record.side == state.history[-1].side for record in state.history)
        done = sum(record.side**2 for record in state.history)
        side, steps = self._levels[state.level]
        later = sum(side**2 * steps for side, steps in self._levels[state.level + 1 :])
        return (now - self._began) * ((steps - in_level) * side**2 + later) / done


def tell(inference_id: str, what: str) -> None:
    """Write a line about a request to the endpoint's log."""
    sys.stderr.write(f"painting {inference_id or '-'}: {what}\n")
    sys.stderr.flush()
