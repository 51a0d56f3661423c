"""Which port to listen on."""

from __future__ import annotations

import errno
import json
import socket
from http.client import HTTPConnection, HTTPException

from infra.local.home import LifecycleError

HOST = "127.0.0.1"
PREFERRED = 4577
_TRIES = 200
HEALTH = "/_bestiary/health"
CLOCK = "/_bestiary/clock"
INTERRUPT = "/_bestiary/interrupt"


def listen(port: int | None, preferred: int = PREFERRED) -> socket.socket:
    """Bind a port of this machine.

    Parameters
    ----------
    port
        The port that was asked for, and no other; None for any.
    preferred
        Where to begin looking for any; 0 lets the system choose.

    Raises
    ------
    LifecycleError
        When the port asked for is taken, which says by whom as far as it can be known, or no port at all.
    """
    if port is not None:
        if not 0 <= port < 1 << 16:
            raise LifecycleError(f"port {port} cannot be used: ports go to 65535")
        try:
            return _bind(port)
        except OSError as error:
            raise _taken(port, error) from None
    for candidate in range(preferred, preferred + _TRIES):
        try:
            return _bind(candidate)
        except OSError as error:
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise
    return _bind(0)


def health(port: int, seconds: float = 2.0) -> dict[str, object] | None:
    """Ask whoever listens on a port whether it is a local SageMaker; None when it is not."""
    connection = HTTPConnection(HOST, port, timeout=seconds)
    try:
        connection.request("GET", HEALTH)
        said = json.loads(connection.getresponse().read())
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return said if isinstance(said, dict) and "home" in said else None


def _bind(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        # Listening at once: of two sockets bound with SO_REUSEADDR, the second fails only here.
        listening.listen(1024)
    except OSError:
        listening.close()
        raise
    return listening


def _taken(port: int, error: OSError) -> LifecycleError:
    if error.errno != errno.EADDRINUSE:
        return LifecycleError(f"port {port} cannot be used: {error.strerror}")
    other = health(port)
    by = f"the local SageMaker of {other['home']}" if other else f"another program (lsof -i :{port} names it)"
    return LifecycleError(f"port {port} is used by {by}: stop it, or choose another port")
