"""The monitor on schedule: by Model Monitor where the account has it, by a scheduled pipeline elsewhere."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipelines.deployment.endpoint import missing
from pipelines.monitoring import alerts, watched
from pipelines.monitoring.pipeline import PIPELINE, definition, parameters
from pipelines.names import CLASSIFIER
from pipelines.scheduling import eventbridge
from pipelines.scheduling.times import monitor_hours

if TYPE_CHECKING:
    from pipelines.monitoring.watched import Watched
    from pipelines.place import Place

NAME = f"{CLASSIFIER}-monitor"
_BY = "monitor/by"
_MODEL_MONITOR = "monitoring-schedule"


def put(place: Place, when: str) -> None:
    """Watch the live version from now on.

    Parameters
    ----------
    when
        A schedule expression of whole hours.

    Raises
    ------
    UsageError
        Where Model Monitor has no such rhythm.
    OperatorError
        Where nothing is live, or it has no baseline.
    """
    hours = monitor_hours(when)
    found = watched.read(place)
    if by_model_monitor(place):
        _put_monitoring_schedule(place, when, found)
    else:
        _put_pipeline(place)
        eventbridge.put(
            place, NAME, when, pipeline=PIPELINE, values=parameters(found, hours), why=_why(found)
        )
    alerts.put(place, NAME, hours * 3600, found.version)


def remove(place: Place) -> bool:
    """Stop watching on schedule, and say whether it was watched."""
    was = current(place) is not None
    if was:
        alerts.remove(place)
    if by_model_monitor(place):
        try:
            place.sagemaker.delete_monitoring_schedule(MonitoringScheduleName=NAME)
        except ClientError as error:
            if not missing(error) and "not found" not in str(error):
                raise
        return was
    return eventbridge.remove(place, NAME)


def follow(place: Place) -> int | None:
    """Let the schedule watch the version that is live now, and return it; ``None`` without a schedule."""
    when = current(place)
    if when is None:
        return None
    put(place, when)
    return watched.live(place)


def current(place: Place) -> str | None:
    """Return the schedule's expression; ``None`` where nothing is scheduled."""
    if not by_model_monitor(place):
        known = eventbridge.find(place, NAME)
        return known.expression if known else None
    told = describe(place)
    return str(told["MonitoringScheduleConfig"]["ScheduleConfig"]["ScheduleExpression"]) if told else None


def describe(place: Place) -> dict[str, Any] | None:
    """Describe the monitoring schedule; ``None`` where there is none."""
    try:
        return dict(place.sagemaker.describe_monitoring_schedule(MonitoringScheduleName=NAME))
    except ClientError as error:
        if missing(error) or "not found" in str(error):
            return None
        raise


def by_model_monitor(place: Place) -> bool:
    """Whether this account has Model Monitor, as its parameters say: new ones have not."""
    return place.parameters.get(_BY) == _MODEL_MONITOR


def _put_monitoring_schedule(place: Place, when: str, found: Watched) -> None:
    config: Any = {
        "ScheduleConfig": {"ScheduleExpression": when},
        "MonitoringJobDefinition": _definition(place, found),
    }
    if describe(place) is None:
        tags: Any = [{"Key": "project", "Value": "bestiary"}]
        place.sagemaker.create_monitoring_schedule(
            MonitoringScheduleName=NAME, MonitoringScheduleConfig=config, Tags=tags
        )
    else:
        place.sagemaker.update_monitoring_schedule(
            MonitoringScheduleName=NAME, MonitoringScheduleConfig=config
        )


def _definition(place: Place, found: Watched) -> dict[str, Any]:
    around = place.surroundings
    to = f"s3://{around.bucket}/{watched.RESULTS}"
    return {
        "BaselineConfig": {
            "StatisticsResource": {"S3Uri": found.statistics},
            "ConstraintsResource": {"S3Uri": found.constraints},
        },
        "MonitoringInputs": [
            {"EndpointInput": {"EndpointName": CLASSIFIER, "LocalPath": "/opt/ml/processing/input/endpoint"}}
        ],
        "MonitoringOutputConfig": {
            "MonitoringOutputs": [
                {"S3Output": {"S3Uri": to, "LocalPath": "/opt/ml/processing/output/result"}}
            ]
        },
        "MonitoringResources": {"ClusterConfig": watched.CLUSTER},
        "MonitoringAppSpecification": {
            "ImageUri": around.jobs_image,
            "ContainerEntrypoint": watched.ENTRYPOINT,
        },
        "Environment": found.environment,
        "NetworkConfig": {"EnableNetworkIsolation": True},
        "StoppingCondition": watched.LONGEST,
        "RoleArn": around.jobs_role,
    }


def _put_pipeline(place: Place) -> None:
    around = place.surroundings
    text = json.dumps(definition(around), indent=1)
    try:
        place.sagemaker.update_pipeline(
            PipelineName=PIPELINE, PipelineDefinition=text, RoleArn=around.pipeline_role
        )
    except ClientError as error:
        if not missing(error):
            raise
        place.sagemaker.create_pipeline(
            PipelineName=PIPELINE,
            PipelineDefinition=text,
            RoleArn=around.pipeline_role,
            ClientRequestToken=uuid.uuid4().hex,
            PipelineDescription="Compares what the endpoint was sent and said with what is usual",
        )


def _why(found: Watched) -> str:
    return f"watches version {found.version} of {CLASSIFIER}"
