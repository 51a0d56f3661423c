"""What a job's record says while it lives, and the one change that ends it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from infra.local.jobs import failures

Record = dict[str, Any]
Status = Literal["Completed", "Failed", "Stopped"]

TRAINING = "training-job"
PROCESSING = "processing-job"
TRANSFORM = "transform-job"

TYPE = {TRAINING: "Training", PROCESSING: "Processing", TRANSFORM: "Transform"}
"""How the API spells a kind, as in ``TrainingJobName`` and ``TrainingStartTime``."""
STATUS = {kind: f"{spelled}JobStatus" for kind, spelled in TYPE.items()}
TERMINAL = frozenset({"Completed", "Failed", "Stopped"})

_MESSAGES = {
    "Starting": "Starting the training job",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Interrupted": "The managed spot training instances were interrupted",
    "Uploading": "Uploading generated training model",
    "Stopping": "Stopping the training job",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
}

_WITHOUT_MACHINE = frozenset({"Interrupted", "Starting"})
"""What a training on spot is at while no instance works for it, and nobody pays."""


@dataclass(frozen=True)
class End:
    """How a job ended.

    Attributes
    ----------
    status
        ``Completed``, ``Failed`` or ``Stopped``.
    reason
        Its ``FailureReason``; empty for none.
    late
        Whether it was stopped because its time was over.
    details
        Further members of its description, e.g. ``FinalMetricDataList``.
    """

    status: Status
    reason: str = ""
    late: bool = False
    details: Record = field(default_factory=dict)


def created(kind: str, record: Record, now: datetime) -> Record:
    """Say that the job was just registered."""
    said: Record = {STATUS[kind]: "InProgress", "CreationTime": now, "LastModifiedTime": now}
    if kind == TRAINING:
        first = {"Status": "Starting", "StartTime": now, "StatusMessage": _MESSAGES["Starting"]}
        said |= {"SecondaryStatus": "Starting", "SecondaryStatusTransitions": [first]}
    return {**record, **said}


def begun(kind: str, record: Record) -> Record:
    """Say that the job's instance works for it from now on."""
    now = datetime.now(UTC)
    started = {f"{TYPE[kind]}StartTime": now}
    return _stage(kind, {**record, **started}, "Downloading", now)


def at(kind: str, record: Record, stage: str) -> Record:
    """Say what a training job is at, e.g. ``Training`` or ``Uploading``; the others have no such member."""
    return _stage(kind, record, stage, datetime.now(UTC))


def stopping(kind: str, record: Record) -> Record:
    """Say that somebody asked the job to stop."""
    now = datetime.now(UTC)
    return _stage(kind, {**record, STATUS[kind]: "Stopping"}, "Stopping", now)


def ended(kind: str, record: Record, end: End) -> Record:
    """Say how the job ended; one that was asked to stop has stopped even if it had finished by then."""
    now = datetime.now(UTC)
    status = "Stopped" if record[STATUS[kind]] == "Stopping" and end.status == "Completed" else end.status
    said = {STATUS[kind]: status, **end.details}
    if end.reason:
        said["FailureReason"] = failures.cut(end.reason)
    over = {**record, **said, f"{TYPE[kind]}EndTime": now}
    if kind != TRAINING:
        return {**over, "LastModifiedTime": now}
    stage = "MaxRuntimeExceeded" if end.late else status
    ended_record = _stage(kind, over, stage, now, last=True)
    return {**ended_record, **_seconds(ended_record, now)}


def _stage(kind: str, record: Record, stage: str, now: datetime, *, last: bool = False) -> Record:
    if kind != TRAINING:
        return {**record, "LastModifiedTime": now}
    *before, current = record["SecondaryStatusTransitions"]
    entered = {"Status": stage, "StartTime": now, "StatusMessage": _MESSAGES[stage]}
    return {
        **record,
        "SecondaryStatus": stage,
        "SecondaryStatusTransitions": [
            *before,
            {**current, "EndTime": now},
            {**entered, "EndTime": now} if last else entered,
        ],
        "LastModifiedTime": now,
    }


def _seconds(record: Record, now: datetime) -> Record:
    if "TrainingStartTime" not in record:
        return {}
    whole = (now - record["TrainingStartTime"]).total_seconds()
    passed = [each for each in record["SecondaryStatusTransitions"] if each["Status"] in _WITHOUT_MACHINE]
    waited = sum(
        (each["EndTime"] - each["StartTime"]).total_seconds()
        for each in passed
        if each["StartTime"] >= record["TrainingStartTime"]
    )
    return {
        "TrainingTimeInSeconds": max(1, math.ceil(whole)),
        "BillableTimeInSeconds": max(1, math.ceil(whole - waited)),
    }
