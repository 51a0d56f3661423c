"""The training pipeline by itself: on schedule, or when the monitor finds drift.

What a run finds is registered and waits for a person, as after ``bestiary run``. A run on photos that have
not changed takes everything from the cache and registers nothing new.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipelines import executions, registry
from pipelines.errors import OperatorError
from pipelines.monitoring.alerts import DRIFT
from pipelines.names import PIPELINE
from pipelines.scheduling import eventbridge

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from pipelines.place import Place

NAME = "bestiary-retraining"
RULE = "bestiary-retrain-on-drift"


def put(place: Place, when: str, data_uri: str, timezone: str) -> None:
    """Retrain on schedule from now on, on the photos at a prefix as they are then.

    Raises
    ------
    UsageError
        Where AWS takes the time for none.
    OperatorError
        Where the pipeline was never run.
    """
    values = _values(place, data_uri)
    eventbridge.put(
        place, NAME, when, pipeline=PIPELINE, values=values, why=f"retrains on {data_uri}", timezone=timezone
    )


def put_on_drift(place: Place, data_uri: str) -> None:
    """Retrain whenever the monitor's alarm rings: once, until it has been quiet again.

    Raises
    ------
    OperatorError
        Where the pipeline was never run.
    """
    target = eventbridge.target(place, PIPELINE, _values(place, data_uri))
    pattern = {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": [DRIFT], "state": {"value": ["ALARM"]}},
    }
    events = place.client("events")
    events.put_rule(
        Name=RULE, EventPattern=json.dumps(pattern), Description=f"retrains on {data_uri} when there is drift"
    )
    events.put_targets(Rule=RULE, Targets=[{"Id": "pipeline", **target}])


def remove(place: Place) -> bool:
    """Retrain no more by itself, and say whether it did."""
    scheduled = eventbridge.remove(place, NAME)
    waiting = on_drift(place) is not None
    if waiting:
        events = place.client("events")
        events.remove_targets(Rule=RULE, Ids=["pipeline"])
        events.delete_rule(Name=RULE)
    return scheduled or waiting


def follow(place: Place) -> None:
    """Let runs to come be compared with the version that is approved now."""
    scheduled = eventbridge.find(place, NAME)
    if scheduled:
        put(place, scheduled.expression, scheduled.values["DataUri"], scheduled.timezone)
    waiting = on_drift(place)
    if waiting:
        put_on_drift(place, waiting["DataUri"])


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


def last_data(place: Place) -> str:
    """Return the prefix of photos that the newest run was on.

    Raises
    ------
    OperatorError
        Where there was none.
    """
    known = executions.latest(place, 1)
    if not known:
        raise OperatorError("there was no run yet whose photos could be taken: give --data, or bestiary run")
    pages = place.sagemaker.get_paginator("list_pipeline_parameters_for_execution").paginate(
        PipelineExecutionArn=known[0].arn
    )
    values = {each["Name"]: each["Value"] for page in pages for each in page["PipelineParameters"]}
    return values["DataUri"]


def _values(place: Place, data_uri: str) -> dict[str, str]:
    version = registry.approved(place)
    compared = (
        {
            "ApprovedVersion": str(version.version),
            "ApprovedModelUri": version.artifact.removesuffix("model.tar.gz"),
        }
        if version
        else {}
    )
    return {"DataUri": data_uri, **compared}
