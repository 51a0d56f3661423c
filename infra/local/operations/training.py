"""Training jobs: create, describe, list, stop, delete."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from infra.local import projection, quotas
from infra.local.errors import not_found, validation
from infra.local.jobs import limits, requests
from infra.local.jobs.records import TRAINING
from infra.local.jobs.training import artifacts
from infra.local.listing import Fields, page
from infra.local.operations import operation

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.operations import Document

_FIELDS = Fields("TrainingJobArn", "TrainingJobName", "TrainingJobStatus")
_LONGEST = 86_400
_TAKEN = (
    "Training job names must be unique within an AWS account and region, and a training job with this name "
    "already exists"
)
_DEFAULTS: Document = {
    "EnableNetworkIsolation": False,
    "EnableInterContainerTrafficEncryption": False,
    "EnableManagedSpotTraining": False,
}


@operation("sagemaker", "CreateTrainingJob")
def create(account: Account, request: Document) -> Document:
    """Register a job and start it."""
    _check(account, request)
    results = artifacts(request["TrainingJobName"], request["OutputDataConfig"])
    given = {
        **_DEFAULTS,
        **request,
        "StoppingCondition": {"MaxRuntimeInSeconds": _LONGEST, **request.get("StoppingCondition", {})},
        "ModelArtifacts": {"S3ModelArtifacts": results},
    }
    return {"TrainingJobArn": requests.create(account, TRAINING, given, taken=_TAKEN)}


@operation("sagemaker", "DescribeTrainingJob")
def describe(account: Account, request: Document) -> Document:
    """Tell all of one job."""
    return projection.described("DescribeTrainingJob", _record(account, request))


@operation("sagemaker", "ListTrainingJobs")
def list_(account: Account, request: Document) -> Document:
    """List jobs, oldest first unless told; none has a warm pool or a training plan here."""
    no_such = {"WarmPoolStatusEquals", "TrainingPlanArnEquals"} & request.keys()
    found, token = page([] if no_such else account.store.list(TRAINING), request, _FIELDS)
    return projection.listed("ListTrainingJobs", found, token)


@operation("sagemaker", "StopTrainingJob")
def stop(account: Account, request: Document) -> None:
    """Ask a job to stop."""
    requests.stop(account, TRAINING, _record(account, request)["TrainingJobName"])


@operation("sagemaker", "DeleteTrainingJob")
def delete(account: Account, request: Document) -> None:
    """Forget a job that has ended; its name may be used again."""
    record = account.store.get(TRAINING, request["TrainingJobName"])
    if record is None:
        raise not_found("Requested resource not found.")
    requests.forget(account, TRAINING, record)


def _record(account: Account, request: Document) -> Document:
    record = account.store.get(TRAINING, request["TrainingJobName"])
    if record is None:
        raise validation("Requested resource not found.")
    return record


def _check(account: Account, request: Document) -> None:
    for needed in ("AlgorithmSpecification", "ResourceConfig"):
        if needed not in request:
            raise validation(f"The local SageMaker trains in containers only: {needed} must be given.")
    cluster = request["ResourceConfig"]
    limits.alike(cluster, "ResourceConfig")
    use = "spot training" if request.get("EnableManagedSpotTraining") else "training"
    quotas.check_job(cluster.get("InstanceType", ""), use, cluster.get("InstanceCount", 1))
    if account.docker and cluster.get("InstanceCount", 1) > 1:
        raise validation(
            "With the Docker runtime the local SageMaker trains on one host: give an InstanceCount of 1, or "
            "bestiary local start --runtime process."
        )
    _check_spot(request)
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


def _check_spot(request: Document) -> None:
    times = request.get("StoppingCondition", {})
    waits, runs = times.get("MaxWaitTimeInSeconds"), times.get("MaxRuntimeInSeconds", _LONGEST)
    if request.get("EnableManagedSpotTraining"):
        if waits is None or waits < runs:
            raise validation(
                "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to "
                "MaxRuntimeInSeconds"
            )
    elif waits is not None:
        raise validation(
            "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is set to true"
        )


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
