"""What an instance prints, in CloudWatch Logs."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from infra.local.log_files import LogFiles

if TYPE_CHECKING:
    from infra.local.account import Account

GROUP = "/aws/sagemaker/Endpoints/"
"""What an endpoint's name follows in the name of its log group."""
_LAST_LINES = 3
_LONGEST = 700


class InstanceLog:
    """The log stream of one instance; what cannot be written, as on a full disk, is lost.

    Parameters
    ----------
    account
        Where it is.
    group, stream
        Its name.
    """

    def __init__(self, account: Account, group: str, stream: str) -> None:
        self._lock = threading.Lock()
        self._last: deque[str] = deque(maxlen=_LAST_LINES)
        self._writer = None
        with suppress(OSError):
            self._writer = LogFiles(account.home / "logs").writer(group, stream)

    def write(self, line: str) -> None:
        """Append a line of the container."""
        if text := line.strip():
            with self._lock:
                self._last.append(text)
        self.note(line)

    def begin(self) -> None:
        """Forget the last words of the run before."""
        with self._lock:
            self._last.clear()

    def note(self, line: str) -> None:
        """Append a line about the container."""
        if self._writer:
            with suppress(OSError):
                self._writer.write_line(line)

    @property
    def last_words(self) -> str:
        """The last lines that were not blank, in one."""
        with self._lock:
            return " | ".join(self._last)[-_LONGEST:]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer:
            with suppress(OSError, ValueError):
                self._writer.close()
