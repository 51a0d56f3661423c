"""One log a page at a time, with tokens that stay good while it grows."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.local.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from infra.local.log_files import LogEvent

    Reader = Callable[[int], Iterator[LogEvent]]

MOST_EVENTS = 10_000
_MOST_BYTES = 1 << 20
_OVERHEAD = 26
_TOKEN = re.compile(r"([fb])/(\d{1,56})")


@dataclass(frozen=True)
class Window:
    """Which events are wanted.

    Attributes
    ----------
    start, end
        Milliseconds since 1970; events from `start` on and before `end`.
    limit
        How many at most.
    """

    start: int = 0
    end: int | None = None
    limit: int = MOST_EVENTS

    def holds(self, event: LogEvent) -> bool:
        """Tell whether an event is wanted."""
        return self.start <= event.timestamp and (self.end is None or event.timestamp < self.end)


@dataclass(frozen=True)
class Page:
    """Some events of a stream.

    Attributes
    ----------
    events
        Oldest first.
    forward, backward
        Tokens for the events after and before these.
    """

    events: list[LogEvent]
    forward: str
    backward: str


def read_page(read: Reader, window: Window, token: str | None, *, head: bool) -> Page:
    """Read events of a stream: from where a token points, or from its head, or the last ones.

    Parameters
    ----------
    read
        Gives the stream's events from a byte of its file on.
    window
        Which events are wanted.
    token
        One from a page before, or None.
    head
        Whether to begin with the oldest when there is no token.

    Raises
    ------
    infra.local.errors.AwsError
        ``InvalidParameterException`` for a token that was not given out here.
    """
    if token is None:
        return _after(read, window, 0) if head else _before(read, window, None)
    found = _TOKEN.fullmatch(token)
    if found is None:
        raise AwsError("InvalidParameterException", "The specified nextToken is invalid.")
    return (_after if found[1] == "f" else _before)(read, window, int(found[2]))


def _after(read: Reader, window: Window, at: int) -> Page:
    wanted = (event for event in read(at) if window.holds(event))
    return _page(_cut(wanted, window.limit), at)


def _before(read: Reader, window: Window, at: int | None) -> Page:
    last: deque[LogEvent] = deque(maxlen=window.limit)
    end = 0
    for event in read(0):
        if at is not None and event.end > at:
            break
        end = event.end
        if window.holds(event):
            last.append(event)
    newest_first = _cut(reversed(last), window.limit)
    return _page(newest_first[::-1], end if at is None else at)


def _cut(events: Iterable[LogEvent], limit: int) -> list[LogEvent]:
    """Take events from the front until there are `limit` of them, or a mebibyte."""
    taken: list[LogEvent] = []
    size = 0
    for event in events:
        size += len(event.message.encode()) + _OVERHEAD
        if len(taken) == limit or (taken and size > _MOST_BYTES):
            break
        taken.append(event)
    return taken


def _page(events: list[LogEvent], at: int) -> Page:
    first, last = (events[0].start, events[-1].end) if events else (at, at)
    return Page(events, f"f/{last:056d}", f"b/{first:056d}")
