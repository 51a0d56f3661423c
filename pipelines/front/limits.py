"""How much a key may ask: a bucket of tokens that fills steadily, and a day's quota."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_DAY = 86_400.0


class Limits:
    """Counts the requests of one key.

    Parameters
    ----------
    a_second
        How many it may make all the time.
    at_once
        How many may come together.
    a_day
        How many in 24 hours.
    clock
        Seconds that only go forward.
    """

    def __init__(
        self, a_second: float, at_once: int, a_day: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._a_second, self._at_once, self._a_day, self._clock = a_second, at_once, a_day, clock
        self._tokens, self._filled = float(at_once), clock()
        self._today, self._began = 0, clock()
        self._lock = threading.Lock()

    def admits(self) -> bool:
        """Count one request, and say whether it may pass."""
        with self._lock:
            now = self._clock()
            self._tokens = min(self._at_once, self._tokens + (now - self._filled) * self._a_second)
            self._filled = now
            if now - self._began >= _DAY:
                self._today, self._began = 0, now
            if self._tokens < 1 or self._today >= self._a_day:
                return False
            self._tokens -= 1
            self._today += 1
            return True
