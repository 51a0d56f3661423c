"""``bestiary monitor`` and ``bestiary baseline``: whether what the endpoint is sent is as usual."""

from __future__ import annotations

import webbrowser
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli import options
from pipelines.cli.output import answer_json, answers, say, table
from pipelines.errors import OperatorError
from pipelines.monitoring import checks, job, schedule
from pipelines.monitoring.checks import Check
from pipelines.place import open_place
from pipelines.settings import Settings

Hours = Annotated[int, typer.Option(help="How far back to look.", min=1)]


def monitor(
    now: Annotated[bool, typer.Option("--now", help="Run it now; else show what it found last.")] = False,
    hours: Hours = 24,
    page: Annotated[bool, typer.Option("--open", help="Open its report in a browser.")] = False,
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Compare what the endpoint was sent, and what it said, with what is usual for the live version."""
    place = open_place(Settings.read(where), say)
    if now:
        say(f"comparing the last {hours} h with what is usual")
    found = job.check_now(place, hours) if now else checks.latest(place)
    if found is None:
        raise OperatorError(
            "the monitor never ran: bestiary monitor --now, or bestiary schedule monitor hourly"
        )
    report = checks.fetch_report(place, found)
    if page and report:
        webbrowser.open(report.as_uri())
    if as_json:
        answer_json(_document(found, report))
    else:
        _tell(found, report)
    if found.verdict in {"drift", "failed"}:
        raise typer.Exit(1)


def baseline(hours: Hours = 24, where: options.Where = None, as_json: options.AsJson = False) -> None:
    """Take what the endpoint was sent in the last hours as usual for the live version, from now on."""
    place = open_place(Settings.read(where), say)
    found = job.make_baseline(place, hours)
    if found.verdict == "failed":
        raise OperatorError(found.message)
    followed = schedule.follow(place)
    if as_json:
        answer_json({"version": found.version, "message": found.message, "scheduled": followed is not None})
    else:
        answers.print(found.message)


def _document(found: Check, report: Path | None) -> dict[str, object]:
    return {**asdict(found), "report": str(report) if report else None, "report_uri": found.report or None}


def _tell(found: Check, report: Path | None) -> None:
    window = f"{found.start or 'the beginning'} to {found.end or 'now'}"
    answers.print(
        f"{found.verdict}: version {found.version}, {window} ({found.job})", style="bold", soft_wrap=True
    )
    if found.violations:
        rows = [[each.feature_name, each.description] for each in found.violations]
        answers.print(table({"not as usual": "left", "": "left"}, rows))
    elif found.message:
        answers.print(found.message, soft_wrap=True)
    if report:
        answers.print(f"report: {report}", soft_wrap=True)
