"""One run of an instance's program, from its start to its end."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from infra.local.hosting.connections import Connections, Request
from infra.local.hosting.errors import CutOffError, DialError, LateError

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.local.hosting.launching import Launch

PING_SECONDS = 2.0
"""Within which /ping has to answer, as SageMaker has it."""
_PING = Request("GET", "/ping")


class Run:
    """A program that was started.

    Parameters
    ----------
    launch
        What to start.
    on_line
        Called with each line that it prints, on another thread.

    Attributes
    ----------
    connections
        Connections to it.
    ended
        Set when nothing of it is left.
    doubted
        Whether it broke off a request and has not answered /ping since.
    """

    def __init__(self, launch: Launch, on_line: Callable[[str], None]) -> None:
        self.connections = Connections(launch.door)
        self.ended = threading.Event()
        self.doubted = False
        self._look = threading.Event()
        self._held = launch.held
        self._process = launch.task.start(on_line)
        self._waiter = threading.Thread(target=self._wait, name="end of a container", daemon=True)
        self._waiter.start()

    def pings(self) -> bool:
        """Say whether /ping answers with 200, and in time."""
        try:
            return self.connections.exchange(_PING, PING_SECONDS).status == 200
        except (DialError, CutOffError, LateError):
            return False

    def doubt(self) -> None:
        """Have it looked after at once: it broke off a request."""
        self.doubted = True
        self._look.set()

    def rest(self, seconds: float) -> bool:
        """Wait until it ends, is doubted, or so much time went by; say whether it was the time."""
        asked = self._look.wait(seconds)
        self._look.clear()
        return not asked

    def stop(self) -> None:
        """Ask it to end: SIGTERM, and SIGKILL when its grace is over."""
        self._process.stop()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def finish(self) -> int:
        """Wait until it has ended and return its exit code."""
        code = self._process.wait()
        self._waiter.join()
        self.connections.close()
        if self._held:
            self._held.close()
        return code or 0

    def _wait(self) -> None:
        self._process.wait()
        self.ended.set()
        self._look.set()
