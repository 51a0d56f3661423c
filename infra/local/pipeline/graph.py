"""The order that a definition prescribes: what each step waits for, and which waits can never end."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from infra.local.pipeline import expressions
from infra.local.pipeline.model import Dependency
from infra.local.pipeline.reading import refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.local.pipeline.model import Definition, Step

Dependencies = dict[str, tuple[Dependency, ...]]


def dependencies(definition: Definition) -> Dependencies:
    """List what each step waits for: what it names, what it refers to and the condition it stands under."""
    return {name: _of(step) for name, step in definition.steps.items()}


def check(definition: Definition) -> None:
    """Check that every wait can end.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` for a dependency on a step that is not there, on a Fail step, on a step on
        a branch from outside of it, and for a cycle.
    """
    waits = dependencies(definition)
    for name, needed in waits.items():
        for dependency in needed:
            _check_one(definition.steps[name], dependency.step, definition.steps)
    graph = {name: [dependency.step for dependency in needed] for name, needed in waits.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle = " -> ".join(reversed(error.args[1]))
        raise refused(f"Cycle detected in the pipeline's steps: {cycle}.") from None


def _of(step: Step) -> tuple[Dependency, ...]:
    found = {dependency.step: dependency for dependency in step.depends_on}
    implied = list(expressions.steps_in(step.arguments, f"Step '{step.name}'"))
    if step.branch:
        implied.append(step.branch.condition)
    for name in implied:
        found.setdefault(name, Dependency(name))
    return tuple(found.values())


def _check_one(step: Step, needed: str, steps: Mapping[str, Step]) -> None:
    other = steps.get(needed)
    if other is None:
        raise refused(f"Step '{step.name}' depends on step '{needed}', which does not exist.")
    if other.type == "Fail":
        raise refused(f"{step.name} can not depends on {needed}: a Fail step ends the execution.")
    if other.branch and other.branch != step.branch:
        side = "IfSteps" if other.branch.outcome else "ElseSteps"
        raise refused(
            f"Step '{step.name}' depends on step '{needed}', which may never run: it is in {side} of "
            f"condition step '{other.branch.condition}', and '{step.name}' is not."
        )
