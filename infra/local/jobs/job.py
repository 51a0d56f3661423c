"""One job's life: stage its inputs, run its program, put its results, say how it ended."""

from __future__ import annotations

import itertools
import json
import shutil
import sqlite3
import threading
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from infra.local.jobs import environment, failures, records, staging
from infra.local.jobs.failures import JobStoppedError
from infra.local.jobs.metrics import MetricReader
from infra.local.jobs.process import JobProcess
from infra.local.jobs.records import End
from infra.local.log_files import LogFiles

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from infra.local.account import Account
    from infra.local.jobs.plan import Plan
    from infra.local.jobs.records import Record


@dataclass(frozen=True)
class Run:
    """How a job's program ended.

    Attributes
    ----------
    code
        Its exit code.
    last_line
        The last line it printed that was not blank.
    stopped, late
        Whether it was asked to end, by somebody or because its time was over.
    metrics
        The last value of each metric, as ``FinalMetricDataList`` has it.
    """

    code: int
    last_line: str
    stopped: bool
    late: bool
    metrics: list[dict[str, Any]]

    @property
    def cut_short(self) -> bool:
        """Whether it was asked to end."""
        return self.stopped or self.late

    @property
    def failed(self) -> bool:
        """Whether it ended by itself, and badly."""
        return self.code != 0 and not self.cut_short


class Job(ABC):
    """One job, to be run once, on a thread of its own.

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
    log_group: ClassVar[str]

    def __init__(self, account: Account, name: str, *, private: bool, grace: float) -> None:
        self.account = account
        self.name = name
        self.base = base_folder(account, self.kind, name)
        self.ended = threading.Event()
        self._private = private
        self._grace = grace
        self._lock = threading.Lock()
        self._process: JobProcess | None = None
        self._asked = False
        self._server_stops = threading.Event()

    @abstractmethod
    def plan(self, record: Record) -> Plan:
        """Read from the record what is to be done."""

    @abstractmethod
    def results(self, record: Record, plan: Plan, run: Run) -> End:
        """Put the results to S3 and say how the job ended."""

    def run(self) -> None:
        """Live, and leave the record in a terminal status whatever happens."""
        try:
            end = self._live()
            if self._server_stops.is_set():
                end = End("Failed", failures.SERVER_STOPPED)
            # What a program leaves when it fails is worth a look; all else is in S3 or came from there.
            if not end.reason.startswith("AlgorithmError"):
                shutil.rmtree(self.base, ignore_errors=True)
            self._conclude(end)
        finally:
            self.ended.set()

    def stop(self) -> None:
        """Ask the job to stop."""
        with self._lock:
            self._asked = True
            if self._process:
                self._process.stop()

    def kill(self) -> None:
        """End the job at once because the server ends."""
        with self._lock:
            self._asked = True
            self._server_stops.set()
            if self._process:
                self._process.kill()

    def change(self, changed: Callable[[Record], Record]) -> Record:
        """Change the job's record."""
        return self.account.store.update(self.kind, self.name, changed)

    def _live(self) -> End:
        try:
            record = self.change(lambda record: records.begun(self.kind, record))
            plan = self.plan(record)
            deadline = time.monotonic() + plan.seconds
            self._stage(plan)
            run = self._execute(plan, deadline)
            return End("Stopped") if self._server_stops.is_set() else self.results(record, plan, run)
        except JobStoppedError:
            return End("Stopped")
        except Exception as error:  # noqa: BLE001 - no job takes the server with it
            return End("Failed", failures.reason(error))

    def _stage(self, plan: Plan) -> None:
        shutil.rmtree(self.base, ignore_errors=True)
        for folder in plan.folders:
            (self.base / folder).mkdir(parents=True, exist_ok=True)
        for item in plan.inputs:
            staging.fetch(self.account.objects, item, self.base, self._going_on)
        if plan.checkpoints:
            folder, source = plan.checkpoints
            staging.restore(self.account.objects, source, self.base / folder)
        for path, document in plan.files.items():
            file = self.base / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(document, indent=2, ensure_ascii=False), encoding="utf-8")

    def _execute(self, plan: Plan, deadline: float) -> Run:
        task = environment.task(plan, self.base, self.account, private=self._private, grace=self._grace)
        self.change(lambda record: records.at(self.kind, record, "Training"))
        metrics = MetricReader(self.account, self.name, plan.metrics)
        last_line = ""
        stream = f"{self.name}/algo-1-{int(time.time())}"
        with LogFiles(self.account.home / "logs").writer(self.log_group, stream) as log:

            def on_line(line: str) -> None:
                nonlocal last_line
                last_line = line.strip() or last_line
                metrics.read(line)
                log.write_line(line)

            with self._lock:
                self._going_on()
                process = self._process = JobProcess(task, on_line)
            code = process.wait(max(0.0, deadline - time.monotonic()))
            late = code is None
            if late:
                process.stop()
                code = process.wait()
        metrics.flush()
        return Run(code or 0, last_line, stopped=self._asked, late=late, metrics=metrics.final())

    def _going_on(self) -> None:
        if self._asked:
            raise JobStoppedError

    def _conclude(self, end: End) -> None:
        """Write the end down; on a full disk, try until there is room for it or the server stops."""
        for pause in itertools.chain((0.1, 1.0, 5.0), itertools.repeat(15.0)):
            with suppress(sqlite3.OperationalError):
                self.change(lambda record: records.ended(self.kind, record, end))
                return
            if self._server_stops.wait(pause):
                return


def base_folder(account: Account, kind: str, name: str) -> Path:
    """Return the folder that is ``/opt/ml`` to a job."""
    return account.home.resolve() / "jobs" / kind / name
