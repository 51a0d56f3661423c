"""The monitor's jobs on schedule.

Drift is looked for by Model Monitor where the account has it, by a scheduled pipeline elsewhere. Labels are
always compared by a scheduled pipeline: Model Monitor would merge them with a container of its own first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipelines.deployment.endpoint import missing
from pipelines.monitoring import alerts, pipeline, watched
from pipelines.monitoring.programs import CAPTURED, FOLDER, MONITOR, OUTPUT, QUALITY
from pipelines.names import CLASSIFIER
from pipelines.network import isolated
from pipelines.scheduling import eventbridge
from pipelines.scheduling.times import monitor_hours

if TYPE_CHECKING:
    from pipelines.monitoring.programs import Program
    from pipelines.monitoring.watched import Watched
    from pipelines.place import Place

QUALITY_HOURS = 7 * 24
"""How far back answers are compared with their labels, which take their time."""
_BY = "monitor/by"
_MODEL_MONITOR = "monitoring-schedule"


def put(place: Place, when: str, program: Program = MONITOR) -> None:
    """Watch the live version from now on.

    Parameters
    ----------
    when
        A schedule expression of whole hours.
    program
        Which job does it.

    Raises
    ------
    UsageError
        Where Model Monitor has no such rhythm.
    OperatorError
        Where nothing is live, or there is nothing to compare it with.
    """
    hours = monitor_hours(when)
    found = watched.read(place, program)
    if _by_schedule(place, program):
        _put_monitoring_schedule(place, when, found)
    else:
        window = QUALITY_HOURS if program is QUALITY else hours
        pipeline.put(place, program)
        eventbridge.put(
            place,
            program.schedule,
            when,
            pipeline=program.pipeline,
            values=pipeline.parameters(found, window),
            why=f"watches version {found.version} of {CLASSIFIER}",
        )
    alerts.put(place, program, hours * 3600, found.version)


def remove(place: Place, *programs: Program) -> bool:
    """Stop watching on schedule, by all jobs unless some are named, and say whether it was watched."""
    removed = [_remove(place, program) for program in programs or (MONITOR, QUALITY)]
    return any(removed)


def _remove(place: Place, program: Program) -> bool:
    was = current(place, program) is not None
    if was:
        alerts.remove(place, program)
    if _by_schedule(place, program):
        try:
            place.sagemaker.delete_monitoring_schedule(MonitoringScheduleName=program.schedule)
        except ClientError as error:
            if not missing(error) and "not found" not in str(error):
                raise
        return was
    return eventbridge.remove(place, program.schedule)


def follow(place: Place) -> int | None:
    """Let the schedules watch the version that is live now, and return it; ``None`` without a schedule."""
    known = [(program, when) for program in (MONITOR, QUALITY) if (when := current(place, program))]
    for program, when in known:
        put(place, when, program)
    return watched.live(place) if known else None


def current(place: Place, program: Program = MONITOR) -> str | None:
    """Return the schedule's expression; ``None`` where nothing is scheduled."""
    if not _by_schedule(place, program):
        known = eventbridge.find(place, program.schedule)
        return known.expression if known else None
    told = describe(place)
    return str(told["MonitoringScheduleConfig"]["ScheduleConfig"]["ScheduleExpression"]) if told else None


def describe(place: Place) -> dict[str, Any] | None:
    """Describe the monitoring schedule; ``None`` where there is none."""
    try:
        return dict(place.sagemaker.describe_monitoring_schedule(MonitoringScheduleName=MONITOR.schedule))
    except ClientError as error:
        if missing(error) or "not found" in str(error):
            return None
        raise


def by_model_monitor(place: Place) -> bool:
    """Whether this account has Model Monitor, as its parameters say: new ones have not."""
    return place.parameters.get(_BY) == _MODEL_MONITOR


def _by_schedule(place: Place, program: Program) -> bool:
    return program is MONITOR and by_model_monitor(place)


def _put_monitoring_schedule(place: Place, when: str, found: Watched) -> None:
    config: Any = {
        "ScheduleConfig": {"ScheduleExpression": when},
        "MonitoringJobDefinition": _definition(place, found),
    }
    if describe(place) is None:
        tags: Any = [{"Key": "project", "Value": "bestiary"}]
        place.sagemaker.create_monitoring_schedule(
            MonitoringScheduleName=MONITOR.schedule, MonitoringScheduleConfig=config, Tags=tags
        )
    else:
        place.sagemaker.update_monitoring_schedule(
            MonitoringScheduleName=MONITOR.schedule, MonitoringScheduleConfig=config
        )


def _definition(place: Place, found: Watched) -> dict[str, Any]:
    around = place.surroundings
    to = f"s3://{around.bucket}/{watched.RESULTS}"
    return {
        "BaselineConfig": {
            "StatisticsResource": {"S3Uri": found.uris["StatisticsUri"]},
            "ConstraintsResource": {"S3Uri": found.uris["ConstraintsUri"]},
        },
        "MonitoringInputs": [
            {"EndpointInput": {"EndpointName": CLASSIFIER, "LocalPath": f"{FOLDER}/{CAPTURED}"}}
        ],
        "MonitoringOutputConfig": {"MonitoringOutputs": [{"S3Output": {"S3Uri": to, "LocalPath": OUTPUT}}]},
        "MonitoringResources": {"ClusterConfig": watched.CLUSTER},
        "MonitoringAppSpecification": {
            "ImageUri": around.jobs_image,
            "ContainerEntrypoint": MONITOR.entrypoint,
        },
        "Environment": found.environment,
        # The SageMaker SDK cannot attach to a schedule that leaves the second one to the default.
        "NetworkConfig": {**isolated(around.network), "EnableInterContainerTrafficEncryption": False},
        "StoppingCondition": watched.LONGEST,
        "RoleArn": around.jobs_role,
    }
