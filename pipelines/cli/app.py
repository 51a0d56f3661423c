"""The command and its edge, where errors become one line and an exit code."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from pipelines.cli import options
from pipelines.cli.output import say
from pipelines.errors import OperatorError
from pipelines.place import reason

# In the order of the help: each command is a function of its name in one of these modules.
_COMMANDS = {
    "run": "run",
    "runs": "show",
    "show": "show",
    "register-stylizer": "register_stylizer",
    "versions": "versions",
    "approve": "versions",
    "reject": "versions",
    "deploy": "deploy",
    "rollback": "deploy",
    "history": "history",
    "classify": "classify",
    "label": "label",
    "stylize": "stylize",
    "painting": "stylize_endpoint",
    "style-report": "stylize",
    "poster": "poster",
    "monitor": "monitor",
    "baseline": "monitor",
    "schedule": "schedule",
    "status": "status",
    "up": "up",
    "down": "down",
    "cost": "cost",
    "iam": "iam",
    "front": "front",
    "doctor": "doctor",
    "local": "local",
}


def _app(words: list[str]) -> typer.Typer:
    """Build the command with what the words ask for; with everything, where they ask for nothing known."""
    app = typer.Typer(
        name="bestiary",
        help="Learn a group's animals, keep every model version, on this machine or in AWS.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(everywhere)
    for name in _asked(words) or _COMMANDS:
        module = import_module(f"pipelines.cli.{_COMMANDS[name]}")
        if isinstance(group := getattr(module, "app", None), typer.Typer):
            app.add_typer(group, name=name)
        else:
            app.command(name, epilog=getattr(module, "PARAMETERS_TOLD", None))(
                getattr(module, name.replace("-", "_"))
            )
    return app


def _asked(words: list[str]) -> list[str]:
    # One command's module is imported and not all of them: half of the time that a short command takes.
    rest = iter(words)
    for word in rest:
        if word == "--where":
            next(rest, None)
        elif not word.startswith("-"):
            return [word] if word in _COMMANDS else []
    return []


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
        _app(words)(words, prog_name="bestiary")
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
