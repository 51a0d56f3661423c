"""HTTP to one instance, over connections that are kept alive."""

from __future__ import annotations

import select
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse, RemoteDisconnected
from typing import TYPE_CHECKING

from infra.local.hosting.errors import CutOffError, DialError, LateError

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from infra.local.hosting.doors import Door

DIAL_SECONDS = 1.0
_MOST_IDLE = 64


@dataclass(frozen=True)
class Request:
    """What to ask an instance.

    Attributes
    ----------
    method, path
        E.g. ``POST`` and ``/invocations``.
    headers
        Besides those of HTTP itself.
    body
        Bytes of the body.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True)
class Answer:
    """What an instance answered.

    Attributes
    ----------
    status
        HTTP status.
    headers
        By name in lower case.
    body
        Bytes of the body.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class _ClosedEarly(Exception):  # noqa: N818 - no error yet: a kept connection may be closed at any time
    """The connection ended before a byte of the answer came."""


class Connections:
    """Connections to one run of an instance; for any thread.

    Parameters
    ----------
    door
        Opens them.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self._lock = threading.Lock()
        self._idle: deque[socket.socket] = deque()
        self._closed = False

    def exchange(self, request: Request, seconds: float) -> Answer:
        """Send a request and return the answer, whatever its status.

        Raises
        ------
        DialError
            When no connection can be had; the instance saw nothing of the request.
        CutOffError
            When the connection ended before the answer was whole, or what came is no HTTP.
        LateError
            When `seconds` went by.
        """
        deadline = time.monotonic() + seconds
        kept = self._take()
        if kept is not None:
            try:
                return self._once(kept, request, deadline)
            except _ClosedEarly:
                pass  # closed for its age, or the instance died: it did if it opens no other
        try:
            return self._once(self._door.dial(DIAL_SECONDS), request, deadline)
        except _ClosedEarly as error:
            raise CutOffError("the container closed the connection before it answered") from error
        except DialError as error:
            if kept is None:
                raise
            raise CutOffError("the container ended before it answered") from error

    def close(self) -> None:
        """Close what is idle; what is under way is closed when it is done."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, deque()
        for connection in idle:
            connection.close()

    def _take(self) -> socket.socket | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if not _ended(connection):
                return connection
            connection.close()

    def _once(self, connection: socket.socket, request: Request, deadline: float) -> Answer:
        try:
            answer, again = _spoken(connection, request, deadline)
        except BaseException:
            connection.close()
            raise
        with self._lock:
            if again and not self._closed and len(self._idle) < _MOST_IDLE:
                self._idle.append(connection)
                return answer
        connection.close()
        return answer


def _spoken(connection: socket.socket, request: Request, deadline: float) -> tuple[Answer, bool]:
    """Return the answer, and whether the connection can be used again."""
    try:
        _limit(connection, deadline)
        # It may have answered before it read all, as to a body that is too large.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(_encoded(request))
        _limit(connection, deadline)
        response = HTTPResponse(connection, method=request.method)
        response.begin()
    except TimeoutError as error:
        raise LateError from error
    except (RemoteDisconnected, ConnectionError) as error:
        raise _ClosedEarly from error
    except HTTPException as error:
        raise CutOffError(f"the container's answer is no HTTP ({error!r})") from error
    try:
        _limit(connection, deadline)
        body = response.read()
    except TimeoutError as error:
        raise LateError from error
    except (OSError, HTTPException) as error:
        raise CutOffError("the container closed the connection within its answer") from error
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, body), not response.will_close


def _encoded(request: Request) -> bytes:
    body = request.body
    lines = [f"{request.method} {request.path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")


def _limit(connection: socket.socket, deadline: float) -> None:
    left = deadline - time.monotonic()
    if left <= 0:
        raise LateError
    connection.settimeout(left)


def _ended(connection: socket.socket) -> bool:
    """Say whether the other side closed an idle connection; nothing else is to be read from one."""
    look = select.poll()
    look.register(connection, select.POLLIN)
    return bool(look.poll(0))
