"""Logs a page at a time, with tokens that stay good while the log grows."""

from __future__ import annotations

import base64
import json
import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from infra.local.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from infra.local.log_files import LogEvent

    Reader = Callable[[int], Iterator[LogEvent]]

Item = TypeVar("Item")

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
        raise _invalid_token()
    return (_after if found[1] == "f" else _before)(read, window, int(found[2]))


def cut(events: Iterable[Item], limit: int, message: Callable[[Item], str]) -> list[Item]:
    """Take events from the front until there are `limit` of them, or a mebibyte."""
    taken: list[Item] = []
    size = 0
    for event in events:
        size += len(message(event).encode()) + _OVERHEAD
        if len(taken) == limit or (taken and size > _MOST_BYTES):
            break
        taken.append(event)
    return taken


def page_of(
    items: Sequence[Item], key: Callable[[Item], list[Any]], limit: int, token: str | None, *, down: bool
) -> tuple[list[Item], str | None]:
    """Sort items by a key that no two share, and return those after a token, with the token for the rest.

    Raises
    ------
    infra.local.errors.AwsError
        ``InvalidParameterException`` for a token that was not given out here.
    """
    ordered = sorted(items, key=key, reverse=down)
    if token is not None:
        last = decode(token)
        ordered = [item for item in ordered if (key(item) < last if down else key(item) > last)]
    taken = ordered[:limit]
    return taken, encode(key(taken[-1])) if len(taken) < len(ordered) else None


def encode(position: list[Any]) -> str:
    """Make a token of a position."""
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode()


def decode(token: str) -> list[Any]:
    """Read a token that `encode` made.

    Raises
    ------
    infra.local.errors.AwsError
        ``InvalidParameterException`` when it did not.
    """
    try:
        position = json.loads(base64.urlsafe_b64decode(token))
    except ValueError:
        position = None
    if not isinstance(position, list):
        raise _invalid_token()
    return position


def _invalid_token() -> AwsError:
    return AwsError("InvalidParameterException", "The specified nextToken is invalid.")


def _after(read: Reader, window: Window, at: int) -> Page:
    wanted = (event for event in read(at) if window.holds(event))
    return _page(cut(wanted, window.limit, _message), at)


def _before(read: Reader, window: Window, at: int | None) -> Page:
    last: deque[LogEvent] = deque(maxlen=window.limit)
    end = 0
    for event in read(0):
        if at is not None and event.end > at:
            break
        end = event.end
        if window.holds(event):
            last.append(event)
    newest_first = cut(reversed(last), window.limit, _message)
    return _page(newest_first[::-1], end if at is None else at)


def _page(events: list[LogEvent], at: int) -> Page:
    first, last = (events[0].start, events[-1].end) if events else (at, at)
    return Page(events, f"f/{last:056d}", f"b/{first:056d}")


def _message(event: LogEvent) -> str:
    return event.message
