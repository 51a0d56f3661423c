"""``bestiary up``: what must exist in the account."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.account import change_sets, cost, function, start, templates
from pipelines.account.change_sets import StackPlan
from pipelines.cli import options
from pipelines.cli.cost import document as cost_document
from pipelines.cli.cost import tell as tell_cost
from pipelines.cli.cost import tell_before
from pipelines.cli.output import answer_json, answers, say, table
from pipelines.deployment.defaults import Defaults
from pipelines.errors import UsageError
from pipelines.network import PRIVATE_CALLS, Network
from pipelines.place import Place, open_place
from pipelines.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.account.cost import Estimate


def up(
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Set a parameter of the stacks.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show changes and cost, do nothing.")] = False,
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Make or change the account's stacks, after showing what changes and what it costs."""
    values = _values(settings or [])
    stacks = templates.read()
    change_sets.check_values(stacks, values)
    values = {function.PARAMETER: function.key(), **values}
    place = open_place(Settings.read(where), say)
    plans = change_sets.plan(place, stacks, values)
    if not as_json:
        _show(place, plans, _network(place, values), opens=values.get("Front") == "yes")
    done = False
    if not dry_run and _sure(place, plans, yes=yes):
        change_sets.carry_out(place, plans, values, say)
        start.put_no_approved(place)
        done = True
    else:
        change_sets.discard(place, plans)
    if as_json:
        answer_json({**_document(plans, _network(place, values)), "done": done})
    elif done:
        answers.print("the account is ready; next: make images push, bestiary doctor", soft_wrap=True)
    if not (done or dry_run):
        raise typer.Exit(1)


def _values(settings: list[str]) -> dict[str, str]:
    values = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise UsageError(f"--set {setting!r} is not NAME=VALUE, for example --set Email=you@example.org")
        values[name] = value
    return values


def _network(place: Place, values: Mapping[str, str]) -> Estimate:
    """Say what the VPC will cost as it is to be: as was set now, or before."""
    before = place.parameters.get(PRIVATE_CALLS, "no")
    there = values.get("Network", "yes" if Network.read(place.parameters) or before == "yes" else "no")
    return cost.of_network(private_calls="yes" == there == values.get("PrivateCalls", before))


def _show(place: Place, plans: list[StackPlan], network: Estimate, *, opens: bool) -> None:
    rows = [
        [plan.template.stack, change.action, change.kind, change.resource, _remark(change)]
        for plan in plans
        for change in plan.changes
    ]
    columns = dict.fromkeys(("stack", "action", "what", "name", ""), "left")
    answers.print(table(columns, rows) if rows else "nothing would change")
    answers.print(f"in account {start.account(place)}, {place.settings.region}")
    stacks = cost.of_stacks()
    tell_cost(cost.estimate([*stacks.lines, *network.lines]))
    if opens:
        tell_before("the front", cost.of_front(Defaults()))
    tell_before("a deploy, if you make one,", cost.of_deploy(Defaults()))


def _remark(change: change_sets.Change) -> str:
    if change.replaces:
        return "is REPLACED by a new one"
    return f"only with {change.condition}" if change.condition else ""


def _sure(place: Place, plans: list[StackPlan], *, yes: bool) -> bool:
    if yes or not any(plan.changes for plan in plans):
        return True
    try:
        return typer.confirm("change the account so?", err=True)
    except typer.Abort:
        change_sets.discard(place, plans)
        raise UsageError("nobody answered, nothing was changed: bestiary up --yes") from None


def _document(plans: list[StackPlan], network: Estimate) -> dict[str, object]:
    return {
        "stacks": [
            {
                "stack": plan.template.stack,
                "state": plan.state,
                "changes": [asdict(change) for change in plan.changes],
            }
            for plan in plans
        ],
        "cost": cost_document(cost.estimate([*cost.of_stacks().lines, *network.lines])),
    }
