"""The training pipeline by itself: on schedule, when the monitor finds drift, or at once.

A retraining takes the photos of the newest run and those of the inbox, with the settings of that run; the
approved version's test photos stay test photos. What the gate lets through is registered and waits for a
person, unless it is to be approved without one (see `pipelines.scheduling.promotion`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pipelines.errors import UsageError
from pipelines.monitoring import alerts
from pipelines.monitoring import schedule as monitoring
from pipelines.monitoring.programs import MONITOR
from pipelines.names import PIPELINE
from pipelines.scheduling import eventbridge, promotion
from pipelines.scheduling.times import monitor_hours
from pipelines.scheduling.values import values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.place import Place

NAME = "bestiary-retraining"
RULE = "bestiary-retrain-on-drift"
ALARM = alerts.RETRAIN
LONGEST_COOL_DOWN = 7 * 24
"""Hours that an alarm can look back."""


@dataclass(frozen=True)
class Wish:
    """What a retraining should be.

    Attributes
    ----------
    data_uri
        S3 prefix of the photos.
    automatic
        Whether what the gate lets through is approved and deployed without a person.
    """

    data_uri: str
    automatic: bool = False


def put(place: Place, when: str, wish: Wish, timezone: str) -> None:
    """Retrain on schedule from now on, on the photos as they are then.

    Raises
    ------
    UsageError
        Where AWS takes the time for none.
    OperatorError
        Where the pipeline was never run.
    """
    promotion.put(place, automatic=wish.automatic)
    given = values(place, wish, reason="on schedule", as_of=eventbridge.SCHEDULED_TIME)
    why = _why(wish)
    eventbridge.put(place, NAME, when, pipeline=PIPELINE, values=given, why=why, timezone=timezone)


def put_on_drift(place: Place, wish: Wish, cool_down: int) -> None:
    """Retrain when the monitor finds drift, and no more until it has found none for a while.

    The pause is an alarm's memory: one that looks back for so many hours rings at the first violation, which
    starts a run, and rings on, which starts none, until there was no violation in all of them.

    Parameters
    ----------
    cool_down
        That while, in hours, 1 to `LONGEST_COOL_DOWN`.

    Raises
    ------
    UsageError
        Where the pause is too long or too short.
    OperatorError
        Where the pipeline was never run.
    """
    if not 1 <= cool_down <= LONGEST_COOL_DOWN:
        raise UsageError(f"--cool-down {cool_down}: an alarm looks back 1 to {LONGEST_COOL_DOWN} hours")
    promotion.put(place, automatic=wish.automatic)
    given = values(place, wish, reason="drift", as_of="$.time")
    target = eventbridge.target(place, PIPELINE, given)
    pattern = {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": [ALARM], "state": {"value": ["ALARM"]}},
    }
    events = place.client("events")
    events.put_rule(
        Name=RULE, EventPattern=json.dumps(pattern), Description=f"{_why(wish)} when there is drift"
    )
    events.put_targets(Rule=RULE, Targets=[{"Id": "pipeline", **target}])
    # The alarm comes last: there may be drift already, and it tells of that once.
    _put_alarm(place, cool_down)


def start(place: Place, wish: Wish) -> str:
    """Retrain at once, and return the execution's ARN.

    Raises
    ------
    OperatorError
        Where the pipeline was never run.
    """
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    promotion.put(place, automatic=wish.automatic)
    given = values(place, wish, reason="by hand", as_of=now)
    started = place.sagemaker.start_pipeline_execution(
        PipelineName=PIPELINE,
        PipelineParameters=[{"Name": name, "Value": value} for name, value in given.items()],
        ClientRequestToken=f"bestiary-retraining by hand at {now}",
    )
    return started["PipelineExecutionArn"]


def remove(place: Place) -> bool:
    """Retrain no more by itself, and say whether it did."""
    scheduled = eventbridge.remove(place, NAME)
    waiting = on_drift(place) is not None
    if waiting:
        events = place.client("events")
        events.remove_targets(Rule=RULE, Ids=["pipeline"])
        events.delete_rule(Name=RULE)
        place.client("cloudwatch").delete_alarms(AlarmNames=[ALARM])
    promotion.remove(place)
    return scheduled or waiting


def follow(place: Place) -> None:
    """Let runs to come be compared with the version that is approved now, in the monitor's rhythm of now."""
    scheduled = eventbridge.find(place, NAME)
    if scheduled:
        put(place, scheduled.expression, _wish(scheduled.values), scheduled.timezone)
    waiting = on_drift(place)
    if waiting:
        put_on_drift(place, _wish(waiting), cool_down(place))


def on_drift(place: Place) -> Mapping[str, str] | None:
    """Return what a run on drift is started with; ``None`` where drift starts none."""
    events = place.client("events")
    try:
        found = events.list_targets_by_rule(Rule=RULE)["Targets"]
    except events.exceptions.ResourceNotFoundException:
        return None
    given: list[dict[str, Any]] = [
        each
        for target in found
        for each in target.get("SageMakerPipelineParameters", {}).get("PipelineParameterList", [])
    ]
    return {each["Name"]: each["Value"] for each in given} or None


def cool_down(place: Place) -> int:
    """Return how many hours without drift there have to be before drift starts another run."""
    found = place.client("cloudwatch").describe_alarms(AlarmNames=[ALARM])["MetricAlarms"]
    return int(found[0]["Period"] * found[0]["EvaluationPeriods"] // 3600) if found else 24


def _put_alarm(place: Place, hours: int) -> None:
    when = monitoring.current(place)
    period = 3600 * (monitor_hours(when) if when else 1)
    place.client("cloudwatch").put_metric_alarm(
        AlarmName=ALARM,
        AlarmDescription=(
            "There is drift, and a retraining was started: no other will be until the monitor has found none "
            f"for {hours} h. Next: bestiary status"
        ),
        Namespace=alerts.NAMESPACE,
        MetricName=alerts.VIOLATIONS,
        Dimensions=alerts.dimensions(MONITOR),
        Statistic="Maximum",
        Period=period,
        EvaluationPeriods=max(1, min(-(-hours * 3600 // period), LONGEST_COOL_DOWN * 3600 // period)),
        DatapointsToAlarm=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
        Tags=[{"Key": "project", "Value": "bestiary"}],
    )


def _wish(given: Mapping[str, str]) -> Wish:
    return Wish(given["DataUri"], automatic=given.get("Approval") == "automatic")


def _why(wish: Wish) -> str:
    return f"retrains on {wish.data_uri}" + (", approves and deploys" if wish.automatic else "")
