"""What may start now, given how earlier steps ended; pure, so that any order of endings can be tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from infra.local.pipeline.graph import Dependencies
    from infra.local.pipeline.model import Definition, Step, Trigger

SUCCEEDED, FAILED, STOPPED, SKIPPED = "Succeeded", "Failed", "Stopped", "NotExecuted"
_FIRES: dict[Trigger, set[str]] = {
    "Completed": {SUCCEEDED},
    "Failed": {FAILED},
    "Stopped": {STOPPED},
    "Any": {SUCCEEDED, FAILED, STOPPED},
}


@dataclass(frozen=True)
class Ending:
    """How a step ended.

    Attributes
    ----------
    status
        ``Succeeded``, ``Failed``, ``Stopped``, or ``NotExecuted`` for one that will never start.
    outcome
        Of a Condition step: whether it held.
    cached
        Whether an earlier execution's result stood in for it.
    """

    status: str
    outcome: bool | None = None
    cached: bool = False


def settle(
    definition: Definition,
    waits: Dependencies,
    endings: Mapping[str, Ending],
    started: Collection[str],
) -> tuple[list[str], list[str]]:
    """Decide on every step that has neither ended nor started.

    A step starts when all it waits for has ended as wanted, and never once that has become impossible: an
    earlier step failed or its side of a condition was not taken. Branches that do not touch go on.

    Parameters
    ----------
    definition
        The pipeline.
    waits
        Its `infra.local.pipeline.graph.dependencies`.
    endings
        By step, of those that ended.
    started
        Steps that run now.

    Returns
    -------
    tuple
        Steps to start, in the definition's order, and steps that will never start.
    """
    known = dict(endings)
    ready: list[str] = []
    skipped: list[str] = []
    more = True
    while more:
        more = False
        for name, step in definition.steps.items():
            if name in known or name in started or name in ready:
                continue
            state = _state(step, waits, known)
            if state == "ready":
                ready.append(name)
            elif state == "never":
                known[name] = Ending(SKIPPED)
                skipped.append(name)
                more = True
    return [name for name in definition.steps if name in ready], skipped


def summary(definition: Definition, waits: Dependencies, endings: Mapping[str, Ending]) -> str:
    """Name the execution's status when nothing runs and nothing can start.

    A failure that a later step was waiting for, and which it ran on, leaves ``CompletedWithFailures``.
    """
    bad = [name for name, ending in endings.items() if ending.status in {FAILED, STOPPED}]
    if not bad:
        return SUCCEEDED
    handled = {
        dependency.step
        for name, needed in waits.items()
        for dependency in needed
        if endings.get(name, Ending(SKIPPED)).status == SUCCEEDED
        and dependency.trigger != "Completed"
        and definition.steps[name].type != "Fail"
    }
    return "CompletedWithFailures" if set(bad) <= handled else FAILED


def _state(step: Step, waits: Dependencies, known: Mapping[str, Ending]) -> str:
    waiting = False
    for dependency in waits[step.name]:
        ending = known.get(dependency.step)
        if ending is None:
            waiting = True
        elif ending.status not in _FIRES[dependency.trigger]:
            return "never"
    if step.branch:
        condition = known.get(step.branch.condition)
        if condition and condition.outcome != step.branch.outcome:
            return "never"
    return "waiting" if waiting else "ready"
