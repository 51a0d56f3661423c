"""Model package groups: create, describe, list, delete."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra.local import caller, projection, registry, resources, tags
from infra.local.errors import AwsError, validation
from infra.local.listing import Fields, page
from infra.local.operations import operation
from infra.local.registry import GROUP

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.operations import Document

_FIELDS = Fields("ModelPackageGroupArn", "ModelPackageGroupName")


@operation("sagemaker", "CreateModelPackageGroup")
def create(account: Account, request: Document) -> Document:
    """Add a group, with no version in it."""
    given = dict(request)
    name, tagged = given["ModelPackageGroupName"], given.pop("Tags", None)
    arn = account.arn(GROUP, name)
    record = {
        **given,
        "ModelPackageGroupArn": arn,
        "ModelPackageGroupStatus": "Completed",
        "CreationTime": datetime.now(UTC),
        "CreatedBy": caller.identity(account),
        "LastVersion": 0,
    }
    taken = validation(f"Model Package Group already exists: {arn}")
    resources.add(account.store, GROUP, name, record, arn=arn, tagged=tagged, taken=taken)
    return {"ModelPackageGroupArn": arn}


@operation("sagemaker", "DescribeModelPackageGroup")
def describe(account: Account, request: Document) -> Document:
    """Tell all of one group."""
    record = registry.group(account, request["ModelPackageGroupName"])
    return projection.described("DescribeModelPackageGroup", record)


@operation("sagemaker", "ListModelPackageGroups")
def list_(account: Account, request: Document) -> Document:
    """List groups, oldest first unless told; other accounts share none here."""
    shared = request.get("CrossAccountFilterOption") == "CrossAccount"
    found, token = page([] if shared else account.store.list(GROUP), request, _FIELDS)
    return projection.listed("ListModelPackageGroups", found, token)


@operation("sagemaker", "DeleteModelPackageGroup")
def delete(account: Account, request: Document) -> None:
    """Remove a group that has no versions."""
    with registry.LOCK:
        record = registry.group(account, request["ModelPackageGroupName"])
        name, arn = record["ModelPackageGroupName"], record["ModelPackageGroupArn"]
        held = registry.packages_of(account, name)
        if held:
            raise AwsError(
                "ConflictException",
                f"Model Package Group {arn} cannot be deleted because it contains {len(held)} model "
                f"package{'s' if len(held) > 1 else ''}: delete them first.",
            )
        account.store.delete(GROUP, name)
    tags.forget(account.store, arn)
