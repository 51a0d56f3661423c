"""``bestiary doctor``: whether this machine can do what Bestiary does."""

from __future__ import annotations

from dataclasses import asdict

import typer

from pipelines.check import Check
from pipelines.cli import options
from pipelines.cli.output import answer_json, answers, table
from pipelines.doctor import examine
from pipelines.settings import Settings


def doctor(where: options.Where = None, as_json: options.AsJson = False) -> None:
    """Look at this machine, and with --where aws at the account; say how to mend what is amiss."""
    checks = examine(Settings.read(where))
    if as_json:
        answer_json([asdict(check) for check in checks])
    else:
        rows = [[_mark(check), check.name, check.detail, check.fix] for check in checks]
        answers.print(table({"": "left", "check": "left", "found": "left", "to do": "left"}, rows))
    if any(check.needed and not check.ok for check in checks):
        raise typer.Exit(1)


def _mark(check: Check) -> str:
    return "ok" if check.ok else "FIX" if check.needed else "-"
