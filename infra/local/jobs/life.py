"""The life of one job, whatever it does: begun, stopped if asked, with a record that ends."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
import threading
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from infra.local.jobs import failures, records
from infra.local.jobs.failures import JobStoppedError
from infra.local.jobs.records import End

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from infra.local.account import Account
    from infra.local.jobs.records import Record


class Life(ABC):
    """One job, to be run once.

    Parameters
    ----------
    account
        Where it runs.
    name
        Its name; the record is in the store.
    private
        Whether it gets a ``/opt/ml`` of its own where the kernel allows it.
    grace
        Seconds between SIGTERM and SIGKILL.
    """

    kind: ClassVar[str]

    def __init__(self, account: Account, name: str, *, private: bool, grace: float) -> None:
        self.account = account
        self.name = name
        self.base = base_folder(account, self.kind, name)
        self.ended = threading.Event()
        self.private = private
        self.grace = grace
        self.lock = threading.Lock()
        self.asked = False
        self.server_stops = threading.Event()

    @abstractmethod
    def work(self, record: Record) -> End:
        """Do what the job is for and say how it ended."""

    @abstractmethod
    def end_work(self, *, at_once: bool) -> None:
        """End what runs; called from another thread, with `lock` held."""

    def run(self) -> None:
        """Live, and leave the record in a terminal status whatever happens."""
        try:
            end = self._live()
            if self.server_stops.is_set():
                end = End("Failed", failures.SERVER_STOPPED)
            # What a program leaves when it fails is worth a look; all else is in S3 or came from there.
            if not end.reason.startswith("AlgorithmError"):
                shutil.rmtree(self.base, ignore_errors=True)
            self._conclude(end)
        finally:
            self.ended.set()

    def stop(self) -> None:
        """Ask the job to stop."""
        with self.lock:
            self.asked = True
            self.end_work(at_once=False)

    def kill(self) -> None:
        """End the job at once because the server ends."""
        with self.lock:
            self.asked = True
            self.server_stops.set()
            self.end_work(at_once=True)

    def change(self, changed: Callable[[Record], Record]) -> Record:
        """Change the job's record."""
        return self.account.store.update(self.kind, self.name, changed)

    def going_on(self) -> None:
        """Raise `JobStoppedError` when the job was asked to stop."""
        if self.asked:
            raise JobStoppedError

    def _live(self) -> End:
        try:
            end = self.work(self.change(lambda record: records.begun(self.kind, record)))
            return End("Stopped") if self.server_stops.is_set() else end
        except JobStoppedError:
            return End("Stopped")
        except Exception as error:  # noqa: BLE001 - no job takes the server with it
            return End("Failed", failures.reason(error))

    def _conclude(self, end: End) -> None:
        """Write the end down; on a full disk, try until there is room for it or the server stops."""
        for pause in itertools.chain((0.1, 1.0, 5.0), itertools.repeat(15.0)):
            with suppress(sqlite3.OperationalError):
                self.change(lambda record: records.ended(self.kind, record, end))
                return
            if self.server_stops.wait(pause):
                return


def base_folder(account: Account, kind: str, name: str) -> Path:
    """Return the folder that is ``/opt/ml`` to a job."""
    return account.home.resolve() / "jobs" / kind / name
