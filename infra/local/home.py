"""The folder that holds all state of one local SageMaker, and which server it belongs to."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import IO

from infra.local.files import write_whole

_WHY = {
    errno.ENOSPC: "no space left on its disk: free some",
    errno.EACCES: "no permission to write there: choose another with BESTIARY_HOME",
    errno.EROFS: "it is read-only: choose another with BESTIARY_HOME",
    errno.ENOTDIR: "it is not a folder: choose another with BESTIARY_HOME",
    errno.EEXIST: "it is not a folder: choose another with BESTIARY_HOME",
    errno.ENAMETOOLONG: "its path is too long: choose another with BESTIARY_HOME",
}


class LifecycleError(RuntimeError):
    """The local SageMaker cannot be started or stopped; the message is one line that says why."""


class HeldError(LifecycleError):
    """Another server has this home, or is just taking or leaving it."""


@dataclass(frozen=True)
class State:
    """The server of a home, as ``local.json`` has it.

    Attributes
    ----------
    pid
        Its process; 0 after it was stopped.
    port
        Where it answers, or did, and would again by choice.
    started
        When the process started (see `infra.local.processes.started`).
    version
        The code it runs (see `code_version`).
    """

    pid: int
    port: int
    started: str
    version: str


def prepare(home: Path) -> Path:
    """Make a home if need be, and return its absolute path.

    Raises
    ------
    LifecycleError
        When it cannot be written.
    """
    home = home.expanduser().absolute()
    try:
        home.mkdir(parents=True, exist_ok=True)
        with (home / "server.log").open("a"):
            pass
    except OSError as error:
        raise unusable(home, error) from None
    return home


def unusable(home: Path, error: OSError) -> LifecycleError:
    """Say why a home cannot be used."""
    why = _WHY.get(error.errno or 0, error.strerror or str(error))
    return LifecycleError(f"{home} cannot hold the local SageMaker's state: {why}")


def hold(home: Path) -> IO[str]:
    """Take a home for this process; it is given back when the file is closed, or the process ends in any way.

    Raises
    ------
    HeldError
        When another process has it.
    """
    lock = (home / "lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise HeldError(f"{home} is used by another local SageMaker") from None
    return lock


def read_state(home: Path) -> State | None:
    """Read ``local.json``; None when there is none, or none that can be understood."""
    try:
        found = json.loads((home / "local.json").read_text())
        return State(int(found["pid"]), int(found["port"]), str(found["started"]), str(found["version"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_state(home: Path, state: State) -> None:
    """Write ``local.json``."""
    write_whole(home / "local.json", json.dumps(asdict(state)))


@cache
def code_version() -> str:
    """Name the local SageMaker's code: two servers of one name do the same."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(os.fsencode(path.name) + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]
