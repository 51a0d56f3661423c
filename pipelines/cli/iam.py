"""``bestiary iam``: who may do what in the account, and which call needs it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pipelines.account import permissions
from pipelines.cli import options
from pipelines.cli.output import answer_json, answers, table
from pipelines.errors import UsageError


def iam(
    duty: Annotated[str | None, typer.Argument(metavar="[DUTY]", help="One role or policy alone.")] = None,
    as_json: options.AsJson = False,
) -> None:
    """Explain each permission by the call that needs it, as the code and the templates stand."""
    found = permissions.read()
    duties = sorted({each.duty for each in found})
    if duty is not None:
        found = [each for each in found if each.duty.lower() == duty.lower()]
        if not found:
            raise UsageError(f"{duty}: no such duty; there are {', '.join(duties)}")
    if as_json:
        answer_json([asdict(each) for each in found])
        return
    rows = [[each.duty, each.action, ", ".join(each.resources), _calls(each.needed_by)] for each in found]
    answers.print(table(dict.fromkeys(("duty", "may", "on", "needed by"), "left"), rows))


def _calls(needed_by: tuple[str, ...]) -> str:
    first, rest = needed_by[:2], len(needed_by) - 2
    return "; ".join(first) + (f" and {rest} more" if rest > 0 else "")
