"""``bestiary status``: how things stand, on one screen."""

from __future__ import annotations

from dataclasses import asdict

from pipelines.cli import options
from pipelines.cli.output import answer_json, answers, say, table
from pipelines.monitoring import standing
from pipelines.monitoring.checks import Check
from pipelines.monitoring.standing import HOURS, Standing
from pipelines.place import open_place
from pipelines.scheduling.overview import Planned
from pipelines.settings import Settings


def status(where: options.Where = None, as_json: options.AsJson = False) -> None:
    """Say what serves, how it does, what the monitor found, which alarms ring and what comes next."""
    found = standing.read(open_place(Settings.read(where), say))
    if as_json:
        answer_json(_document(found))
        return
    rows = [
        ["live", _live(found)],
        [f"last {HOURS} h", _traffic(found)],
        ["monitor", _check(found)],
        *([["labels", _quality(found.quality)]] if found.quality else []),
        *(
            [
                "alarm",
                f"{each.name} since {each.since.astimezone():%Y-%m-%d %H:%M}: {each.what or each.reason}",
            ]
            for each in _ringing(found)
        ),
        ["alarms", _alarms(found)],
        *([each.what, _plan(each)] for each in found.planned),
        ["trained", _training(found)],
    ]
    answers.print(table({"": "left", " ": "left"}, rows))


def _document(found: Standing) -> dict[str, object]:
    training = found.training
    return {
        "live": found.live,
        "endpoint": found.endpoint or None,
        "traffic": {"hours": HOURS, **found.traffic},
        "monitor": asdict(found.check) if found.check else None,
        "quality": asdict(found.quality) if found.quality else None,
        "alarms": [asdict(each) for each in found.alarms],
        "schedules": [asdict(each) for each in found.planned],
        "training": {
            "execution_arn": training.arn,
            "status": training.status,
            "started": training.started,
            "reason": found.reason,
        }
        if training
        else None,
    }


def _live(found: Standing) -> str:
    if not found.endpoint:
        return "nothing: bestiary deploy"
    return f"version {found.live}, {found.endpoint}"


def _traffic(found: Standing) -> str:
    told = found.traffic
    return f"{told['requests']} requests, {told['refused']} refused, {told['errors']} errors"


def _check(found: Standing) -> str:
    last = found.check
    if last is None:
        planned = any(each.what == "monitor" for each in found.planned)
        return f"never ran: bestiary {'monitor --now' if planned else 'schedule monitor hourly'}"
    named = ", ".join(each.feature_name for each in last.violations)
    what = f"{last.verdict}: {named}" if named else last.verdict
    return f"{what} (version {last.version}, {last.started.astimezone():%Y-%m-%d %H:%M}): bestiary monitor"


def _quality(last: Check) -> str:
    named = ", ".join(each.feature_name for each in last.violations)
    said = last.message.rpartition("violations. ")[2]
    what = f"{last.verdict}: {named}; {said}" if named else f"{last.verdict}: {said}"
    return f"{what} (version {last.version}): bestiary monitor --quality"


def _plan(planned: Planned) -> str:
    due = f"next {planned.next}" if planned.next else ""
    return ", ".join(part for part in (planned.when, due, planned.detail) if part)


def _ringing(found: Standing) -> list[standing.Alarm]:
    return [each for each in found.alarms if each.state == "ALARM"]


def _alarms(found: Standing) -> str:
    if not found.alarms:
        return "none yet: bestiary schedule monitor hourly"
    quiet = len(found.alarms) - len(_ringing(found))
    return f"{quiet} of {len(found.alarms)} quiet"


def _training(found: Standing) -> str:
    run = found.training
    if run is None:
        return "never: bestiary run"
    return (
        f"{run.started.astimezone():%Y-%m-%d %H:%M} {found.reason}, {run.status}: bestiary show {run.short}"
    )
