"""Telling one process from another that was given its number later."""

from __future__ import annotations

import subprocess
from pathlib import Path


def started(pid: int) -> str | None:
    """Return when a process started, in the system's own terms; None when there is no such process.

    Two processes of the same number never have the same answer. One that ended but was not waited for
    (a zombie) counts as gone.
    """
    if Path("/proc/self/stat").exists():
        return _by_proc(pid)
    done = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, moment = done.stdout.strip().partition(" ")
    return moment.strip() if done.returncode == 0 and not state.startswith("Z") else None


def _by_proc(pid: int) -> str | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    state, start = fields[0], fields[19]
    return None if state in {"Z", "X"} else start
