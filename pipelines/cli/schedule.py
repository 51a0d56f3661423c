"""``bestiary schedule``: what happens by itself, and when."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pipelines.cli import options
from pipelines.cli.output import answer_json, answers, say, table
from pipelines.data import photos_uri
from pipelines.errors import UsageError
from pipelines.monitoring import schedule as monitoring
from pipelines.monitoring import subscribers
from pipelines.place import Place, open_place
from pipelines.scheduling import overview, retraining
from pipelines.scheduling.overview import Planned
from pipelines.scheduling.times import expression
from pipelines.settings import Settings

_WHAT = ("monitor", "retrain", "alerts")


def schedule(  # noqa: PLR0913, PLR0917 - one argument an option
    what: Annotated[str | None, typer.Argument(metavar="[monitor|retrain|alerts]", help="What.")] = None,
    when: Annotated[
        str | None,
        typer.Argument(
            metavar="[CRON|on-drift|EMAIL|URL|off]",
            help="hourly, daily, weekly or AWS's six fields; for alerts, to whom.",
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(metavar="DIR|s3://…", help="Photos to retrain on; those of the newest run unless told."),
    ] = None,
    timezone: Annotated[str, typer.Option(help="Of a retraining's CRON.")] = "UTC",
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Watch or retrain on schedule, and say who hears of trouble; without words, say what is set."""
    if what is not None and (what not in _WHAT or when is None):
        raise UsageError(
            "say what and when, as: bestiary schedule monitor hourly, bestiary schedule retrain off"
        )
    if when == "on-drift" and what != "retrain":
        raise UsageError("on-drift is for retraining: bestiary schedule retrain on-drift")
    place = open_place(Settings.read(where), say)
    if when == "off":
        off = {"monitor": monitoring.remove, "retrain": retraining.remove, "alerts": subscribers.remove}
        say(f"{what} is off" if off[str(what)](place) else f"{what} was not scheduled")
    elif what == "monitor" and when:
        monitoring.put(place, expression(when))
    elif what == "alerts" and when:
        subscribers.add(place, when)
    elif what == "retrain" and when:
        _retrain(place, when, data, timezone)
    known = overview.read(place)
    if as_json:
        answer_json([asdict(each) for each in known])
    else:
        _tell(known)


def _retrain(place: Place, when: str, data: str | None, timezone: str) -> None:
    uri = photos_uri(place, data, say) if data else retraining.last_data(place)
    if when == "on-drift":
        retraining.put_on_drift(place, uri)
    else:
        retraining.put(place, expression(when), uri, timezone)


def _tell(known: list[Planned]) -> None:
    if not known:
        say("nothing is scheduled: bestiary schedule monitor hourly")
        return
    rows = [[each.what, each.when, each.next, each.state, each.detail] for each in known]
    headings = ("what", "when", "next", "state", "")
    answers.print(table(dict.fromkeys(headings, "left"), rows))
