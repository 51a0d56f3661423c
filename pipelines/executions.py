"""Executions of the training pipeline: start, follow, stop, list."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipelines.errors import OperatorError, UsageError
from pipelines.names import PIPELINE
from pipelines.place import reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_sagemaker.type_defs import PipelineExecutionStepTypeDef

    from pipelines.place import Place

RUNNING = ("Executing", "Stopping")
_POLL_SECONDS = 0.5


@dataclass(frozen=True)
class Step:
    """One step of an execution.

    Attributes
    ----------
    name, kind, status
        SageMaker's words; kind is e.g. ``TrainingJob``.
    seconds
        How long it took, so far where it still runs; 0 where it did not start.
    cached
        Whether an earlier result was used.
    why
        Why it was or was not cached, where the place says so.
    failure_reason
        Empty unless it failed.
    arn
        The job or model package it made, empty where there is none.
    """

    name: str
    kind: str
    status: str
    seconds: float
    cached: bool
    why: str
    failure_reason: str
    arn: str


@dataclass(frozen=True)
class Execution:
    """One execution with its steps in the order in which they started."""

    arn: str
    status: str
    started: datetime
    ended: datetime | None
    failure_reason: str
    steps: tuple[Step, ...]

    @property
    def short(self) -> str:
        """The last part of the ARN, by which people name an execution."""
        return self.arn.rpartition("/")[2]

    @property
    def seconds(self) -> float:
        """How long it took, so far where it still runs."""
        return ((self.ended or datetime.now(UTC)) - self.started).total_seconds()

    def step(self, name: str) -> Step | None:
        """One step by name, ``None`` where it has not started."""
        return next((step for step in self.steps if step.name == name), None)


def describe(place: Place, arn: str) -> Execution:
    """Read one execution as it stands.

    Raises
    ------
    OperatorError
        Where the place does not know it.
    """
    try:
        told = place.sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
        pages = place.sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
            PipelineExecutionArn=arn, SortOrder="Ascending"
        )
        steps = tuple(_step(step) for page in pages for step in page["PipelineExecutionSteps"])
    except ClientError as error:
        raise OperatorError(reason(error)) from None
    status = told["PipelineExecutionStatus"]
    return Execution(
        arn=arn,
        status=status,
        started=told["CreationTime"],
        ended=None if status in RUNNING else told.get("LastModifiedTime"),
        failure_reason=told.get("FailureReason", ""),
        steps=steps,
    )


def _step(told: PipelineExecutionStepTypeDef) -> Step:
    started, ended = told.get("StartTime"), told.get("EndTime")
    seconds = ((ended or datetime.now(UTC)) - started).total_seconds() if started else 0.0
    metadata: dict[str, Any] = dict(told.get("Metadata", {}))
    kind, made = next(iter(metadata.items()), ("", {}))
    return Step(
        name=told["StepName"],
        kind=kind,
        status=told["StepStatus"],
        seconds=seconds,
        cached="CacheHitResult" in told,
        why=told.get("StepDescription", ""),
        failure_reason=told.get("FailureReason", ""),
        arn=made.get("Arn", "") if isinstance(made, dict) else "",
    )


def follow(place: Place, arn: str) -> Iterator[Execution]:
    """Yield the execution as it stands, about twice a second, until it has ended; the end comes last."""
    while True:
        execution = describe(place, arn)
        yield execution
        if execution.status not in RUNNING:
            return
        time.sleep(_POLL_SECONDS)


def stop(place: Place, arn: str) -> Execution:
    """Stop an execution and wait until nothing of it runs any more."""
    place.sagemaker.stop_pipeline_execution(
        PipelineExecutionArn=arn, ClientRequestToken=f"stop-{arn[-12:]:0>32}"
    )
    *_, last = follow(place, arn)
    return last


def latest(place: Place, count: int) -> list[Execution]:
    """Read the newest executions, newest first; none where the pipeline was never run."""
    try:
        pages = place.sagemaker.get_paginator("list_pipeline_executions").paginate(
            PipelineName=PIPELINE, SortBy="CreationTime", SortOrder="Descending"
        )
        arns = []
        for page in pages:
            arns += [summary["PipelineExecutionArn"] for summary in page["PipelineExecutionSummaries"]]
            if len(arns) >= count:
                break
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ResourceNotFound":
            return []
        raise OperatorError(reason(error)) from None
    return [describe(place, arn) for arn in arns[:count]]


def parameters(place: Place, arn: str) -> dict[str, str]:
    """Return what an execution was started with, by name."""
    pages = place.sagemaker.get_paginator("list_pipeline_parameters_for_execution").paginate(
        PipelineExecutionArn=arn
    )
    return {each["Name"]: each["Value"] for page in pages for each in page["PipelineParameters"]}


def find(place: Place, name: str | None) -> Execution:
    """Find an execution by ARN, by id, or the newest where no name is given.

    Raises
    ------
    UsageError
        Where there is none of that name.
    """
    if name and name.startswith("arn:"):
        return describe(place, name)
    known = latest(place, 100)
    if not known:
        raise UsageError("there is no execution yet: bestiary run makes one")
    if name is None:
        return known[0]
    match = [execution for execution in known if execution.short.startswith(name)]
    if len(match) != 1:
        raise UsageError(
            f"{name}: {'no' if not match else 'more than one'} execution has that id; see bestiary runs"
        )
    return match[0]
