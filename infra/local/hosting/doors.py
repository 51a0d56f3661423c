"""How an instance is reached: at a port of this machine, or through the connector in its own network."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from infra.local.hosting import connector
from infra.local.hosting.errors import DialError
from infra.local.ports import HOST

if TYPE_CHECKING:
    from pathlib import Path


class Door(Protocol):
    """Opens connections to one instance."""

    def dial(self, seconds: float) -> socket.socket:
        """Open one.

        Raises
        ------
        DialError
            When nobody listens, or not within that many seconds.
        """


@dataclass(frozen=True)
class PortDoor:
    """A port of this machine.

    Attributes
    ----------
    port
        Where the instance listens.
    """

    port: int

    def dial(self, seconds: float) -> socket.socket:
        """Open a connection; see `Door`."""
        try:
            return _at_once(socket.create_connection((HOST, self.port), seconds))
        except OSError as error:
            raise DialError(f"port {self.port}: {error}") from error


@dataclass(frozen=True)
class ConnectorDoor:
    """The connector of an instance.

    Attributes
    ----------
    base
        The instance's folder.
    """

    base: Path

    def dial(self, seconds: float) -> socket.socket:
        """Open a connection; see `Door`."""
        try:
            folder = os.open(self.base, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise DialError(f"{self.base}: {error}") from error
        try:
            with socket.socket(socket.AF_UNIX) as asking:
                asking.settimeout(seconds)
                # The folder's own path may be longer than a Unix socket's may be.
                asking.connect(f"/proc/self/fd/{folder}/{connector.NAME}")
                _, descriptors, _, _ = socket.recv_fds(asking, 1, 1)
        except OSError as error:
            raise DialError(f"{self.base}: {error}") from error
        finally:
            os.close(folder)
        if not descriptors:
            raise DialError(f"{self.base}: nobody listens")
        return _at_once(socket.socket(fileno=descriptors[0]))


def _at_once(connected: socket.socket) -> socket.socket:
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected
