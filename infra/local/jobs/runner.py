"""All jobs of an account: started at once, watched, stopped, waited for, and ended with the server."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from infra.local.hosting import model_data
from infra.local.jobs import failures, leftovers, records
from infra.local.jobs.life import Life, base_folder
from infra.local.jobs.processing import ProcessingJob
from infra.local.jobs.records import PROCESSING, STATUS, TERMINAL, TRAINING, TRANSFORM, TYPE, End
from infra.local.jobs.training import TrainingJob
from infra.local.store import AbsentError
from infra.local.transform.job import TransformJob

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.jobs.records import Record

GRACE = 120.0
"""Seconds between SIGTERM and SIGKILL, as SageMaker has it."""

_JOBS: dict[str, type[Life]] = {
    TRAINING: TrainingJob,
    PROCESSING: ProcessingJob,
    TRANSFORM: TransformJob,
}


class JobRunner:
    """Runs the jobs whose records are in the store; every method may be called from any thread.

    Parameters
    ----------
    account
        Whose jobs.
    private
        Whether jobs get a ``/opt/ml`` of their own where the kernel allows it.
    grace
        Seconds between SIGTERM and SIGKILL of a job that is to stop.
    """

    def __init__(self, account: Account, *, private: bool = True, grace: float = GRACE) -> None:
        self._account = account
        self._private = private
        self._grace = grace
        self._lock = threading.Lock()
        self._running: dict[tuple[str, str], tuple[Life, threading.Thread]] = {}
        self._closed = False

    def start(self, kind: str, name: str) -> None:
        """Start a job whose record is in the store.

        Parameters
        ----------
        kind
            ``training-job``, ``processing-job`` or ``transform-job``.
        name
            The job's name.
        """
        job = _JOBS[kind](self._account, name, private=self._private, grace=self._grace)
        thread = threading.Thread(target=self._run, args=(job,), name=f"{kind} {name}", daemon=True)
        with self._lock:
            if not self._closed:
                self._running[kind, name] = job, thread
                thread.start()
                return
        self._bury(kind, name)

    def stop(self, kind: str, name: str) -> None:
        """Ask a job to stop; its record ends ``Stopped``. One that is not running is passed over."""
        with self._lock:
            found = self._running.get((kind, name))
        if found:
            found[0].stop()

    def interrupt(self, name: str | None = None) -> list[str]:
        """Take the machines back from trainings on spot, which then go on from their checkpoints.

        Parameters
        ----------
        name
            Of one job; all that run unless told.

        Returns
        -------
        list of str
            The jobs that lost their machine: those whose program ran.
        """
        with self._lock:
            running = [job for job, _ in self._running.values() if isinstance(job, TrainingJob)]
        return sorted(job.name for job in running if name in {None, job.name} and self._taken_back(job))

    def wait(self, kind: str, name: str, timeout: float | None = None) -> bool:
        """Wait until a job's status is terminal.

        Returns
        -------
        bool
            Whether it is; ``False`` when `timeout` seconds went by before.

        Raises
        ------
        infra.local.store.AbsentError
            When there is no such job.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while not self._over(kind, name):
            left = None if until is None else until - time.monotonic()
            if left is not None and left <= 0:
                return False
            with self._lock:
                found = self._running.get((kind, name))
            if found:
                found[0].ended.wait(left)
            else:  # created, but not started yet
                time.sleep(0.01)
        return True

    def recover(self) -> None:
        """Fail the jobs that an earlier server left running, and end what is left of their processes."""
        for kind in _JOBS:
            for record in self._account.store.list(kind):
                if record[STATUS[kind]] not in TERMINAL:
                    self._bury(kind, record[f"{TYPE[kind]}JobName"])

    def close(self) -> None:
        """End all jobs at once; their records say that the server stopped."""
        with self._lock:
            self._closed = True
            running = list(self._running.values())
        for job, _ in running:
            job.kill()
        for _, thread in running:
            thread.join()

    def _run(self, job: Life) -> None:
        try:
            job.run()
        finally:
            with self._lock:
                self._running.pop((job.kind, job.name), None)

    def _taken_back(self, job: TrainingJob) -> bool:
        record = self._account.store.get(TRAINING, job.name) or {}
        return bool(record.get("EnableManagedSpotTraining")) and job.interrupt()

    def _over(self, kind: str, name: str) -> bool:
        record = self._account.store.get(kind, name)
        if record is None:
            raise AbsentError(f"{kind} {name}")
        return record[STATUS[kind]] in TERMINAL

    def _bury(self, kind: str, name: str) -> None:
        base = base_folder(self._account, kind, name)
        leftovers.end(base)
        model_data.remove(base)

        def ended(record: Record) -> Record:
            stopped = record[STATUS[kind]] == "Stopping"
            end = End("Stopped") if stopped else End("Failed", failures.SERVER_STOPPED)
            return records.ended(kind, record, end)

        self._account.store.update(kind, name, ended)
