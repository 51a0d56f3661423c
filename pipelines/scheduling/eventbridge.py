"""Schedules of EventBridge Scheduler: each calls an operation of AWS, most of them a pipeline's start."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipelines.errors import OperatorError, UsageError
from pipelines.place import reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pipelines.place import Place

SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
"""What EventBridge Scheduler puts the due time in place of."""
_CALL = "arn:aws:scheduler:::aws-sdk"
_START = f"{_CALL}:sagemaker:startPipelineExecution"
_RETRIES = {"MaximumRetryAttempts": 10, "MaximumEventAgeInSeconds": 3600}
"""A run an hour late is of use; one a day late meets the next."""


@dataclass(frozen=True)
class Known:
    """A schedule that is there.

    Attributes
    ----------
    expression, timezone
        When it is due.
    values
        The pipeline's parameters.
    why
        Its description.
    start
        Before which it is not due; ``None`` for any time.
    """

    expression: str
    timezone: str
    values: Mapping[str, str]
    why: str
    start: datetime | None = None


def put(  # noqa: PLR0913 - what a schedule is made of
    place: Place,
    name: str,
    when: str,
    *,
    pipeline: str,
    values: Mapping[str, str],
    why: str,
    timezone: str = "UTC",
) -> None:
    """Make a schedule, or give it another time or other values.

    Raises
    ------
    UsageError
        Where AWS takes the time for none.
    """
    target = _called(place, name, pipeline, values) | {"RetryPolicy": _RETRIES}
    _put(place, name, when, target, {"Description": why[:512], "ScheduleExpressionTimezone": timezone})


def put_call(  # noqa: PLR0913 - as above
    place: Place,
    name: str,
    when: str,
    *,
    call: tuple[str, str, Mapping[str, str]],
    why: str,
    between: tuple[datetime, datetime],
) -> None:
    """Make a schedule that repeats a call between two moments and is then gone.

    Parameters
    ----------
    call
        Service, operation and request, as Scheduler's universal targets have them. Calls that fail leave no
        dead letter: the next is due soon.
    between
        The first call is due at the first moment; none is after the second.

    Raises
    ------
    OperatorError
        Where the account was not set up for schedules.
    """
    service, operation, request = call
    target = {
        "Arn": f"{_CALL}:{service}:{operation}",
        "RoleArn": _delivered(place)["RoleArn"],
        "Input": json.dumps(request),
        "RetryPolicy": {"MaximumRetryAttempts": 0},
    }
    start, end = between
    ends = {"StartDate": start, "EndDate": end, "ActionAfterCompletion": "DELETE"}
    _put(place, name, when, target, {"Description": why[:512], **ends})


def _put(place: Place, name: str, when: str, target: dict[str, Any], further: dict[str, Any]) -> None:
    request: dict[str, Any] = {
        "Name": name,
        "ScheduleExpression": when,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": target,
        **further,
    }
    scheduler = place.client("scheduler")
    try:
        if find(place, name) is None:
            scheduler.create_schedule(**request)
        else:
            scheduler.update_schedule(**request)
    except scheduler.exceptions.ValidationException as error:
        raise UsageError(f"{when}: {reason(error)}") from None


def target(place: Place, pipeline: str, values: Mapping[str, str]) -> dict[str, Any]:
    """Write a pipeline as the target of a rule.

    Raises
    ------
    OperatorError
        Where there is no such pipeline, or the account was not set up for schedules.
    """
    return {
        "Arn": _arn(place, pipeline),
        **_delivered(place),
        "SageMakerPipelineParameters": {"PipelineParameterList": _listed(values)},
    }


def _called(place: Place, name: str, pipeline: str, values: Mapping[str, str]) -> dict[str, Any]:
    """Write a pipeline's start as the target of a schedule: the request itself, once for each due time.

    As a request it takes Scheduler's own words (the due time), which a list of parameters does not; and the
    token makes a start that Scheduler repeats no second run.
    """
    _arn(place, pipeline)
    request = {
        "PipelineName": pipeline,
        "PipelineParameters": _listed(values),
        "ClientRequestToken": f"{name} at {SCHEDULED_TIME}",
    }
    return {"Arn": _START, **_delivered(place), "Input": json.dumps(request)}


def _arn(place: Place, pipeline: str) -> str:
    try:
        return place.sagemaker.describe_pipeline(PipelineName=pipeline)["PipelineArn"]
    except ClientError:
        raise OperatorError(f"there is no pipeline {pipeline} yet: bestiary run makes it") from None


def _delivered(place: Place) -> dict[str, Any]:
    try:
        role, dead = place.parameters["scheduler-role-arn"], place.parameters["dead-letters-arn"]
    except KeyError as missing:
        raise OperatorError(
            f"the SSM parameter /bestiary/{missing.args[0]} is missing: infra/aws creates it"
        ) from None
    return {"RoleArn": role, "DeadLetterConfig": {"Arn": dead}}


def _listed(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in values.items()]


def find(place: Place, name: str) -> Known | None:
    """Read a schedule; ``None`` where there is none."""
    scheduler = place.client("scheduler")
    try:
        told = scheduler.get_schedule(Name=name)
    except scheduler.exceptions.ResourceNotFoundException:
        return None
    given = json.loads(told["Target"].get("Input", "{}")).get("PipelineParameters", [])
    return Known(
        told["ScheduleExpression"],
        told.get("ScheduleExpressionTimezone", "UTC"),
        {each["Name"]: each["Value"] for each in given},
        told.get("Description", ""),
        told.get("StartDate"),
    )


def remove(place: Place, name: str) -> bool:
    """Remove a schedule, and say whether it was there."""
    scheduler = place.client("scheduler")
    try:
        scheduler.delete_schedule(Name=name)
    except scheduler.exceptions.ResourceNotFoundException:
        return False
    return True
