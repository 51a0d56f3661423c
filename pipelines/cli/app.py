"""The command and its edge, where errors become one line and an exit code."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from pipelines.cli import (
    classify,
    deploy,
    doctor,
    down,
    history,
    local,
    monitor,
    options,
    poster,
    run,
    schedule,
    show,
    status,
    stylize,
    versions,
)
from pipelines.cli.output import say
from pipelines.errors import OperatorError
from pipelines.place import reason

app = typer.Typer(
    name="bestiary",
    help="Learn a group's animals, keep every model version, on this machine or in AWS.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.command(epilog=run.PARAMETERS_TOLD)(run.run)
for command in (
    show.runs,
    show.show,
    versions.versions,
    versions.approve,
    versions.reject,
    deploy.deploy,
    deploy.rollback,
    history.history,
    classify.classify,
    stylize.stylize,
    stylize.style_report,
    poster.poster,
    monitor.monitor,
    monitor.baseline,
    schedule.schedule,
    status.status,
    down.down,
    doctor.doctor,
):
    app.command()(command)
app.add_typer(local.app, name="local")


@app.callback()
def everywhere(
    where: options.Where = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks; may stand anywhere.")] = False,
) -> None:
    """Learn a group's animals, keep every model version, on this machine or in AWS."""
    del debug  # `main` has taken it out of the words
    if where:
        os.environ["BESTIARY_WHERE"] = where


def main() -> None:
    """Run one command: exit code 0 done, 1 the answer is no, 2 used wrongly, 130 interrupted."""
    debug = "--debug" in sys.argv
    words = [word for word in sys.argv[1:] if word != "--debug"]
    try:
        app(words, prog_name="bestiary")
    except (OperatorError, ClientError, BotoCoreError, OSError) as error:
        if debug:
            raise
        code, line = _explained(error)
        if line:
            say(f"bestiary: {line}")
        sys.exit(code)


def _explained(error: Exception) -> tuple[int, str]:
    if isinstance(error, OperatorError):
        return error.exit_code, str(error)
    if isinstance(error, BrokenPipeError):
        # Whoever read our answer has seen enough; the interpreter must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0, ""
    if isinstance(error, ClientError | BotoCoreError):
        return 1, reason(error)
    return 1, str(error)
