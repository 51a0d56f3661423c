"""Transform jobs: create, describe, list, stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.local import projection, quotas
from infra.local.errors import validation
from infra.local.hosting import containers
from infra.local.jobs import requests
from infra.local.jobs.records import TRANSFORM
from infra.local.listing import Fields, page
from infra.local.operations import operation
from infra.local.transform import plan
from infra.local.transform.job import CONTAINER

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.operations import Document

_FIELDS = Fields("TransformJobArn", "TransformJobName", "TransformJobStatus")


@operation("sagemaker", "CreateTransformJob")
def create(account: Account, request: Document) -> Document:
    """Register a job and start it."""
    plan.check(request)
    resources = request["TransformResources"]
    quotas.check_job(resources["InstanceType"], "transform", resources["InstanceCount"])
    container = containers.of_model(account, request["ModelName"]).record()
    return {"TransformJobArn": requests.create(account, TRANSFORM, {**request, CONTAINER: container})}


@operation("sagemaker", "DescribeTransformJob")
def describe(account: Account, request: Document) -> Document:
    """Tell all of one job."""
    return projection.described("DescribeTransformJob", _record(account, request))


@operation("sagemaker", "ListTransformJobs")
def list_(account: Account, request: Document) -> Document:
    """List jobs, the newest first unless told."""
    found, token = page(account.store.list(TRANSFORM), request, _FIELDS, order="Descending")
    return projection.listed("ListTransformJobs", found, token)


@operation("sagemaker", "StopTransformJob")
def stop(account: Account, request: Document) -> None:
    """Ask a job to stop; the results that it has put stay."""
    requests.stop(account, TRANSFORM, _record(account, request)["TransformJobName"])


def _record(account: Account, request: Document) -> Document:
    record = account.store.get(TRANSFORM, request["TransformJobName"])
    if record is None:
        raise validation(
            f"Could not find requested job with name: {account.arn(TRANSFORM, request['TransformJobName'])}"
        )
    return record
