"""Who is told, of what: alarms on what the monitor finds, and rules that put events into words for people.

Messages go to the account's topic, over EventBridge, so that an alarm of a deploy, a failed run and drift all
say what happened and what to do next.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pipelines.deployment.scaling import age_alarm_name
from pipelines.deployment.served import STYLIZER, STYLIZER_ASYNC
from pipelines.errors import OperatorError
from pipelines.monitoring.programs import MONITOR, QUALITY
from pipelines.monitoring.watched import RESULTS
from pipelines.names import CLASSIFIER

if TYPE_CHECKING:
    from pipelines.monitoring.programs import Program
    from pipelines.place import Place

DRIFT, MISSING = f"{CLASSIFIER}-drift", f"{CLASSIFIER}-monitor-missing"
FALL = f"{CLASSIFIER}-quality"
RETRAIN = f"{CLASSIFIER}-retrain"
"""The alarm whose ringing starts a run."""
_ALARMS = {MONITOR.name: [DRIFT, MISSING], QUALITY.name: [FALL]}
_OF_THE_STYLIZER = [*STYLIZER.alarm_names, age_alarm_name(STYLIZER_ASYNC)]
"""Its other alarm wakes instances, which is no news."""
TOPIC = "alerts-topic-arn"
_RULES = ("bestiary-alarms", "bestiary-failed-runs", "bestiary-failed-monitor")
NAMESPACE, VIOLATIONS, PHOTOS = "Bestiary/Monitoring", "violations", "photos"
_TAGS = [{"Key": "project", "Value": "bestiary"}]


def put(place: Place, program: Program, period: int, version: int) -> None:
    """Make the alarms and the rules, or bring them up to date.

    Parameters
    ----------
    program
        Whose findings are listened to.
    period
        Seconds between two of its jobs.
    version
        The version that is watched.
    """
    _alarms(place, program, period, version)
    put_rules(place)


def put_rules(place: Place) -> None:
    """Make the rules that put events into words, or bring them up to date."""
    topic = setting(place, TOPIC)
    events = place.client("events")
    for name, pattern, transformer in _told():
        events.put_rule(Name=name, EventPattern=json.dumps(pattern), Tags=_TAGS)
        events.put_targets(
            Rule=name, Targets=[{"Id": "topic", "Arn": topic, "InputTransformer": transformer}]
        )


def remove(place: Place, program: Program) -> None:
    """Take away the alarms on what a job finds; the rules stay for runs and deploys."""
    place.client("cloudwatch").delete_alarms(AlarmNames=_ALARMS[program.name])


def dimensions(program: Program) -> list[dict[str, str]]:
    """Return the dimensions of what a job on schedule publishes."""
    return [
        {"Name": "Endpoint", "Value": CLASSIFIER},
        {"Name": "MonitoringSchedule", "Value": program.schedule},
    ]


def setting(place: Place, name: str) -> str:
    """Read one of the account's parameters.

    Raises
    ------
    OperatorError
        Where the account was not set up with it.
    """
    try:
        return place.parameters[name]
    except KeyError:
        raise OperatorError(
            f"the SSM parameter /bestiary/{name} is missing in {place.settings.region}: infra/aws creates it"
        ) from None


def _alarms(place: Place, program: Program, period: int, version: int) -> None:
    cloudwatch = place.client("cloudwatch")
    report = f"s3://{place.surroundings.bucket}/{RESULTS}/{CLASSIFIER}/{program.schedule}/"
    shared = {
        "Namespace": NAMESPACE,
        "MetricName": VIOLATIONS,
        "Dimensions": dimensions(program),
        "Period": period,
        "Tags": _TAGS,
    }
    found = {
        "Statistic": "Maximum",
        "EvaluationPeriods": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "ignore",
        **shared,
    }
    if program is QUALITY:
        cloudwatch.put_metric_alarm(
            AlarmName=FALL,
            AlarmDescription=(
                f"By the labels that came, version {version} of {CLASSIFIER} is right less often than on its "
                f"test photos. Reports: {report} Next: bestiary monitor --quality --open"
            ),
            **found,
        )
        return
    cloudwatch.put_metric_alarm(
        AlarmName=DRIFT,
        AlarmDescription=(
            f"What the cameras send, or what version {version} of {CLASSIFIER} says to it, is not as usual. "
            f"Reports: {report} Next: bestiary monitor --open"
        ),
        **found,
    )
    # A result is missed from now on: an alarm that had no data at first would ring, and tell nobody.
    begins = {"MetricName": PHOTOS, "Dimensions": dimensions(program), "Value": 0.0, "Unit": "Count"}
    cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=[begins])
    cloudwatch.put_metric_alarm(
        AlarmName=MISSING,
        AlarmDescription=(
            f"The monitor of {CLASSIFIER} (version {version}) has found nothing out twice in a row: "
            "it did not run, or too few photos came. Next: bestiary schedule, and bestiary monitor --now"
        ),
        Statistic="SampleCount",
        EvaluationPeriods=2,
        Threshold=1,
        ComparisonOperator="LessThanThreshold",
        TreatMissingData="breaching",
        **shared | {"MetricName": PHOTOS},
    )


def _told() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Rules, each with its pattern and what it says."""
    # A new alarm that has no data yet is no news, but what is found in the very first window is.
    rang = [
        {"alarmName": [DRIFT, FALL, RETRAIN]},
        {"alarmName": [{"prefix": f"{CLASSIFIER}-"}, *_OF_THE_STYLIZER], "previousState": {"value": ["OK"]}},
    ]
    alarm = _transformer(
        {
            "name": "$.detail.alarmName",
            "what": "$.detail.configuration.description",
            "why": "$.detail.state.reason",
            "when": "$.detail.state.timestamp",
        },
        "ALARM <name>, <when>",
        "<what>",
        "<why>",
    )
    run = _transformer(
        {
            "arn": "$.detail.pipelineExecutionArn",
            "pipeline": "$.detail.pipelineArn",
            "when": "$.detail.executionEndTime",
        },
        "A run has failed, <when>",
        "<pipeline>",
        "Next: bestiary show <arn>",
    )
    job = _transformer(
        {
            "name": "$.detail.ProcessingJobName",
            "why": "$.detail.FailureReason",
            "version": "$.detail.Environment.BESTIARY_MODEL_VERSION",
        },
        "The monitor of version <version> has failed: nobody is watching",
        "<name>: <why>",
        "Next: bestiary monitor --now",
    )
    failed = {"currentPipelineExecutionStatus": ["Failed"]}
    watched = {"sagemaker_endpoint_name": [CLASSIFIER]}
    patterns: list[dict[str, Any]] = [
        {
            "source": ["aws.cloudwatch"],
            "detail-type": ["CloudWatch Alarm State Change"],
            "detail": {"state": {"value": ["ALARM"]}, "$or": rang},
        },
        {
            "source": ["aws.sagemaker"],
            "detail-type": ["SageMaker Model Building Pipeline Execution Status Change"],
            "detail": failed,
        },
        {
            "source": ["aws.sagemaker"],
            "detail-type": ["SageMaker Processing Job State Change"],
            "detail": {"ProcessingJobStatus": ["Failed"], "Environment": watched},
        },
    ]
    return list(zip(_RULES, patterns, (alarm, run, job), strict=True))


def _transformer(paths: dict[str, str], *lines: str) -> dict[str, Any]:
    return {"InputPathsMap": paths, "InputTemplate": "\n".join(json.dumps(line) for line in lines)}
