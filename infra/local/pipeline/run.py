"""One execution running: a thread that starts what may start, and a thread for each step that runs."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from queue import SimpleQueue
from sqlite3 import OperationalError
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from infra.local.errors import AwsError
from infra.local.pipeline import graph, job_step, other_steps, records, schedule
from infra.local.pipeline.references import UnresolvedError
from infra.local.pipeline.retries import StepFailedError
from infra.local.pipeline.schedule import FAILED, STOPPED, SUCCEEDED, Ending
from infra.local.pipeline.step_run import StepRun, StepStoppedError, outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.local.pipeline.execution import Execution
    from infra.local.pipeline.model import Json, Step

_RUNNERS: dict[str, Callable[[StepRun], Ending]] = {
    "Processing": job_step.run,
    "Training": job_step.run,
    "Transform": job_step.run,
    "Condition": other_steps.condition,
    "Model": other_steps.model,
    "RegisterModel": other_steps.register_model,
    "Fail": other_steps.fail,
}
_MOST_AT_ONCE = 50
_PATIENCE = 1.0
_log = logging.getLogger(__name__)


class Run:
    """Runs an execution from where its record says that it is.

    Parameters
    ----------
    execution
        What to run.
    """

    def __init__(self, execution: Execution) -> None:
        self._execution = execution
        self._store = execution.account.store
        self._waits = graph.dependencies(execution.definition)
        self._lock = Lock()
        self._stopping = Event()
        self._sealed = False
        self._stops: dict[str, Callable[[], object]] = {}
        self._ended: SimpleQueue[tuple[str, Ending]] = SimpleQueue()
        self._thread = Thread(target=self._run, name=f"execution-{execution.id}", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it has ended, at most so many seconds, and say whether it has."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def stop(self) -> None:
        """Start no more steps and stop the jobs of those that run; they end as stopped."""
        with self._lock:
            self._stopping.set()
            stops = dict(self._stops)
        for name, stop in stops.items():
            self._stop_step(name, stop)

    def abandon(self) -> None:
        """Note that the server stops; nothing that steps still report counts from now on."""
        with self._lock:
            self._sealed = True
            self._stopping.set()
            records.interrupt(self._store, self._execution.arn)

    def _run(self) -> None:
        endings = self._earlier()
        running: set[str] = set()
        try:
            while True:
                ready, skipped = schedule.settle(self._execution.definition, self._waits, endings, running)
                endings |= {name: Ending(schedule.SKIPPED) for name in skipped}
                for name in ready if self._may_start(endings) else ():
                    if len(running) < self._limit():
                        running.add(name)
                        self._start(self._execution.definition.steps[name], endings)
                if not running:
                    break
                name, ending = self._ended.get()
                running.remove(name)
                endings[name] = ending
            self._finish(endings)
        except Exception as error:  # noqa: BLE001 - no execution may stay unfinished, whatever the bug
            _log.exception("execution %s broke off", self._execution.arn)
            reason = f"InternalServerError: {type(error).__name__}: {error}"
            self._insist(lambda: records.end(self._store, self._execution.arn, FAILED, reason))

    def _earlier(self) -> dict[str, Ending]:
        """Take up what succeeded before a retry."""
        record = self._store.get(records.EXECUTION, self._execution.arn) or {"Steps": {}}
        return {
            name: Ending(SUCCEEDED, outcome_of(step.get("Metadata")), cached="CacheHitResult" in step)
            for name, step in record["Steps"].items()
            if step["StepStatus"] == SUCCEEDED
        }

    def _may_start(self, endings: dict[str, Ending]) -> bool:
        steps = self._execution.definition.steps
        failed_on_purpose = any(
            steps[name].type == "Fail" and ending.status == FAILED for name, ending in endings.items()
        )
        return not self._stopping.is_set() and not failed_on_purpose

    def _limit(self) -> int:
        record = self._store.get(records.EXECUTION, self._execution.arn) or {}
        return int(record.get("ParallelismConfiguration", {}).get("MaxParallelExecutionSteps", _MOST_AT_ONCE))

    def _start(self, step: Step, endings: dict[str, Ending]) -> None:
        step_run = StepRun(
            execution=self._execution,
            step=step,
            report=lambda fields: self._insist(
                lambda: records.change_step(self._store, self._execution.arn, step.name, fields)
            ),
            stopping=self._stopping,
            on_stop=lambda stop: self._on_stop(step.name, stop),
            anew=self._anew(step, endings),
        )
        Thread(
            target=self._run_step, args=(step_run,), name=f"{self._execution.id}-{step.name}", daemon=True
        ).start()

    def _anew(self, step: Step, endings: dict[str, Ending]) -> str:
        before = [dependency.step for dependency in self._waits[step.name]]
        fresh = [name for name in before if not endings[name].cached]
        if fresh:
            return f"step '{fresh[0]}' before it ran anew"
        return "" if before else "no step before it was cached"

    def _run_step(self, step_run: StepRun) -> None:
        name = step_run.step.name
        reason = ""
        try:
            self._insist(lambda: records.begin_step(self._store, self._execution.arn, step_run.step))
            ending = _RUNNERS[step_run.step.type](step_run)
        except StepStoppedError:
            ending = Ending(STOPPED)
        except StepFailedError as failure:
            ending, reason = Ending(FAILED), failure.reason
        except (UnresolvedError, AwsError) as error:
            ending, reason = Ending(FAILED), f"ClientError: {error}"
        except Exception as error:  # noqa: BLE001 - what else goes wrong fails the step, not the server
            if not self._sealed:
                _log.exception("step %s of execution %s broke off", name, self._execution.arn)
            ending, reason = Ending(FAILED), f"InternalServerError: {type(error).__name__}: {error}"
        with self._lock:
            self._stops.pop(name, None)
        self._insist(lambda: records.end_step(self._store, self._execution.arn, name, ending.status, reason))
        self._ended.put((name, ending))

    def _on_stop(self, name: str, stop: Callable[[], object]) -> None:
        with self._lock:
            self._stops[name] = stop
            stopping = self._stopping.is_set()
        if stopping:
            self._stop_step(name, stop)

    def _stop_step(self, name: str, stop: Callable[[], object]) -> None:
        with suppress(OperationalError):  # a full disk must not keep a job running
            self._guarded(
                lambda: records.change_step(
                    self._store, self._execution.arn, name, {"StepStatus": "Stopping"}
                )
            )
        try:
            stop()
        except AwsError as error:  # it ended by itself meanwhile
            _log.info("step %s of execution %s: %s", name, self._execution.arn, error)

    def _finish(self, endings: dict[str, Ending]) -> None:
        status = schedule.summary(self._execution.definition, self._waits, endings)
        if self._stopping.is_set():
            status = STOPPED
        self._insist(lambda: records.end(self._store, self._execution.arn, status))

    def _insist(self, write: Callable[[], Json]) -> None:
        """Write as `_guarded`, again and again while the disk is full."""
        while True:
            try:
                return self._guarded(write)
            except OperationalError:
                _log.exception("execution %s cannot be noted down; trying again", self._execution.arn)
                time.sleep(_PATIENCE)

    def _guarded(self, write: Callable[[], Json]) -> None:
        """Write to the execution's record unless the execution was abandoned."""
        with self._lock:
            if not self._sealed:
                write()
