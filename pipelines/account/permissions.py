"""Who may do what in the account, and for which call: the stacks' policies beside the code."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.account import calls, function, needs, templates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipelines.account.calls import Call

OPERATORS = ("Look", "Learn", "Deploy", "Watch")
"""Policies for people and CI, by duty."""
FUNCTION = "Answers"
"""Role of the function behind API Gateway."""
ADMINISTRATOR = "Administrator"
"""Whoever makes roles: needs no policy of ours, and may do all anyway."""
_ADMINISTRATIVE = (
    "containers/push.py",
    "pipelines/account/change_sets.py",
    "pipelines/account/function.py",
    "pipelines/account/leftovers.py",
    "pipelines/account/quotas.py",
    "pipelines/account/readiness.py",
    "pipelines/account/stacks.py",
    "pipelines/account/start.py",
    "pipelines/account/teardown.py",
)
"""Code behind up, down --account, doctor --where aws and make push."""


@dataclass(frozen=True)
class Permission:
    """One action that somebody may do.

    Attributes
    ----------
    duty
        Policy or role in the templates.
    statement
        Its ``Sid``.
    action
        IAM's name.
    resources
        On what, as short as people can read it.
    needed_by
        The calls that need it, such as ``CreateModel (pipelines/deployment/requests.py:44)``.
    """

    duty: str
    statement: str
    action: str
    resources: tuple[str, ...]
    needed_by: tuple[str, ...]


def of_operators() -> tuple[Call, ...]:
    """Calls of the commands that people and CI give day by day."""
    return tuple(call for call in calls.of_code() if call.file not in _ADMINISTRATIVE)


def of_function() -> tuple[Call, ...]:
    """Calls of the function behind API Gateway."""
    own = function.files()
    return tuple(call for call in calls.of_code() if call.file in own)


def of_administrators() -> tuple[Call, ...]:
    """Calls of the commands that make the account and take it down."""
    return tuple(call for call in calls.of_code() if call.file in _ADMINISTRATIVE)


def read() -> list[Permission]:
    """List every permission that the stacks give, and what administrators need."""
    needed = {duty: _by_action(of_operators()) for duty in OPERATORS} | {FUNCTION: _by_action(of_function())}
    found = [
        Permission(duty, sid, action, resources, _why(action, needed.get(duty, {}), duty))
        for duty, sid, action, resources in _allowed()
    ]
    own = [
        Permission(ADMINISTRATOR, "", action, ("*",), why)
        for action, why in sorted(_by_action(of_administrators()).items())
    ]
    return found + own


def _why(action: str, called: dict[str, tuple[str, ...]], duty: str) -> tuple[str, ...]:
    """Say what needs a permission: calls of its own code, or what a service does with the role."""
    said = needs.ON_BEHALF.get(duty, {}).get(action)
    return called.get(action) or ((said,) if said else ())


def _by_action(of: tuple[Call, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for call in of:
        for action in needs.actions(call):
            found[action][f"{call.operation} ({call.file}:{call.line})"] = None
    return {action: tuple(why) for action, why in found.items()}


def _allowed() -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    for template in templates.read():
        for name, resource in template.resources.items():
            if not resource["Type"].startswith("AWS::IAM::"):
                continue
            told = resource["Properties"]
            duty = _role(told["RoleName"]) if "RoleName" in told else name
            documents = [
                told.get("PolicyDocument"),
                *(one["PolicyDocument"] for one in told.get("Policies", [])),
            ]
            for statement in (one for each in documents if each for one in each["Statement"]):
                for action in _listed(statement["Action"]):
                    on = tuple(_shown(one) for one in _listed(statement["Resource"]))
                    yield duty, statement["Sid"], action, on


def _role(named: Mapping[str, str]) -> str:
    """Name of the role that a policy is attached to, also across stacks."""
    return named.get("Ref") or named["ImportValue"].split("-")[1].title()


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - a template's text or list
    return value if isinstance(value, list) else [value]


def _shown(resource: Any) -> str:  # noqa: ANN401 - text or a short form of CloudFormation
    """Write a resource as people read it: what is ours of its ARN."""
    if not isinstance(resource, dict):
        return str(resource)
    form, value = next(iter(resource.items()))
    if form == "Sub" and isinstance(value, list):
        return str(value[0]).replace("${Bucket}", "bucket")
    if form == "Sub":
        return re.sub(r"^arn:[^:]+::[^:]+:[\w-]+:\$\{AWS::Region\}:\$\{AWS::AccountId\}:", "", str(value))
    return str(value).removeprefix("bestiary-").removesuffix("-arn").removesuffix(".Arn")
