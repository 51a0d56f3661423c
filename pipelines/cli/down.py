"""``bestiary down``: remove what answers, keep what was learned."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pipelines.cli import options
from pipelines.cli.output import answer_json, answers, say
from pipelines.deployment import removal
from pipelines.errors import UsageError
from pipelines.monitoring import schedule
from pipelines.place import open_place
from pipelines.settings import Settings


def down(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    why: Annotated[str, typer.Option("--why", help="Kept in the history.")] = "",
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Remove the endpoint with its configurations, models and alarms; versions, data and history stay."""
    place = open_place(Settings.read(where), say)
    found = removal.look(place)
    if not found.nothing:
        _ask(found, yes=yes)
        removal.remove(place, found, why)
        if schedule.remove(place):
            say("the monitor's schedule was removed: there is nothing to watch")
    stays = removal.left(place)
    if as_json:
        answer_json({"removed": asdict(found), "left": stays})
        return
    answers.print("there was nothing to remove" if found.nothing else "removed")
    kept = f"{stays['versions']} versions, {stays['bucket']} with data, captures and the history"
    answers.print(f"what stays: {kept}", soft_wrap=True)


def _ask(found: removal.Removal, *, yes: bool) -> None:
    counts = {"configuration": found.configs, "model": found.models, "alarm": found.alarms}
    parts = [f"{len(names)} {word}{'' if len(names) == 1 else 's'}" for word, names in counts.items()]
    serving = f"{found.endpoint} (version {found.live} serves)" if found.endpoint else "no endpoint"
    say(f"to be removed: {serving}, {', '.join(parts)}")
    if yes:
        return
    try:
        sure = typer.confirm("remove all of it?", err=True)
    except typer.Abort:
        raise UsageError("nobody answered, nothing was removed: bestiary down --yes") from None
    if not sure:
        say("nothing was removed")
        raise typer.Exit(1)
