"""``bestiary schedule``: what happens by itself, and when."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pipelines.account import bill
from pipelines.cli import options
from pipelines.cli.cost import tell_before
from pipelines.cli.output import answer_json, answers, say, table
from pipelines.data import photos_uri
from pipelines.errors import UsageError
from pipelines.monitoring import schedule as monitoring
from pipelines.monitoring import subscribers
from pipelines.monitoring.programs import MONITOR, QUALITY
from pipelines.place import Place, open_place
from pipelines.scheduling import overview, retraining, values
from pipelines.scheduling.overview import Planned
from pipelines.scheduling.retraining import Wish
from pipelines.scheduling.times import expression
from pipelines.settings import Settings

_PROGRAMS = {program.name: program for program in (MONITOR, QUALITY)}
_OFF = {
    "monitor": lambda place: monitoring.remove(place, MONITOR),
    "quality": lambda place: monitoring.remove(place, QUALITY),
    "retrain": retraining.remove,
    "alerts": subscribers.remove,
}


def schedule(  # noqa: PLR0913, PLR0917 - one argument an option
    what: Annotated[
        str | None, typer.Argument(metavar="[monitor|quality|retrain|alerts]", help="What.")
    ] = None,
    when: Annotated[
        str | None,
        typer.Argument(
            metavar="[CRON|on-drift|now|EMAIL|URL|off]",
            help="hourly, daily, weekly or AWS's six fields; for alerts, to whom.",
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(metavar="DIR|s3://…", help="Photos to retrain on; those of the newest run unless told."),
    ] = None,
    timezone: Annotated[str, typer.Option(help="Of a retraining's CRON.")] = "UTC",
    cool_down: Annotated[
        int | None,
        typer.Option(
            metavar="HOURS",
            help="After drift that started a retraining: so long without drift before it starts another.",
            show_default="24",
        ),
    ] = None,
    automatic: Annotated[
        bool, typer.Option("--auto-approve", help="Approve and deploy what the gate lets through.")
    ] = False,
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Watch or retrain on schedule, and say who hears of trouble; without words, say what is set."""
    _check(what, when)
    place = open_place(Settings.read(where), say)
    if when == "off":
        say(f"{what} is off" if _OFF[str(what)](place) else f"{what} was not scheduled")
    elif what in _PROGRAMS and when:
        tell_before(f"the {what} job", bill.of_monitor(expression(when)))
        monitoring.put(place, expression(when), _PROGRAMS[what])
        retraining.follow(place)
    elif what == "alerts" and when:
        subscribers.add(place, when)
    elif what == "retrain" and when:
        uri = photos_uri(place, data, say) if data else values.last_data(place)
        _retrain(place, when, Wish(uri, automatic=automatic), timezone, cool_down)
    known = overview.read(place)
    if as_json:
        answer_json([asdict(each) for each in known])
    else:
        _tell(known)


def _check(what: str | None, when: str | None) -> None:
    if what is not None and (what not in _OFF or when is None):
        raise UsageError(
            "say what and when, as: bestiary schedule monitor hourly, bestiary schedule retrain off"
        )
    if when in {"on-drift", "now"} and what != "retrain":
        raise UsageError(f"{when} is for retraining: bestiary schedule retrain {when}")


def _retrain(place: Place, when: str, wish: Wish, timezone: str, cool_down: int | None) -> None:
    if when == "on-drift":
        retraining.put_on_drift(place, wish, retraining.cool_down(place) if cool_down is None else cool_down)
    elif when == "now":
        say(f"started: bestiary show {retraining.start(place, wish)}")
    else:
        tell_before("retraining", bill.of_retraining(place, expression(when), timezone))
        retraining.put(place, expression(when), wish, timezone)


def _tell(known: list[Planned]) -> None:
    if not known:
        say("nothing is scheduled: bestiary schedule monitor hourly")
        return
    rows = [[each.what, each.when, each.next, each.state, each.detail] for each in known]
    headings = ("what", "when", "next", "state", "")
    answers.print(table(dict.fromkeys(headings, "left"), rows))
