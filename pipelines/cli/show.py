"""``bestiary runs`` and ``bestiary show``: what ran, how it went and what jobs printed."""

from __future__ import annotations

import webbrowser
from typing import Annotated

import typer

from pipelines import executions, job_logs
from pipelines.cli import options
from pipelines.cli.outcome import document, tell
from pipelines.cli.output import answer_json, answers, duration, say, table
from pipelines.cli.progress import steps_table
from pipelines.errors import UsageError
from pipelines.place import open_place
from pipelines.results import Result, result
from pipelines.settings import Settings


def runs(
    count: Annotated[int, typer.Option(help="How many, newest first.", min=1)] = 20,
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """List the executions of the training pipeline."""
    place = open_place(Settings.read(where), say)
    known = executions.latest(place, count)
    if as_json:
        answer_json(
            [
                {
                    "execution": execution.short,
                    "execution_arn": execution.arn,
                    "status": execution.status,
                    "started": execution.started.isoformat(),
                    "seconds": round(execution.seconds, 1),
                    "failure_reason": execution.failure_reason,
                }
                for execution in known
            ]
        )
        return
    if not known:
        say("no runs yet: bestiary run makes one")
        return
    rows = [
        [
            execution.short,
            execution.status,
            f"{execution.started.astimezone():%Y-%m-%d %H:%M}",
            duration(execution.seconds),
            execution.failure_reason,
        ]
        for execution in known
    ]
    answers.print(
        table({"execution": "left", "status": "left", "started": "left", "took": "right", "": "left"}, rows)
    )


def show(  # noqa: PLR0913, PLR0917 - one argument an option
    execution: Annotated[str | None, typer.Argument(help="Its id or ARN; the newest unless told.")] = None,
    logs: Annotated[bool, typer.Option("--logs", help="What its jobs print, while they run.")] = False,
    step: Annotated[str | None, typer.Option(help="Logs of this step only.")] = None,
    page: Annotated[bool, typer.Option("--open", help="Open its report in a browser.")] = False,
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Show one execution: its steps, why each was or was not cached, what it found."""
    place = open_place(Settings.read(where), say)
    found = executions.find(place, execution)
    if logs:
        for line in job_logs.lines(place, found.arn, step, follow=True):
            answers.print(line, markup=False, soft_wrap=True)
        return
    outcome = result(place, found)
    if page:
        _open(outcome)
    if as_json:
        answer_json(document(found, outcome))
        return
    answers.print(f"execution {found.short}: {found.status} after {duration(found.seconds)}", style="bold")
    answers.print(steps_table(found.steps))
    tell(found, outcome)


def _open(outcome: Result) -> None:
    if outcome.report is None:
        raise UsageError("this execution has no report: it did not come to evaluate")
    webbrowser.open(outcome.report.as_uri())
