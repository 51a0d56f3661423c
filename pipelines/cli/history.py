"""``bestiary history``: every deploy and rollback."""

from __future__ import annotations

from textwrap import shorten
from typing import Annotated, Any

import typer

from pipelines.cli import options
from pipelines.cli.output import answer_json, answers, duration, say, table
from pipelines.deployment import history as records
from pipelines.deployment import standing
from pipelines.deployment.history import Deployment
from pipelines.deployment.served import OF
from pipelines.place import open_place
from pipelines.settings import Settings

_WIDEST = 160
"""Characters of a reason in the table; ``--json`` has all of it."""


def history(
    of: options.Of = "classifier",
    count: Annotated[int, typer.Option(help="How many, newest first.", min=1)] = 20,
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Say who deployed what, when and why, and how it ended."""
    place = open_place(Settings.read(where), say)
    found = [one for served in OF[of] for one in standing.read(place, served).deployments]
    known = sorted(found, key=lambda one: one.started, reverse=True)[:count]
    if as_json:
        answer_json([_document(one) for one in known])
        return
    if not known:
        say("nothing was deployed yet: bestiary deploy")
        return
    columns = {"when": "left", "what": "left", "version": "right", "from": "right", "how": "left"}
    ends = {"took": "right", "who": "left", "ended": "left", "": "left"}
    if len(OF[of]) == 1:
        answers.print(table({**columns, **ends}, [_row(one) for one in known]))
    else:
        rows = [[one.endpoint, *_row(one)] for one in known]
        answers.print(table({"endpoint": "left", **columns, **ends}, rows))


def _document(one: Deployment) -> dict[str, Any]:
    return {**records.document(one), "status": _status(one), "rolled_back": one.status == "rolled back"}


def _status(one: Deployment) -> str:
    return one.status or "under way"


def _row(one: Deployment) -> list[Any]:
    return [
        f"{one.started.astimezone():%Y-%m-%d %H:%M:%S}",
        one.action,
        one.version,
        one.from_version,
        one.strategy,
        duration(one.seconds) if one.ended else None,
        one.who,
        _status(one),
        "; ".join(words for words in (one.why and f"“{one.why}”", shorten(one.reason, _WIDEST)) if words),
    ]
