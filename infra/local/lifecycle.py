"""Starting, finding and stopping the local SageMaker of a home."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from infra.local import bootstrap, images, runtime
from infra.local.client import REGION, variables
from infra.local.home import LifecycleError, code_version, prepare, read_state
from infra.local.jobs import leftovers
from infra.local.ports import HOST, health
from infra.local.processes import started

__all__ = ["LifecycleError", "Running", "ensure_running", "environment", "start", "status", "stop"]

HELD = 75
"""Exit status of a server whose home another one has (``EX_TEMPFAIL``)."""
_START_SECONDS = 60.0
_STOP_SECONDS = 20.0
_PAUSE = 0.05
_LARGEST_LOG = 10 << 20
_children: dict[int, subprocess.Popen[bytes]] = {}
"""Servers that this process started, which it has to wait for when they end."""


@dataclass(frozen=True)
class Running:
    """A local SageMaker that runs.

    Attributes
    ----------
    endpoint_url
        Where it answers.
    pid
        Its process.
    home
        The folder of its state.
    outdated
        Whether it runs other code than is here now, which stopping and starting it would change.
    """

    endpoint_url: str
    pid: int
    home: Path
    outdated: bool = False

    @property
    def port(self) -> int:
        """The port of its address."""
        return int(self.endpoint_url.rpartition(":")[2])


def status(home: Path) -> Running | None:
    """Find the server of a home that runs and is ready; None when there is none."""
    home = home.expanduser().absolute()
    state = read_state(home)
    if state is None or not state.pid or started(state.pid) != state.started:
        return None
    return Running(f"http://{HOST}:{state.port}", state.pid, home, state.version != code_version())


def environment(running: Running) -> dict[str, str]:
    """Environment variables that lead any AWS client to a server."""
    return variables(running.endpoint_url, REGION)


def start(home: Path, port: int | None = None, use: runtime.Runtime | None = None) -> Running:
    """Start the server of a home unless it runs, and wait until it can be used.

    Parameters
    ----------
    home
        The folder of its state; made when absent.
    port
        The port to use and no other. None takes the one used last, else 4577, else the next that is free.
    use
        How to run jobs and endpoints, from now on; None leaves it.

    Raises
    ------
    LifecycleError
        When it cannot be started, or runs on another port than the one asked for, or in the other way.
    """
    home = prepare(home)
    if use and use != runtime.chosen(home):
        if status(home):
            raise LifecycleError(f"the local SageMaker of {home} runs: stop it to change its runtime")
        runtime.choose(home, use)
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        running = status(home)
        if running is None:
            running = _spawn(home, port, deadline)
        if running is not None and _answers(running, deadline):
            return _on_port(running, port)
    raise LifecycleError(f"the local SageMaker of {home} did not answer in time: see {home / 'server.log'}")


def stop(home: Path) -> bool:
    """Stop the server of a home and all it started, and say whether it ran.

    Raises
    ------
    LifecycleError
        When its process cannot be ended.
    """
    running = status(home)
    if running is None:
        return False
    began = started(running.pid)
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(running.pid, number)
        if _gone(running.pid, began):
            break
    else:
        raise LifecycleError(f"process {running.pid} does not end: stop it by hand")
    home = running.home.resolve()
    for folder in (home / "jobs", home / "endpoints"):
        leftovers.end(folder)
    runtime.end_leftovers(home)
    return True


def ensure_running(home: Path, source: Path) -> tuple[Running, bool]:
    """Have a server that knows the code at `source` as its images, and say whether it was started now.

    Parameters
    ----------
    home
        The folder of its state.
    source
        The folder that holds the packages.

    Raises
    ------
    LifecycleError
        When it cannot be started.
    """
    home = prepare(home)
    before = images.pushed(home)
    pushed = runtime.push(home, source)
    if pushed != before:
        images.note_pushed(home, pushed)
    found = status(home)
    running = start(home)
    if found == running and pushed != before:
        bootstrap.announce(running.endpoint_url, pushed, REGION)
    return running, found != running


def _spawn(home: Path, port: int | None, deadline: float) -> Running | None:
    """Start a server process; None when another one has the home, or is about to leave it."""
    log = home / "server.log"
    if log.stat().st_size > _LARGEST_LOG:
        log.replace(home / "server.log.1")
    with log.open("ab") as output:
        begin = output.tell()
        child = subprocess.Popen(
            [sys.executable, "-m", "infra.local", "serve", "--home", str(home), *_port_option(port)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=home,
            env=_environment(),
            start_new_session=True,
        )
    while time.monotonic() < deadline:
        running = status(home)
        if running is not None:
            _children[child.pid] = child
            return running
        if child.poll() is not None:
            if child.returncode == HELD:
                time.sleep(_PAUSE)
                return None
            raise LifecycleError(_last_words(log, begin, child.returncode))
        time.sleep(_PAUSE)
    child.kill()
    child.wait()
    return None


def _port_option(port: int | None) -> list[str]:
    return [] if port is None else ["--port", str(port)]


def _environment() -> dict[str, str]:
    """Variables for a server: its own code first, and nothing that leads its clients elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
    root = str(Path(__file__).parents[2])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**kept, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)), "PYTHONUNBUFFERED": "1"}


def _last_words(log: Path, begin: int, code: int) -> str:
    with log.open("rb") as file:
        file.seek(begin)
        lines = file.read().decode(errors="replace").splitlines()
    said = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    return said[-1] if said else f"the local SageMaker ended with status {code}: see {log}"


def _answers(running: Running, deadline: float) -> bool:
    port = int(running.endpoint_url.rpartition(":")[2])
    while time.monotonic() < deadline:
        said = health(port)
        if said and said.get("pid") == running.pid and said.get("ready"):
            return True
        if status(running.home) != running:
            return False
        time.sleep(_PAUSE)
    return False


def _on_port(running: Running, port: int | None) -> Running:
    if port and running.endpoint_url != f"http://{HOST}:{port}":
        raise LifecycleError(
            f"the local SageMaker of {running.home} runs at {running.endpoint_url}: stop it to change that"
        )
    return running


def _gone(pid: int, began: str | None) -> bool:
    """Wait for the end of a process, which is ours to reap if we started it."""
    deadline = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < deadline:
        if pid in _children and _children[pid].poll() is not None:
            del _children[pid]
        if pid not in _children and started(pid) != began:
            return True
        time.sleep(_PAUSE)
    return False
