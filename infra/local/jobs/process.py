"""A job's program as a process of this computer, watched by a supervisor of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol, cast

import infra
from infra.local.jobs import leftovers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LONGEST_LINE = 256 * 1024
"""Bytes after which a line that does not end is handed on in parts."""

_IMPORT_ROOT = Path(infra.__file__).parents[1]


class Program(Protocol):
    """What runs: a process, or a container."""

    def stop(self) -> None:
        """Ask it to end: SIGTERM, and SIGKILL when its grace is over."""

    def kill(self) -> None:
        """End it and all that it started at once."""

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait until nothing of it is left; its exit code, ``None`` when `timeout` seconds went by."""


class Startable(Protocol):
    """What can be run."""

    def start(self, on_line: Callable[[str], None], first: Program | None = None) -> Program:
        """Start it; `on_line` is called with each line that it prints, on another thread.

        The program of a job's further host gets that of the `first` one, whose network it shares.
        """


@dataclass(frozen=True)
class Task:
    """What to run.

    Attributes
    ----------
    command
        The program and its arguments.
    environment
        All of its variables.
    folder
        The working directory.
    base
        The job's base folder.
    private
        Whether ``/opt/ml`` is to be `base` for the job alone, where the kernel allows it.
    isolated
        Whether the job is to reach no network, where the kernel allows that and `private` is wanted.
    grace
        Seconds between being asked to end and being ended.
    hosts
        Path of the file that names the hosts of the job; empty where none has to find another.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    base: Path
    private: bool
    isolated: bool
    grace: float
    hosts: str = ""

    def start(self, on_line: Callable[[str], None], first: Program | None = None) -> JobProcess:
        """Start it; see `Startable`."""
        return JobProcess(self, on_line, first.supervisor if isinstance(first, JobProcess) else 0)


class JobProcess:
    """A running program; its lines are handed on as they come.

    Parameters
    ----------
    task
        What to run.
    on_line
        Called with each line of its output, on another thread. What it raises ends nothing: the line is lost.
    beside
        `supervisor` of the first host's program; 0 for that one itself.
    """

    def __init__(self, task: Task, on_line: Callable[[str], None], beside: int = 0) -> None:
        self._base = task.base
        self._on_line = on_line
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-E", "-m", "infra.local.jobs.supervisor"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=_IMPORT_ROOT,
            start_new_session=True,
        )
        self._control = cast("IO[bytes]", self._process.stdin)
        self.supervisor = self._process.pid
        self._say(_encoded(task, beside) + b"\n")
        self._reader = threading.Thread(target=self._read, name=f"output of {task.base.name}", daemon=True)
        self._reader.start()

    def stop(self) -> None:
        """Ask the program to end: SIGTERM, and SIGKILL when its grace is over."""
        self._say(b"T")

    def kill(self) -> None:
        """End the program and all that it started at once."""
        with suppress(OSError):  # the supervisor may have ended before it read all
            self._control.close()

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait until nothing of the program is left and all its lines were handed on.

        Returns
        -------
        int or None
            The exit code, 128 + n for a program that signal n ended; ``None`` when `timeout` seconds went by.
        """
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        if code < 0:
            leftovers.end(self._base)
        self._reader.join()
        self.kill()
        return code if code >= 0 else 128 - code

    def _say(self, text: bytes) -> None:
        with suppress(OSError, ValueError):  # it may have ended, or have been killed
            self._control.write(text)
            self._control.flush()

    def _read(self) -> None:
        with cast("IO[bytes]", self._process.stdout) as output:
            while line := output.readline(LONGEST_LINE):
                try:
                    self._on_line(line.decode(errors="replace").rstrip("\r\n"))
                except OSError:  # a full disk must not block the job on a full pipe
                    continue


def _encoded(task: Task, beside: int) -> bytes:
    return json.dumps(
        {
            "command": task.command,
            "environment": dict(task.environment),
            "folder": str(task.folder),
            "base": str(task.base),
            "private": task.private,
            "isolated": task.isolated,
            "grace": task.grace,
            "hosts": task.hosts,
            "beside": beside,
        }
    ).encode()
