"""A port for a program that has yet to start, kept from everybody else who chooses one."""

from __future__ import annotations

import random
import socket
from dataclasses import dataclass

from infra.local.hosting.errors import StartError
from infra.local.ports import HOST

_CHOICE = range(20_000, 32_000)
"""Below the ports that Linux (from 32768) and macOS (from 49152) give to outgoing connections: a program may
take seconds until it listens, and finds its port taken by none of those."""


@dataclass(frozen=True)
class HeldPort:
    """A TCP port of this machine that is nobody else's until it is closed.

    It is held by the UDP port of the same number, so that the program itself can listen on it. Whoever holds
    ports this way, on this machine and as any user, holds different ones; a killed process holds none.

    Attributes
    ----------
    number
        The port.
    """

    number: int
    _holder: socket.socket

    def close(self) -> None:
        """Let others have it."""
        self._holder.close()


def hold() -> HeldPort:
    """Choose a port that nobody listens on and nobody holds.

    Raises
    ------
    StartError
        There is none.
    """
    for number in random.sample(_CHOICE, len(_CHOICE)):
        holder = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            holder.bind((HOST, number))
            socket.create_server((HOST, number)).close()
        except OSError:
            holder.close()
            continue
        return HeldPort(number, holder)
    raise StartError(f"No port from {_CHOICE.start} to {_CHOICE.stop - 1} is free on this machine.")
