"""The programs of one job's hosts, as one program."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.local.jobs.process import Program

_LOOK_SECONDS = 0.05


class Together:
    """Programs that end together: all by themselves, or all because one failed; see `Program`.

    Parameters
    ----------
    programs
        One a host; one at least.
    """

    def __init__(self, programs: Sequence[Program]) -> None:
        self._programs = tuple(programs)
        self._running = dict(enumerate(self._programs))
        self._code = 0
        self.host = 0
        """Place of the host that failed first; of the first one where none has."""

    def stop(self) -> None:
        """Ask all to end."""
        for program in self._programs:
            program.stop()

    def kill(self) -> None:
        """End all at once."""
        for program in self._programs:
            program.kill()

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait until all have ended; the code of the first that failed, ``None`` after `timeout` seconds."""
        until = None if timeout is None else time.monotonic() + timeout
        while self._running:
            left = None if until is None else max(0.0, until - time.monotonic())
            for host, program in list(self._running.items()):
                look = left if len(self._running) == 1 else min(_LOOK_SECONDS, left or _LOOK_SECONDS)
                code = program.wait(look)
                if code is not None:
                    self._ended(host, code)
            if self._running and until is not None and time.monotonic() >= until:
                return None
        return self._code

    def _ended(self, host: int, code: int) -> None:
        del self._running[host]
        if code and not self._code:
            self._code, self.host = code, host
            for other in self._running.values():
                other.kill()
