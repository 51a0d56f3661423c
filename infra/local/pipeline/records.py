"""Executions as they are kept: one record each, with the record of every step that started."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from infra.local.jobs.failures import cut

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.local.pipeline.model import Step
    from infra.local.store import Record, Store

EXECUTION = "execution"
RUNNING = ("Executing", "Stopping")
_LONGEST_REASON = 1300


def running(record: Record) -> list[str]:
    """Name the steps of an execution that have started and not ended, in the order of their start."""
    return [name for name, step in record["Steps"].items() if "EndTime" not in step]


def change(store: Store, arn: str, changed: Callable[[Record], None]) -> Record:
    """Change an execution's record, all or nothing.

    Parameters
    ----------
    changed
        Changes the copy that it is given.

    Raises
    ------
    infra.local.store.AbsentError
        When there is no such execution.
    """

    def update(record: Record) -> Record:
        changed(record)
        record["LastModifiedTime"] = datetime.now(UTC)
        return record

    return store.update(EXECUTION, arn, update)


def begin_step(store: Store, arn: str, step: Step) -> None:
    """Note that a step starts, anew if it had started before."""

    def begin(record: Record) -> None:
        record["Steps"].pop(step.name, None)
        record["Steps"][step.name] = _started(step.name) | {
            "StepDisplayName": step.display_name,
            "Description": step.description,
            "StepStatus": "Starting" if step.type in {"Processing", "Training", "Transform"} else "Executing",
        }

    change(store, arn, begin)


def change_step(store: Store, arn: str, step: str, fields: dict[str, Any]) -> None:
    """Change fields of a step's record, also of one whose start could not be noted."""
    change(store, arn, lambda record: record["Steps"].setdefault(step, _started(step)).update(fields))


def end_step(store: Store, arn: str, step: str, status: str, reason: str = "") -> None:
    """Note how a step ended; `reason` is the ``FailureReason`` of one that failed."""
    fields = {"StepStatus": status, "EndTime": datetime.now(UTC)}
    change_step(store, arn, step, {**fields, "FailureReason": cut(reason)} if reason else fields)


def end(store: Store, arn: str, status: str, reason: str = "") -> None:
    """Note how an execution ended; unless a reason is given, a failed one names its failed steps."""

    def ended(record: Record) -> None:
        record["PipelineExecutionStatus"] = status
        if status in {"Failed", "CompletedWithFailures"}:
            record["FailureReason"] = " ".join((reason or _of_steps(record)).split())[:_LONGEST_REASON]

    change(store, arn, ended)


def interrupt(store: Store, arn: str) -> None:
    """Note that the server stopped, or was killed, while an execution ran."""

    def interrupted(record: Record) -> None:
        left = running(record)
        names = f"step {left[0]} was" if len(left) == 1 else f"steps {', '.join(left)} were"
        what = f" ({names} executing)" if left else ""
        for name in left:
            record["Steps"][name] |= {
                "StepStatus": "Failed",
                "EndTime": datetime.now(UTC),
                "FailureReason": "the local SageMaker stopped while this step ran",
            }
        record["PipelineExecutionStatus"] = "Failed"
        record["FailureReason"] = (
            f"the local SageMaker stopped while this execution ran{what}; "
            "start it again: finished steps come from the cache"
        )[:_LONGEST_REASON]

    change(store, arn, interrupted)


def _started(name: str) -> Record:
    return {"StepName": name, "StartTime": datetime.now(UTC), "StepStatus": "Executing", "AttemptCount": 1}


def _of_steps(record: Record) -> str:
    failed = [
        f"{name} ({step['FailureReason']})" if step.get("FailureReason") else name
        for name, step in record["Steps"].items()
        if step["StepStatus"] in {"Failed", "Stopped"}
    ]
    return f"Step failure: One or multiple steps failed. Failed: {'; '.join(failed)}."
