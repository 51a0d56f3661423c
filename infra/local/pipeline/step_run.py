"""What the run of a step is given, and what steps of all types do alike."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from infra.local.pipeline import cache, retries
from infra.local.pipeline.references import resolve
from infra.local.pipeline.schedule import SUCCEEDED, Ending

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from infra.local.pipeline.execution import Execution
    from infra.local.pipeline.model import Json, Step


class StepStoppedError(Exception):
    """The execution was stopped while the step ran."""


@dataclass(frozen=True)
class StepRun:
    """One step about to run.

    Attributes
    ----------
    execution
        The execution that it is a step of.
    step
        What its definition says.
    report
        Changes fields of its record, which is what clients see of it.
    stopping
        Set once the execution is to stop.
    on_stop
        Registers what stops the step's job; called at once when the execution is stopping already.
    anew
        Why steps before this one keep an earlier result from standing in for it, where it has no
        ``CacheConfig`` of its own; empty when all of them were cache hits.
    """

    execution: Execution
    step: Step
    report: Callable[[dict[str, Json]], None]
    stopping: Event
    on_stop: Callable[[Callable[[], object]], None]
    anew: str

    def resolved(self, job_name: str = "") -> dict[str, Json]:
        """Resolve the step's arguments.

        Raises
        ------
        infra.local.pipeline.references.UnresolvedError
            When a reference has no value.
        """
        return {
            name: resolve(value, self.execution.scope(job_name))
            for name, value in self.step.arguments.items()
            if value is not None
        }

    def from_cache(self, picked: dict[str, Json], *, obstacle: str) -> Ending | None:
        """Let an earlier result stand in for the step, if there is one, and report why or why not.

        Parameters
        ----------
        picked
            The step's `infra.local.pipeline.cache.attributes`.
        obstacle
            What forbids it from the outset, or empty.
        """
        found = cache.Found(f"ran: {obstacle}")
        if not obstacle:
            found = cache.look_up(self.execution, self.step, picked)
        self.report({"Why": found.why})
        if found.result is None:
            return None
        cache.remember(self.execution, self.step, picked)
        self.report(
            {
                "Metadata": found.result["Metadata"],
                "CacheHitResult": {"SourcePipelineExecutionArn": found.result["Execution"]},
            }
        )
        return Ending(SUCCEEDED, outcome_of(found.result["Metadata"]), cached=True)

    def retried(self, attempt: Callable[[], Ending]) -> Ending:
        """Attempt until it succeeds or no retry is left.

        Raises
        ------
        infra.local.pipeline.retries.StepFailedError
            The last attempt's failure.
        StepStoppedError
            When the execution is stopped between attempts.
        """
        started = time.monotonic()
        for number in count(1):
            self.report({"AttemptCount": number})
            try:
                return attempt()
            except retries.StepFailedError as failure:
                elapsed = time.monotonic() - started
                pause = retries.pause(self.step.retry_policies, failure.exception, number, elapsed)
                if pause is None:
                    raise
                if self.stopping.wait(pause):
                    raise StepStoppedError from None
        raise AssertionError("unreachable: numbers do not end")


def outcome_of(metadata: Json) -> bool | None:
    """Say how a Condition step's metadata has it that the condition came out; ``None`` for other steps."""
    condition = (metadata or {}).get("Condition")
    return None if condition is None else condition["Outcome"] == "True"
