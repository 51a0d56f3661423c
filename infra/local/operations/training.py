"""Training jobs: create, describe, list, stop, delete."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra.local import projection, tags
from infra.local.errors import in_use, not_found, validation
from infra.local.jobs import limits, records
from infra.local.jobs.life import base_folder
from infra.local.jobs.records import TERMINAL, TRAINING
from infra.local.jobs.training import artifacts
from infra.local.listing import Fields, page
from infra.local.operations import operation
from infra.local.store import TakenError

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.operations import Document

_FIELDS = Fields("TrainingJobArn", "TrainingJobName", "TrainingJobStatus")
_LONGEST = 86_400
_DEFAULTS: Document = {
    "EnableNetworkIsolation": False,
    "EnableInterContainerTrafficEncryption": False,
    "EnableManagedSpotTraining": False,
}


@operation("sagemaker", "CreateTrainingJob")
def create(account: Account, request: Document) -> Document:
    """Register a job and start it."""
    _check(request)
    given = dict(request)
    name, tagged = given["TrainingJobName"], tags.checked(given.pop("Tags", None))
    arn = account.arn(TRAINING, name)
    now = datetime.now(UTC)
    record = {
        **_DEFAULTS,
        **given,
        "StoppingCondition": {"MaxRuntimeInSeconds": _LONGEST, **given.get("StoppingCondition", {})},
        "TrainingJobArn": arn,
        "ModelArtifacts": {"S3ModelArtifacts": artifacts(name, given["OutputDataConfig"])},
        "TrainingJobStatus": "InProgress",
        "SecondaryStatus": "Starting",
        "SecondaryStatusTransitions": records.first_transition(now),
        "CreationTime": now,
        "LastModifiedTime": now,
    }
    try:
        account.store.create(TRAINING, name, record)
    except TakenError:
        raise in_use(
            "Training job names must be unique within an AWS account and region, and a training job with "
            f"this name already exists ({arn})"
        ) from None
    tags.add(account.store, arn, [{"Key": key, "Value": value} for key, value in tagged.items()])
    account.jobs.start(TRAINING, name)
    return {"TrainingJobArn": arn}


@operation("sagemaker", "DescribeTrainingJob")
def describe(account: Account, request: Document) -> Document:
    """Tell all of one job."""
    return projection.described("DescribeTrainingJob", _record(account, request))


@operation("sagemaker", "ListTrainingJobs")
def list_(account: Account, request: Document) -> Document:
    """List jobs, oldest first unless told; none has a warm pool or a training plan here."""
    no_such = {"WarmPoolStatusEquals", "TrainingPlanArnEquals"} & request.keys()
    found, token = page([] if no_such else account.store.list(TRAINING), request, _FIELDS)
    summaries = [projection.summary("ListTrainingJobs", record) for record in found]
    return {"TrainingJobSummaries": summaries, "NextToken": token}


@operation("sagemaker", "StopTrainingJob")
def stop(account: Account, request: Document) -> None:
    """Ask a job to stop."""
    name = _record(account, request)["TrainingJobName"]

    def stopping(current: Document) -> Document:
        status = current["TrainingJobStatus"]
        if status in TERMINAL:
            raise validation(f"The request was rejected because the training job is in status {status}.")
        return current if status == "Stopping" else records.stopping(TRAINING, current)

    account.store.update(TRAINING, name, stopping)
    account.jobs.stop(TRAINING, name)


@operation("sagemaker", "DeleteTrainingJob")
def delete(account: Account, request: Document) -> None:
    """Forget a job that has ended; its name may be used again."""
    name = request["TrainingJobName"]
    record = account.store.get(TRAINING, name)
    if record is None:
        raise not_found("Requested resource not found.")
    if record["TrainingJobStatus"] not in TERMINAL:
        raise in_use(f"Training job {name} is in status {record['TrainingJobStatus']}: stop it first.")
    account.store.delete(TRAINING, name)
    tags.forget(account.store, record["TrainingJobArn"])
    shutil.rmtree(base_folder(account, TRAINING, name), ignore_errors=True)


def _record(account: Account, request: Document) -> Document:
    record = account.store.get(TRAINING, request["TrainingJobName"])
    if record is None:
        raise validation("Requested resource not found.")
    return record


def _check(request: Document) -> None:
    for needed in ("AlgorithmSpecification", "ResourceConfig"):
        if needed not in request:
            raise validation(f"The local SageMaker trains in containers only: {needed} must be given.")
    limits.one_instance(request["ResourceConfig"], "ResourceConfig")
    limits.s3(request["OutputDataConfig"]["S3OutputPath"])
    if checkpoints := request.get("CheckpointConfig"):
        limits.s3(checkpoints["S3Uri"])
        limits.local_path(checkpoints.get("LocalPath"), "CheckpointConfig", "/opt/ml")
    _check_channels(request)
    for metric in request["AlgorithmSpecification"].get("MetricDefinitions", []):
        try:
            re.compile(metric["Regex"])
        except re.error as error:
            raise validation(
                f"Regex {metric['Regex']} of metric {metric['Name']} is none: {error}."
            ) from None


def _check_channels(request: Document) -> None:
    channels = request.get("InputDataConfig", [])
    limits.unique((channel["ChannelName"] for channel in channels), "Channel")
    mode = request["AlgorithmSpecification"]["TrainingInputMode"]
    for channel in channels:
        name = channel["ChannelName"]
        if name in {".", ".."}:
            raise validation(f"ChannelName {name} can be no folder's name.")
        limits.of_s3(channel["DataSource"], "S3DataSource", f"channel {name}")
        limits.whole_files(channel.get("InputMode", mode), f"channel {name}")
