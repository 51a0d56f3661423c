"""The server process of one home."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import signal
import sqlite3
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, NoReturn

from botocore.exceptions import BotoCoreError, ClientError

from infra.local import operations, queues, runtime
from infra.local.account import ACCOUNT_ID, Account
from infra.local.alarms.alarms import Alarms
from infra.local.app import App
from infra.local.asynchronous.inference import AsyncInference
from infra.local.autoscaling.scaler import Scaler
from infra.local.bootstrap import bootstrap
from infra.local.client import REGION
from infra.local.events.bus import Bus
from infra.local.events.courier import Courier
from infra.local.home import LifecycleError, State, code_version, hold, read_state, unusable, write_state
from infra.local.hosting.hosting import Hosting
from infra.local.jobs.runner import JobRunner
from infra.local.monitoring.monitor import Monitor
from infra.local.objects import ObjectStore
from infra.local.pipeline.engine import Engine
from infra.local.ports import HOST, PREFERRED, listen
from infra.local.processes import started
from infra.local.s3.answers import is_full
from infra.local.s3.service import S3
from infra.local.scheduling.schedules import Schedules
from infra.local.store import Store
from infra.local.topics import Topics
from infra.local.wire import make_server

if TYPE_CHECKING:
    from pathlib import Path

_WATCH_SECONDS = 2.0
_M_MMAP_THRESHOLD = -3  # glibc's malloc.h
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Server:
    """Everything of one home, from its files to its port.

    Parameters
    ----------
    home
        The folder, which this process holds.
    port
        The port that was asked for; None for the one used last, or one near it.

    Raises
    ------
    LifecycleError
        When the port is taken.
    OSError, sqlite3.Error
        When the home cannot be read or written.
    """

    def __init__(self, home: Path, port: int | None) -> None:
        self._home = home
        before = read_state(home)
        self._listening = listen(port, before.port if before else PREFERRED)
        self._port = int(self._listening.getsockname()[1])
        # Until the new state is written, nobody may take an old server's for it.
        self._write_state(0)
        self._s3 = S3(home / "s3", ACCOUNT_ID)
        self._store = Store(home / "sagemaker.sqlite")
        self._account = Account(home, REGION, self._store, ObjectStore(self._s3))
        if runtime.chosen(home) == "docker":
            self._account.docker = runtime.engine(home)
            self._account.docker.end_all()
        self._account.topics = Topics(self._store, ACCOUNT_ID, REGION, home / "alerts.jsonl")
        self._account.courier = Courier(self._account)
        self._account.events = Bus(self._account)
        self._account.alarms = Alarms(self._account)
        self._account.jobs = JobRunner(self._account)
        self._account.engine = Engine(self._account)
        self._account.hosting = Hosting(self._account)
        operations.load()
        self._account.jobs.recover()
        self._account.engine.recover()
        self._account.hosting.recover()
        self._account.asynchronous = AsyncInference(self._account)
        Scaler(self._account)
        self._account.monitor = Monitor(self._account)
        self._account.schedules = Schedules(self._account)
        self._account.courier.start()
        queues.tell(self._account)
        self._ready = False
        self.failure: LifecycleError | None = None

    def run(self) -> None:
        """Answer requests until SIGTERM or SIGINT, then end what runs."""
        for number in _SIGNALS:
            signal.signal(number, _stop)
        server = make_server(App(self._account, self._s3, self._health), self._listening)
        for target in (self._set_up, self._watch):
            threading.Thread(target=target, name=target.__name__, daemon=True).start()
        try:
            server.run()
        finally:
            for number in _SIGNALS:
                signal.signal(number, signal.SIG_IGN)  # it is ending already
            server.close()
            self.close()

    def close(self) -> None:
        """End executions, endpoints and jobs, then close the files."""
        self._account.asynchronous.close()
        self._account.hosting.close()
        self._account.asynchronous.join()
        self._account.clock.close()
        self._account.topics.close()
        self._account.engine.close()
        self._account.jobs.close()
        if self._account.docker:
            self._account.docker.end_all()
            self._account.docker.close()
        self._s3.close()
        self._store.close()
        self._write_state(0)

    def _set_up(self) -> None:
        """Make what must be there, then say that the server can be used; without it, end."""
        try:
            bootstrap(f"http://{HOST}:{self._port}", self._home, REGION)
            self._ready = True
            self._write_state(os.getpid())
            self._account.hosting.resume()
            sys.stdout.write(f"the local SageMaker of {self._home} answers at http://{HOST}:{self._port}\n")
        except (ClientError, BotoCoreError, OSError) as error:
            self.failure = LifecycleError(f"{self._home} cannot be set up: {error}")
            os.kill(os.getpid(), signal.SIGTERM)

    def _watch(self) -> None:
        """End when the home is removed: nobody could find this server any more."""
        while (self._home / "lock").exists():
            time.sleep(_WATCH_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    def _write_state(self, pid: int) -> None:
        began = started(pid) or "" if pid else ""
        write_state(self._home, State(pid, self._port, began, code_version()))

    def _health(self) -> dict[str, Any]:
        return {
            "home": str(self._home),
            "pid": os.getpid(),
            "version": code_version(),
            "region": REGION,
            "ready": self._ready,
        }


def serve(home: Path, port: int | None) -> None:
    """Serve a home in this process until it is told to stop.

    Raises
    ------
    LifecycleError
        When that cannot be; `infra.local.home.HeldError` when another server has the home.
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    _give_memory_back()
    with hold(home):
        try:
            server = Server(home, port)
            server.run()
        except OSError as error:
            raise unusable(home, error) from error
        except sqlite3.Error as error:
            why = "no space left on its disk: free some" if is_full(error) else str(error)
            raise LifecycleError(f"{home} cannot hold the local SageMaker's state: {why}") from error
        if server.failure:
            raise server.failure


def _give_memory_back() -> None:
    """Have blocks of a mebibyte and more returned to the system when freed.

    Else glibc keeps the bodies of uploads for each of the server's threads, some hundred megabytes.
    """
    with contextlib.suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, 1 << 20)


def _stop(*_: object) -> NoReturn:
    raise SystemExit(0)
