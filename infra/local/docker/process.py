"""A job's program, or an endpoint's, as a container."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from docker.errors import APIError, DockerException
from requests import RequestException

from infra.local.jobs.process import LONGEST_LINE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from infra.local.docker.engine import DockerEngine
    from infra.local.jobs.process import Program

_LOST = 125
"""Docker's own exit code for a container that it could not run."""


@dataclass(frozen=True)
class ContainerTask:
    """What to run; see `infra.local.jobs.process.Task`, which is the same as a process.

    Attributes
    ----------
    engine
        Where.
    image
        Id of the image.
    settings
        Of docker-py's ``containers.create``.
    grace
        Seconds between being asked to end and being ended.
    beside
        A command to run in the container besides its program, with its variables.
    """

    engine: DockerEngine
    image: str
    settings: Mapping[str, Any]
    grace: float
    beside: tuple[tuple[str, ...], Mapping[str, str]] | None = None

    def start(self, on_line: Callable[[str], None], first: Program | None = None) -> ContainerProcess:
        """Start it; each line that it prints is handed on, on another thread."""
        del first  # containers of a processing job have nothing to say to each other
        return ContainerProcess(self, on_line)


class ContainerProcess:
    """A running container; see `infra.local.jobs.process.JobProcess`."""

    def __init__(self, task: ContainerTask, on_line: Callable[[str], None]) -> None:
        self._grace = task.grace
        self._on_line = on_line
        self._code = _LOST
        self._ended = threading.Event()
        self._container: Any = None
        try:
            self._container = task.engine.create(task.image, **task.settings)
            # Before it starts, so that no line is missed.
            output = self._container.attach(stdout=True, stderr=True, stream=True)
            self._container.start()
            self._run_beside(task)
        except (DockerException, RequestException) as error:
            self._hand_on(f"The container cannot be run: {_words(error)}")
            self._remove()
            self._ended.set()
            return
        reader = threading.Thread(target=self._read, args=(output,), daemon=True)
        reader.start()
        threading.Thread(target=self._wait, args=(reader,), daemon=True).start()

    def stop(self) -> None:
        """Ask the program to end: SIGTERM, and SIGKILL when its grace is over."""

        def stop() -> None:
            with suppress(DockerException, RequestException):  # it ended by itself, or the engine did
                self._container.stop(timeout=max(1, round(self._grace)))

        if not self._ended.is_set():
            threading.Thread(target=stop, daemon=True).start()

    def kill(self) -> None:
        """End the program and all that it started at once."""
        if not self._ended.is_set():
            with suppress(DockerException, RequestException):
                self._container.kill()

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait until nothing of the container is left and all its lines were handed on; see `JobProcess`."""
        return self._code if self._ended.wait(timeout) else None

    def _run_beside(self, task: ContainerTask) -> None:
        if task.beside is None:
            return
        command, variables = task.beside
        with suppress(APIError):  # the program ended already: its exit code says more
            self._container.exec_run(list(command), environment=dict(variables), user=user(), detach=True)

    def _wait(self, reader: threading.Thread) -> None:
        try:
            self._code = int(self._container.wait(timeout=None)["StatusCode"])
        except (DockerException, RequestException) as error:
            self._hand_on(f"The Docker engine lost the container: {_words(error)}")
        reader.join()
        self._remove()
        self._ended.set()

    def _read(self, output: Iterable[bytes]) -> None:
        with suppress(DockerException, RequestException, OSError):  # the engine went away: `_wait` says so
            for line in _lines(output):
                self._hand_on(line)

    def _hand_on(self, line: str) -> None:
        with suppress(OSError):  # a full disk must not block the job on a full pipe
            self._on_line(line)

    def _remove(self) -> None:
        if self._container:
            with suppress(DockerException, RequestException):
                self._container.remove(force=True, v=True)


def user() -> str:
    """The user that containers run as: this one, so that what they write can be read and removed."""
    return f"{os.getuid()}:{os.getgid()}"


def _lines(output: Iterable[bytes]) -> Iterator[str]:
    rest = b""
    for chunk in output:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line.decode(errors="replace").rstrip("\r") for line in whole)
        if len(rest) > LONGEST_LINE:
            yield rest.decode(errors="replace")
            rest = b""
    if rest:
        yield rest.decode(errors="replace")


def _words(error: Exception) -> str:
    said = error.explanation if isinstance(error, APIError) and error.explanation else error
    return " ".join(str(said).split())
