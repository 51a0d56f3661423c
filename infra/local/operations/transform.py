"""Transform jobs: create, describe, list, stop."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra.local import projection, tags
from infra.local.errors import in_use, validation
from infra.local.hosting import containers
from infra.local.jobs import records
from infra.local.jobs.records import TERMINAL, TRANSFORM
from infra.local.listing import Fields, page
from infra.local.operations import operation
from infra.local.store import TakenError
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
    given = dict(request)
    name, tagged = given["TransformJobName"], tags.checked(given.pop("Tags", None))
    arn = account.arn(TRANSFORM, name)
    now = datetime.now(UTC)
    record = {
        **given,
        CONTAINER: containers.of_model(account, given["ModelName"]).record(),
        "TransformJobArn": arn,
        "TransformJobStatus": "InProgress",
        "CreationTime": now,
        "LastModifiedTime": now,
    }
    try:
        account.store.create(TRANSFORM, name, record)
    except TakenError:
        raise in_use(
            "Job name must be unique within an AWS account and region, and a job with this name already "
            f"exists ({arn})"
        ) from None
    tags.add(account.store, arn, [{"Key": key, "Value": value} for key, value in tagged.items()])
    account.jobs.start(TRANSFORM, name)
    return {"TransformJobArn": arn}


@operation("sagemaker", "DescribeTransformJob")
def describe(account: Account, request: Document) -> Document:
    """Tell all of one job."""
    return projection.described("DescribeTransformJob", _record(account, request))


@operation("sagemaker", "ListTransformJobs")
def list_(account: Account, request: Document) -> Document:
    """List jobs, the newest first unless told."""
    found, token = page(account.store.list(TRANSFORM), request, _FIELDS, order="Descending")
    summaries = [projection.summary("ListTransformJobs", record) for record in found]
    return {"TransformJobSummaries": summaries, "NextToken": token}


@operation("sagemaker", "StopTransformJob")
def stop(account: Account, request: Document) -> None:
    """Ask a job to stop; the results that it has put stay."""
    name = _record(account, request)["TransformJobName"]

    def stopping(current: Document) -> Document:
        status = current["TransformJobStatus"]
        if status in TERMINAL:
            raise validation(f"The request was rejected because the transform job is in status {status}.")
        return records.stopping(TRANSFORM, current)

    account.store.update(TRANSFORM, name, stopping)
    account.jobs.stop(TRANSFORM, name)


def _record(account: Account, request: Document) -> Document:
    record = account.store.get(TRANSFORM, request["TransformJobName"])
    if record is None:
        raise validation(
            f"Could not find requested job with name: {account.arn(TRANSFORM, request['TransformJobName'])}"
        )
    return record
