"""``bestiary down``: remove what answers, keep what was learned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli import options
from pipelines.cli.output import answer_json, answers, say
from pipelines.cli.teardown import account_down
from pipelines.deployment import removal
from pipelines.deployment.served import MODELS, OF, Of
from pipelines.errors import UsageError
from pipelines.monitoring import schedule
from pipelines.place import open_place
from pipelines.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.deployment.removal import Removal


def down(  # noqa: PLR0913, PLR0917 - one argument an option
    of: Annotated[
        Of | None,
        typer.Option("--of", help="Only the classifier, or only the stylizer.", show_default="both"),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    account: Annotated[bool, typer.Option("--account", help="The account's stacks too.")] = False,
    forget: Annotated[
        str,
        typer.Option(
            metavar="BUCKET",
            help="With --account: for good, with what was learned, in the bucket of this name.",
            show_default=False,
        ),
    ] = "",
    why: Annotated[str, typer.Option("--why", help="Kept in the history.")] = "",
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Remove endpoints with their configurations, models and alarms; versions, data and history stay."""
    if forget and not account:
        raise UsageError("--forget goes with --account: bestiary down --account --forget BUCKET")
    place = open_place(Settings.read(where), say)
    if account:
        account_down(place, forget, yes=yes, as_json=as_json)
        return
    services = [served for model in ((of,) if of else MODELS) for served in OF[model]]
    found = [one for one in (removal.look(place, served) for served in services) if not one.nothing]
    if found:
        _ask(found, yes=yes)
        for one in found:
            removal.remove(place, one, why)
        if of != "stylizer" and schedule.remove(place):
            say("the monitor's schedule was removed: there is nothing to watch")
    stays = removal.left(place, dict.fromkeys(served.group for served in services))
    if as_json:
        answer_json({"removed": _document(found), "left": stays})
        return
    answers.print("removed" if found else "there was nothing to remove")
    versions = "1 version" if stays["versions"] == 1 else f"{stays['versions']} versions"
    kept = f"{versions}, {stays['bucket']} with data, captures and the history"
    answers.print(f"what stays: {kept}", soft_wrap=True)


def _document(found: Sequence[Removal]) -> dict[str, Any]:
    return {
        "live": {one.endpoint: one.live for one in found if one.endpoint},
        "endpoints": [one.endpoint for one in found if one.endpoint],
        "configs": [name for one in found for name in one.configs],
        "models": [name for one in found for name in one.models],
        "alarms": [name for one in found for name in one.alarms],
    }


def _ask(found: Sequence[Removal], *, yes: bool) -> None:
    told = _document(found)
    counts = {"configuration": told["configs"], "model": told["models"], "alarm": told["alarms"]}
    parts = [f"{len(names)} {word}{'' if len(names) == 1 else 's'}" for word, names in counts.items()]
    serving = [f"{name} (version {version} serves)" for name, version in told["live"].items()]
    say(f"to be removed: {', '.join([*(serving or ['no endpoint']), *parts])}")
    if yes:
        return
    try:
        sure = typer.confirm("remove all of it?", err=True)
    except typer.Abort:
        raise UsageError("nobody answered, nothing was removed: bestiary down --yes") from None
    if not sure:
        say("nothing was removed")
        raise typer.Exit(1)
