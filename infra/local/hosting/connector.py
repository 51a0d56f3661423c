"""Starts a serving program in a network of its own, and beside it a process that opens connections to it.

``python -I -S connector.py NETWORK PORT COMMAND…``: NETWORK is the network namespace that the program must
not share, as ``/proc/self/ns/net`` names it, and PORT what it listens on if the kernel made it share that one
nevertheless. Without a COMMAND the program runs already, as in a container, and listens on PORT.

For each connection to the Unix socket `NAME` in ``SAGEMAKER_BASE_DIR``, the process beside the
program connects to it and hands the connected socket over: ``+`` and the socket, or ``-`` when none listens.
Sockets in the file system are seen across network namespaces, and a socket stays in the one it was made in.
Standard library only.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

NAME = "connector"
PORT = "8080"
"""The port of SageMaker's hosting contract."""
_CONNECT_SECONDS = 0.25


def main() -> None:
    """Listen, leave a process behind that hands connections over, and become the program."""
    network, port, *command = sys.argv[1:]
    if not command:
        _hand_over(_listen(os.environ["SAGEMAKER_BASE_DIR"]), int(port))
    if str(Path("/proc/self/ns/net").readlink()) != network:
        port = PORT
    listening = _listen(os.environ["SAGEMAKER_BASE_DIR"])
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # which the program gets too; this ends after it
        _hand_over(listening, int(port))
    listening.close()
    os.environ["SAGEMAKER_BIND_TO_PORT"] = port
    try:
        os.execvp(command[0], command)  # noqa: S606 - no shell is wanted
    except OSError as error:
        sys.exit(f"Cannot run {command[0]!r}: {error.strerror}")


def _listen(folder: str) -> socket.socket:
    """Bind by a relative name: a Unix socket's path holds a hundred characters only."""
    before = Path.cwd()
    os.chdir(folder)
    with suppress(FileNotFoundError):
        Path(NAME).unlink()
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(NAME)
    listening.listen(128)
    os.chdir(before)
    return listening


def _hand_over(listening: socket.socket, port: int) -> NoReturn:
    while True:
        asking, _ = listening.accept()
        with suppress(OSError), asking:
            try:
                connected = socket.create_connection(("127.0.0.1", port), _CONNECT_SECONDS)
            except OSError:
                asking.sendall(b"-")
                continue
            with connected:
                socket.send_fds(asking, [b"+"], [connected.fileno()])


if __name__ == "__main__":
    main()
