"""The account's clock: real time, plus what a test or a person advanced it by."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.1
"""How often a sleeper looks whether the clock was advanced: no thread waits for two things at once."""


@dataclass
class _Tick:
    seconds: float
    function: Callable[[], None]
    name: str
    due: datetime


class Clock:
    """Tells the time, lets threads sleep until a moment and runs functions on ticks; for any thread."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._ticks: list[_Tick] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return datetime.now(UTC) + self._ahead

    def advance(self, by: timedelta) -> datetime:
        """Move the clock forward, wake who sleeps until a moment now past, and return the new time.

        Raises
        ------
        ValueError
            When the time is negative: what happened cannot be undone.
        """
        if by < timedelta():
            raise ValueError(f"the clock goes forward only, not by {by}")
        with self._changed:
            self._ahead += by
            self._changed.notify_all()
        return self.now()

    def sleep_until(self, moment: datetime, interrupt: threading.Event) -> bool:
        """Wait until a moment has come.

        Parameters
        ----------
        moment
            When to go on, with a time zone.
        interrupt
            Ends the sleep early when it is set.

        Returns
        -------
        bool
            Whether the sleep was interrupted.
        """
        while (left := (moment - self.now()).total_seconds()) > 0:
            if interrupt.wait(min(left, _LOOK_SECONDS)):
                return True
        return interrupt.is_set()

    def every(self, seconds: float, function: Callable[[], None], name: str) -> None:
        """Run a function again and again, all of them on one background thread, until `close`.

        Parameters
        ----------
        seconds
            Time between two runs; ticks that were missed, or that the clock was advanced past, become one.
        function
            What to run; what it raises is logged and ends nothing. It should take milliseconds.
        name
            What the log calls it.
        """
        with self._changed:
            self._ticks.append(_Tick(seconds, function, name, self.now()))
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="clock", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def close(self) -> None:
        """End the ticks; the one that runs is waited for."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        while (tick := self._next()) is not None:
            try:
                tick.function()
            except Exception:  # noqa: BLE001 - whatever one of them does, the others go on
                _log.exception("%s failed", tick.name)

    def _next(self) -> _Tick | None:
        """Wait until a tick is due and take it; None when the clock was closed."""
        with self._changed:
            while not self._closed:
                tick = min(self._ticks, key=lambda each: each.due)
                left = (tick.due - self.now()).total_seconds()
                if left <= 0:
                    tick.due = self.now() + timedelta(seconds=tick.seconds)
                    return tick
                self._changed.wait(left)
        return None
