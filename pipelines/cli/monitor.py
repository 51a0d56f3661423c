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
from pipelines.monitoring.programs import MONITOR, QUALITY, Program
from pipelines.place import Place, open_place
from pipelines.settings import Settings

_DAY = 24
_NEVER = {
    "monitor": "the monitor never ran: bestiary monitor --now, or bestiary schedule monitor hourly",
    "quality": "labels were never compared: bestiary monitor --quality --now, or schedule quality daily",
}


def monitor(  # noqa: PLR0913, PLR0917 - one argument an option
    now: Annotated[bool, typer.Option("--now", help="Run it now; else show what it found last.")] = False,
    quality: Annotated[
        bool, typer.Option("--quality", help="How often it was right, by the labels that people gave.")
    ] = False,
    hours: Annotated[
        int | None,
        typer.Option(help="How far back to look.", min=1, show_default="24, and 168 with --quality"),
    ] = None,
    page: Annotated[bool, typer.Option("--open", help="Open its report in a browser.")] = False,
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Compare what the endpoint was sent, and what it said, with what is usual for the live version."""
    place = open_place(Settings.read(where), say)
    program = QUALITY if quality else MONITOR
    found = _look(place, program, hours) if now else checks.latest(place, program)
    if found is None:
        raise OperatorError(_NEVER[program.name])
    report = checks.fetch_report(place, found)
    labels = None if quality else checks.latest(place, QUALITY)
    if page and report:
        webbrowser.open(report.as_uri())
    if as_json:
        answer_json({**_document(found, report), "quality": asdict(labels) if labels else None})
    else:
        _tell(found, report)
        if labels:
            said = labels.message.rpartition("violations. ")[2]
            answers.print(f"by the labels {labels.verdict}: {said}", soft_wrap=True)
    if found.verdict in {"drift", "fall", "failed"}:
        raise typer.Exit(1)


def _look(place: Place, program: Program, hours: int | None) -> Check:
    back = hours or (schedule.QUALITY_HOURS if program is QUALITY else _DAY)
    what = "their labels" if program is QUALITY else "what is usual"
    say(f"comparing the last {back} h with {what}")
    return job.check_now(place, program, back, say)


def baseline(
    hours: Annotated[int, typer.Option(help="How far back to look.", min=1)] = _DAY,
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Take what the endpoint was sent in the last hours as usual for the live version, from now on."""
    place = open_place(Settings.read(where), say)
    found = job.make_baseline(place, hours, say)
    if found.verdict == "failed":
        raise OperatorError(found.message)
    followed = schedule.follow(place)
    if as_json:
        answer_json({"version": found.version, "message": found.message, "scheduled": followed is not None})
    else:
        said = found.message.removeprefix("Completed: ")
        answers.print(
            f"{said} Version {found.version} is compared with it from now on: bestiary monitor --now",
            soft_wrap=True,
        )


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
