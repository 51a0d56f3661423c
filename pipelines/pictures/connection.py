"""One HTTPS connection to an address that was checked, under the name that it was asked for."""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from http.client import HTTPSConnection
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable


class PunctualSocket(ssl.SSLSocket):
    """A TLS socket that gives up at a moment, however steadily the other side drips.

    Attributes
    ----------
    deadline
        On the monotonic clock, in seconds.
    """

    deadline = 0.0

    def recv_into(self, *arguments: Any, **named: Any) -> int:  # noqa: ANN401 - as the parent has it
        """Receive, waiting until the deadline at most."""
        self.settimeout(left(self.deadline))
        return super().recv_into(*arguments, **named)


def left(deadline: float) -> float:
    """Seconds until a deadline.

    Raises
    ------
    TimeoutError
        Where it has passed.
    """
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def look_up(host: str, port: int, deadline: float) -> list[str]:
    """Look up all addresses of a name, once.

    Raises
    ------
    OSError
        Where there is no such name; a `TimeoutError` where nobody says in time.
    """
    found: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put(list(dict.fromkeys(str(answer[4][0]) for answer in answers)))
        except (OSError, UnicodeError) as error:
            found.put(error if isinstance(error, OSError) else OSError(str(error)))

    # The system's resolver takes no deadline; a daemon thread may be left behind with it.
    threading.Thread(target=ask, daemon=True, name="look-up").start()
    try:
        answer = found.get(timeout=left(deadline))
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def connect(
    host: str, port: int, addresses: list[str], trust: Callable[[], ssl.SSLContext], deadline: float
) -> HTTPSConnection:
    """Connect to the first of these addresses that answers; nothing is looked up again.

    Parameters
    ----------
    host
        What the certificate must be for; sent as SNI and Host.
    port
        Of the server.
    addresses
        Checked ones.
    trust
        Makes the TLS settings.
    deadline
        For everything that happens on the connection, on the monotonic clock.

    Raises
    ------
    OSError
        Where no address answers, or the certificate does not hold.
    """
    context = trust()
    context.sslsocket_class = PunctualSocket
    plain = _first(port, addresses, deadline)
    try:
        plain.settimeout(left(deadline))
        secured = context.wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise
    cast("PunctualSocket", secured).deadline = deadline
    connection = HTTPSConnection(host, port)
    connection.sock = secured
    return connection


def _first(port: int, addresses: list[str], deadline: float) -> socket.socket:
    failed: OSError | None = None
    for number, address in enumerate(addresses):
        try:
            # A silent address must leave time for the ones after it.
            share = left(deadline) / (len(addresses) - number)
            return socket.create_connection((address, port), timeout=share)
        except OSError as error:
            failed = error
    raise failed or OSError("the name has no address")
