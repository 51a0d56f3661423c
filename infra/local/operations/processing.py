"""Processing jobs: create, describe, list, stop, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.local import projection, quotas
from infra.local.errors import not_found, validation
from infra.local.jobs import limits, requests
from infra.local.jobs.processing import LONGEST
from infra.local.jobs.records import PROCESSING
from infra.local.listing import Fields, page
from infra.local.operations import operation

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.operations import Document

_FIELDS = Fields("ProcessingJobArn", "ProcessingJobName", "ProcessingJobStatus")
_FOLDER = "/opt/ml/processing"


@operation("sagemaker", "CreateProcessingJob")
def create(account: Account, request: Document) -> Document:
    """Register a job and start it."""
    _check(request)
    given = {"StoppingCondition": {"MaxRuntimeInSeconds": LONGEST}, **request}
    return {"ProcessingJobArn": requests.create(account, PROCESSING, given)}


@operation("sagemaker", "DescribeProcessingJob")
def describe(account: Account, request: Document) -> Document:
    """Tell all of one job."""
    return projection.described("DescribeProcessingJob", _record(account, request))


@operation("sagemaker", "ListProcessingJobs")
def list_(account: Account, request: Document) -> Document:
    """List jobs, oldest first unless told."""
    found, token = page(account.store.list(PROCESSING), request, _FIELDS)
    return projection.listed("ListProcessingJobs", found, token)


@operation("sagemaker", "StopProcessingJob")
def stop(account: Account, request: Document) -> None:
    """Ask a job to stop."""
    requests.stop(account, PROCESSING, _record(account, request)["ProcessingJobName"])


@operation("sagemaker", "DeleteProcessingJob")
def delete(account: Account, request: Document) -> None:
    """Forget a job that has ended; its name may be used again."""
    name = request["ProcessingJobName"]
    record = account.store.get(PROCESSING, name)
    if record is None:
        raise not_found(f"Could not find requested job with name: {name}")
    requests.forget(account, PROCESSING, record)


def _record(account: Account, request: Document) -> Document:
    name = request["ProcessingJobName"]
    record = account.store.get(PROCESSING, name)
    if record is None:
        raise validation(f"Could not find requested job with name: {name}")
    return record


def _check(request: Document) -> None:
    cluster = request["ProcessingResources"]["ClusterConfig"]
    quotas.check_job(cluster["InstanceType"], "processing", cluster["InstanceCount"])
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
