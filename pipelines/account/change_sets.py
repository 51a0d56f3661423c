"""What ``up`` would change, by CloudFormation's own change sets, and carrying it out."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.account import function, stacks
from pipelines.errors import OperatorError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pipelines.account.templates import Template
    from pipelines.place import Place

_NOTHING = ("didn't contain changes", "No updates are to be performed")
_TAGS = [{"Key": "project", "Value": "bestiary"}]


@dataclass(frozen=True)
class Change:
    """One resource that would change.

    Attributes
    ----------
    action
        ``Add``, ``Modify``, ``Remove`` or CloudFormation's other words.
    resource
        Its name in the template.
    kind
        Its type, such as ``AWS::S3::Bucket``.
    replaces
        Whether another one takes its place.
    condition
        Name of the condition under which a new stack has it, empty where it always does.
    """

    action: str
    resource: str
    kind: str
    replaces: bool = False
    condition: str = ""


@dataclass(frozen=True)
class StackPlan:
    """What would happen to one stack.

    Attributes
    ----------
    template
        As it should be.
    state
        CloudFormation's word for it now; empty where there is none.
    change_set
        ARN of the change set, empty for a new stack, which can only have one when those before are there.
    changes
        What it holds.
    """

    template: Template
    state: str
    change_set: str
    changes: tuple[Change, ...]

    @property
    def new(self) -> bool:
        """Whether the stack has to be made."""
        return self.state in stacks.NOT_MADE


def check_values(templates: Sequence[Template], values: Mapping[str, str]) -> None:
    """Refuse parameters that no template has.

    Raises
    ------
    UsageError
        With those that there are.
    """
    known = {name for template in templates for name in template.parameters}
    for name in values:
        if name not in known:
            raise UsageError(f"--set {name}: no stack has it; there are {', '.join(sorted(known))}")


def plan(place: Place, templates: Sequence[Template], values: Mapping[str, str]) -> list[StackPlan]:
    """Find out what would change; only change sets are made, which change nothing by themselves.

    Parameters
    ----------
    place
        Where.
    templates
        In the order of making.
    values
        Parameters of the stacks; those not named stay as they are.

    Raises
    ------
    OperatorError
        Where a stack is on its way somewhere or stuck, or CloudFormation refuses a change set.
    """
    return [_plan(place, template, values) for template in templates]


def _plan(place: Place, template: Template, values: Mapping[str, str]) -> StackPlan:
    state = stacks.status(place, template.stack)
    if state in stacks.NOT_MADE:
        added = tuple(
            Change("Add", name, told["Type"], condition=told.get("Condition", ""))
            for name, told in template.resources.items()
        )
        return StackPlan(template, state, "", added)
    if state.endswith(("_IN_PROGRESS", "_FAILED")):
        raise OperatorError(
            f"{template.stack} is {state}: CloudFormation changes it only when that is over or mended"
        )
    made = _make(place, template, values, "UPDATE")
    return StackPlan(template, state, made or "", _changes(place, made) if made else ())


def discard(place: Place, plans: Sequence[StackPlan]) -> None:
    """Delete the change sets that were made for looking."""
    for each in plans:
        if each.change_set:
            place.client("cloudformation").delete_change_set(ChangeSetName=each.change_set)


def carry_out(
    place: Place, plans: Sequence[StackPlan], values: Mapping[str, str], say: Callable[[str], None]
) -> None:
    """Make and change the stacks, one after the other.

    Raises
    ------
    OperatorError
        Where one fails; CloudFormation takes that one back, and those before it stay.
    """
    for each in plans:
        stack, change_set = each.template.stack, each.change_set
        if each.new:
            if each.state in stacks.LEFTOVER:
                stacks.delete(place, stack)
            change_set = _make(place, each.template, values, "CREATE") or ""
        if not change_set:
            continue
        if function.PARAMETER in each.template.parameters and _opens_front(place, each, values):
            function.put(place)
        say(f"{'making' if each.new else 'changing'} {stack}")
        place.client("cloudformation").execute_change_set(ChangeSetName=change_set)
        stacks.finish(place, stack)


def _opens_front(place: Place, plan: StackPlan, values: Mapping[str, str]) -> bool:
    """Whether the front's function will be there after a change of its stack: it was told so, or it is."""
    is_open = not plan.new and place.parameters.get("front", function.CLOSED) != function.CLOSED
    return values.get("Front", "yes" if is_open else "no") == "yes"


def _make(place: Place, template: Template, values: Mapping[str, str], kind: str) -> str | None:
    """Make a change set and wait for it; ``None`` where nothing would change."""
    cloudformation = place.client("cloudformation")
    made: str = cloudformation.create_change_set(
        StackName=template.stack,
        ChangeSetName=f"bestiary-{uuid.uuid4().hex[:12]}",
        ChangeSetType=kind,
        TemplateBody=template.text,
        Parameters=_parameters(template, values, stacks.parameters(place, template.stack)),
        Capabilities=["CAPABILITY_IAM"],
        Tags=_TAGS,
    )["Id"]
    told: dict[str, Any] = cloudformation.describe_change_set(ChangeSetName=made)
    while told["Status"] in {"CREATE_PENDING", "CREATE_IN_PROGRESS"}:
        time.sleep(stacks.POLL_SECONDS)
        told = cloudformation.describe_change_set(ChangeSetName=made)
    if told["Status"] == "CREATE_COMPLETE":
        return made
    cloudformation.delete_change_set(ChangeSetName=made)
    why = told.get("StatusReason", "")
    if any(words in why for words in _NOTHING):
        return None
    raise OperatorError(f"{template.stack}: CloudFormation refuses the change: {why or told['Status']}")


def _parameters(template: Template, values: Mapping[str, str], known: frozenset[str]) -> list[dict[str, Any]]:
    """Values that are told, and what the stack has already; the rest is the template's default."""
    told = [
        {"ParameterKey": name, "ParameterValue": values[name]}
        for name in template.parameters
        if name in values
    ]
    kept = [
        {"ParameterKey": name, "UsePreviousValue": True}
        for name in template.parameters
        if name in known and name not in values
    ]
    return told + kept


def _changes(place: Place, change_set: str) -> tuple[Change, ...]:
    pages = place.client("cloudformation").get_paginator("describe_change_set")
    return tuple(
        Change(
            told["Action"],
            told["LogicalResourceId"],
            told["ResourceType"],
            replaces=told.get("Replacement") == "True",
        )
        for page in pages.paginate(ChangeSetName=change_set)
        for each in page["Changes"]
        if (told := each.get("ResourceChange"))
    )
