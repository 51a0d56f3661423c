"""Starts one job's program, hands on what the server says, and leaves nothing of it behind.

A process of its own, standard library only, so that it starts in milliseconds and outlives a killed server
just long enough to end the job: ``python -S -E -m infra.local.jobs.supervisor``. Standard input brings the
task as one line of JSON, then perhaps a byte, which asks the job to end (SIGTERM, and SIGKILL when its grace
is over); end of file means that the server is gone or in haste, and ends the job at once. The exit code is
the program's, as Docker gives it: 128 + n for one that signal n ended, 126 or 127 for one that did not start.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

from infra.local.jobs import namespace

_LINUX = sys.platform == "linux"
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_NO_NAMESPACE = b"namespace"
_LONGEST_WAIT = 10.0
"""Seconds for which a host waits for the first one to be there."""


def main() -> int:
    """Run the task that standard input brings and return its exit code."""
    with os.fdopen(0, "rb", buffering=0, closefd=False) as control:
        task = json.loads(control.readline() or b"null")
    if task is None:
        return 0
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    # Orphans of the job become children of this process, so that none can slip away.
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    ended = _child_signals()
    try:
        return _watch(_start(task), ended, task["grace"])
    except OSError as error:
        print(f"Cannot run {task['command'][0]!r}: {error.strerror}", flush=True)  # noqa: T201 - goes to the job's log
        return 127 if error.errno == errno.ENOENT else 126


def _start(task: dict[str, Any]) -> int:
    """Fork the job's program, as much on its own as the kernel allows; return its id."""
    for view in _views(task):
        reader, writer = os.pipe()  # closed by a successful exec
        job = os.fork()
        if job == 0:
            _become(task, writer, view)
        os.close(writer)
        with os.fdopen(reader, "rb") as failures:
            failure = failures.read()
        if not failure:
            return job
        os.waitpid(job, 0)
        if failure != _NO_NAMESPACE:
            raise OSError(int(failure), os.strerror(int(failure)))
    raise AssertionError("unreachable: the last attempt needs no namespace")


def _views(task: dict[str, Any]) -> list[dict[str, Any] | None]:
    """What to try, one after the other: a namespace of its own without network, one with it, none."""
    wanted = task["private"] and _LINUX
    if task.get("hosts"):  # without a view of their own, hosts do not find each other
        if not wanted:
            raise OSError(errno.ENOTSUP, "jobs on several hosts need Linux and a /opt/ml of their own")
        return [{"isolated": task["isolated"], "beside": _beside(task["beside"]), "hosts": task["hosts"]}]
    return [
        *([{"isolated": True}] if wanted and task["isolated"] else []),
        *([{"isolated": False}] if wanted else []),
        None,
    ]


def _beside(supervisor: int) -> int:
    """Wait until the program of another host is in its view, and return its process id; 0 for none."""
    deadline = time.monotonic() + _LONGEST_WAIT
    while supervisor and time.monotonic() < deadline:
        for process in _children(supervisor):
            if namespace.entered(process):
                return process
        time.sleep(0.01)
    if supervisor:
        raise OSError(errno.ESRCH, "the first host did not start")
    return 0


def _become(task: dict[str, Any], failures: int, view: dict[str, Any] | None) -> NoReturn:
    try:
        os.setsid()
        if view:
            _enter(task["base"], failures, view)
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.chdir(task["folder"])
        os.execvpe(task["command"][0], task["command"], task["environment"])  # noqa: S606 - no shell is wanted
    except OSError as error:
        os.write(failures, str(error.errno).encode())
    finally:
        os._exit(127)


def _enter(base: str, failures: int, view: dict[str, Any]) -> None:
    try:
        namespace.enter(base, **view)
    except OSError:
        os.write(failures, _NO_NAMESPACE)
        os._exit(1)


def _child_signals() -> int:
    """Return a descriptor that becomes readable when a child ends."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    return reader


def _watch(job: int, ended: int, grace: float) -> int:
    """Wait for the job, obeying the server; return its exit code once nothing of it is left."""
    deadline: float | None = None
    while True:
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        ready, _, _ = select.select([0, ended], [], [], left)
        if ended in ready:
            os.read(ended, 4096)
            code = _reap(job)
            if code is not None:
                _end(job)
                return code
        if 0 in ready and os.read(0, 64):
            _signal(job, signal.SIGTERM)
            deadline = deadline or time.monotonic() + grace
        elif 0 in ready or left == 0:
            _end(job)
            return 128 + signal.SIGKILL


def _reap(job: int) -> int | None:
    """Collect every child that ended; return the job's exit code if it is among them."""
    code = None
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG)) != (0, 0):
            if found[0] == job:
                exit_code = os.waitstatus_to_exitcode(found[1])
                code = exit_code if exit_code >= 0 else 128 - exit_code
    return code


def _end(job: int) -> None:
    """Kill the job with all that it started, in whatever session, and wait until all of it is gone."""
    _signal(job, signal.SIGKILL)
    while sum(map(_killed, _descendants())):
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, 0)


def _killed(process: int) -> bool:
    """Kill one process; one of another user, as sudo starts, cannot be."""
    try:
        os.kill(process, signal.SIGKILL)
    except PermissionError:
        return False
    except ProcessLookupError:
        pass
    return True


def _signal(job: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(job, number)


def _children(parent: int) -> list[int]:
    return [process for process, by in _parents().items() if by == parent]


def _descendants() -> list[int]:
    """Processes that descend from this one (Linux; elsewhere the job's process group has to do)."""
    if not _LINUX:
        return []
    parents = _parents()
    found = {os.getpid()}
    while more := {process for process, parent in parents.items() if parent in found} - found:
        found |= more
    return sorted(found - {os.getpid()})


def _parents() -> dict[int, int]:
    """Map each process to the one that started it."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                # After the name, which may hold anything in parentheses: state, parent.
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    return parents


def _prctl(option: int, value: int) -> None:
    if _LINUX:
        ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main())
