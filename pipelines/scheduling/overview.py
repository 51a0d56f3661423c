"""What is scheduled, and what drift starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pipelines.deployment import expiry
from pipelines.deployment.served import OF
from pipelines.monitoring import schedule as monitoring
from pipelines.monitoring import subscribers
from pipelines.monitoring.programs import MONITOR, QUALITY
from pipelines.scheduling import eventbridge, retraining
from pipelines.scheduling.times import next_due

if TYPE_CHECKING:
    from pipelines.place import Place
    from pipelines.scheduling.eventbridge import Known


@dataclass(frozen=True)
class Planned:
    """One thing that happens by itself.

    Attributes
    ----------
    what
        Which.
    when
        A schedule expression with its time zone, ``on drift``, or for alerts to whom they go.
    state
        As AWS says it, e.g. Scheduled.
    detail
        What it works on, and what came of it last.
    next
        When it is next due, in UTC; empty where that is not known beforehand.
    """

    what: Literal["monitor", "quality", "retrain", "removal", "alerts"]
    when: str
    state: str
    detail: str
    next: str = ""


def read(place: Place) -> list[Planned]:
    """Look; nothing where nothing is scheduled."""
    found = [_monitor(place), _quality(place), _retraining(place), _on_drift(place)]
    return [*(each for each in found if each), *_removals(place), *_alerts(place)]


def _removals(place: Place) -> list[Planned]:
    ends = {served: expiry.read(place, served) for services in OF.values() for served in services}
    return [
        Planned(
            "removal", f"{end:%Y-%m-%d %H:%M} UTC", "ENABLED", f"{served.endpoint} goes {expiry.left(end)}"
        )
        for served, end in ends.items()
        if end
    ]


def _alerts(place: Place) -> list[Planned]:
    return [
        Planned("alerts", each.address, "Confirmed" if each.confirmed else "PendingConfirmation", "")
        for each in subscribers.read(place)
    ]


def _monitor(place: Place) -> Planned | None:
    if not monitoring.by_model_monitor(place):
        known = eventbridge.find(place, MONITOR.schedule)
        return _scheduled("monitor", known) if known else None
    told = monitoring.describe(place)
    if told is None:
        return None
    config = told["MonitoringScheduleConfig"]
    version = config["MonitoringJobDefinition"]["Environment"].get("BESTIARY_MODEL_VERSION", "")
    last = told.get("LastMonitoringExecutionSummary")
    ran = ""
    if last:
        why = f": {last['FailureReason']}" if last.get("FailureReason") else ""
        ran = f"; last {last['ScheduledTime']:%Y-%m-%d %H:%M}: {last['MonitoringExecutionStatus']}{why}"
    return Planned(
        "monitor",
        f"{config['ScheduleConfig']['ScheduleExpression']} UTC",
        told["MonitoringScheduleStatus"],
        f"watches version {version}{ran}",
        next_due(config["ScheduleConfig"]["ScheduleExpression"], "UTC"),
    )


def _quality(place: Place) -> Planned | None:
    known = eventbridge.find(place, QUALITY.schedule)
    return _scheduled("quality", known) if known else None


def _retraining(place: Place) -> Planned | None:
    known = eventbridge.find(place, retraining.NAME)
    return _scheduled("retrain", known) if known else None


def _scheduled(what: Literal["monitor", "quality", "retrain"], known: Known) -> Planned:
    due = next_due(known.expression, known.timezone)
    return Planned(what, f"{known.expression} {known.timezone}", "ENABLED", known.why, due)


def _on_drift(place: Place) -> Planned | None:
    values = retraining.on_drift(place)
    if values is None:
        return None
    automatic = ", approves and deploys" if values.get("Approval") == "automatic" else ""
    again = f"again after {retraining.cool_down(place)} h without drift"
    detail = f"retrains on {values['DataUri']}{automatic}; {again}"
    return Planned("retrain", "on drift", "ENABLED", detail)
