"""Processing jobs: create, describe, list, stop, delete."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra.local import projection, tags
from infra.local.errors import in_use, not_found, validation
from infra.local.jobs import limits, records
from infra.local.jobs.life import base_folder
from infra.local.jobs.processing import LONGEST
from infra.local.jobs.records import PROCESSING, TERMINAL
from infra.local.listing import Fields, page
from infra.local.operations import operation
from infra.local.store import TakenError

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.operations import Document

_FIELDS = Fields("ProcessingJobArn", "ProcessingJobName", "ProcessingJobStatus")
_FOLDER = "/opt/ml/processing"


@operation("sagemaker", "CreateProcessingJob")
def create(account: Account, request: Document) -> Document:
    """Register a job and start it."""
    _check(request)
    given = dict(request)
    name, tagged = given["ProcessingJobName"], tags.checked(given.pop("Tags", None))
    arn = account.arn(PROCESSING, name)
    now = datetime.now(UTC)
    record = {
        "StoppingCondition": {"MaxRuntimeInSeconds": LONGEST},
        **given,
        "ProcessingJobArn": arn,
        "ProcessingJobStatus": "InProgress",
        "CreationTime": now,
        "LastModifiedTime": now,
    }
    try:
        account.store.create(PROCESSING, name, record)
    except TakenError:
        raise in_use(
            "Job name must be unique within an AWS account and region, and a job with this name already "
            f"exists ({arn})"
        ) from None
    tags.add(account.store, arn, [{"Key": key, "Value": value} for key, value in tagged.items()])
    account.jobs.start(PROCESSING, name)
    return {"ProcessingJobArn": arn}


@operation("sagemaker", "DescribeProcessingJob")
def describe(account: Account, request: Document) -> Document:
    """Tell all of one job."""
    return projection.described("DescribeProcessingJob", _record(account, request))


@operation("sagemaker", "ListProcessingJobs")
def list_(account: Account, request: Document) -> Document:
    """List jobs, oldest first unless told."""
    found, token = page(account.store.list(PROCESSING), request, _FIELDS)
    summaries = [projection.summary("ListProcessingJobs", record) for record in found]
    return {"ProcessingJobSummaries": summaries, "NextToken": token}


@operation("sagemaker", "StopProcessingJob")
def stop(account: Account, request: Document) -> None:
    """Ask a job to stop."""
    record = _record(account, request)
    name = record["ProcessingJobName"]

    def stopping(current: Document) -> Document:
        status = current["ProcessingJobStatus"]
        if status in TERMINAL:
            raise validation(f"The request was rejected because the processing job is in status {status}.")
        return records.stopping(PROCESSING, current)

    account.store.update(PROCESSING, name, stopping)
    account.jobs.stop(PROCESSING, name)


@operation("sagemaker", "DeleteProcessingJob")
def delete(account: Account, request: Document) -> None:
    """Forget a job that has ended; its name may be used again."""
    name = request["ProcessingJobName"]
    record = account.store.get(PROCESSING, name)
    if record is None:
        raise not_found(f"Could not find requested job with name: {name}")
    if record["ProcessingJobStatus"] not in TERMINAL:
        raise in_use(f"Processing job {name} is in status {record['ProcessingJobStatus']}: stop it first.")
    account.store.delete(PROCESSING, name)
    tags.forget(account.store, record["ProcessingJobArn"])
    shutil.rmtree(base_folder(account, PROCESSING, name), ignore_errors=True)


def _record(account: Account, request: Document) -> Document:
    name = request["ProcessingJobName"]
    record = account.store.get(PROCESSING, name)
    if record is None:
        raise validation(f"Could not find requested job with name: {name}")
    return record


def _check(request: Document) -> None:
    limits.one_instance(request["ProcessingResources"]["ClusterConfig"], "ClusterConfig")
    inputs = request.get("ProcessingInputs", [])
    limits.unique((each["InputName"] for each in inputs), "Input")
    for each in inputs:
        where = f"input {each['InputName']}"
        source = limits.of_s3(each, "S3Input", where)
        limits.whole_files(source.get("S3InputMode"), where)
        limits.local_path(source.get("LocalPath"), where, _FOLDER)
    outputs = request.get("ProcessingOutputConfig", {}).get("Outputs", [])
    limits.unique((each["OutputName"] for each in outputs), "Output")
    for each in outputs:
        where = f"output {each['OutputName']}"
        to = limits.of_s3(each, "S3Output", where)
        limits.local_path(to.get("LocalPath"), where, _FOLDER)
