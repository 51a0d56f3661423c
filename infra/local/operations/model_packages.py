"""Model packages: describe, list, delete, and describe many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.local import projection, registry, tags
from infra.local.errors import AwsError
from infra.local.listing import Fields, page
from infra.local.operations import operation
from infra.local.registry import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra.local.account import Account
    from infra.local.operations import Document

_FIELDS = Fields("ModelPackageArn", "ModelPackageName")
_BRIEF = (
    "ModelPackageGroupName",
    "ModelPackageVersion",
    "ModelPackageArn",
    "ModelPackageDescription",
    "CreationTime",
    "InferenceSpecification",
    "ModelPackageStatus",
    "ModelApprovalStatus",
    "ModelPackageRegistrationType",
)


@operation("sagemaker", "DescribeModelPackage")
def describe(account: Account, request: Document) -> Document:
    """Tell all of one package, or all but its model card."""
    record = registry.package(account, request["ModelPackageName"])
    if request.get("IncludedData") == "MetadataOnly":
        record.pop("ModelCard", None)
    return projection.described("DescribeModelPackage", record)


@operation("sagemaker", "ListModelPackages")
def list_(account: Account, request: Document) -> Document:
    """List a group's versions, or packages of a type: unversioned ones unless told; oldest first."""
    found, token = page(_wanted(account, request), request, _FIELDS)
    summaries = [projection.summary("ListModelPackages", record) for record in found]
    for summary in summaries:
        if "ModelPackageVersion" in summary:
            del summary["ModelPackageName"]  # AWS gives versions none here
    return {"ModelPackageSummaryList": summaries, "NextToken": token}


@operation("sagemaker", "DeleteModelPackage")
def delete(account: Account, request: Document) -> None:
    """Remove a package; a version's number is not given again."""
    record = registry.package(account, request["ModelPackageName"])
    arn = record["ModelPackageArn"]
    account.store.delete(PACKAGE, registry.key(account, PACKAGE, arn))
    tags.forget(account.store, arn)


@operation("sagemaker", "BatchDescribeModelPackage")
def batch_describe(account: Account, request: Document) -> Document:
    """Tell the main things of many packages, and which of them there are not."""
    summaries: dict[str, Document] = {}
    errors: dict[str, Document] = {}
    for arn in request["ModelPackageArnList"]:
        try:
            record = registry.package(account, arn)
        except AwsError as error:
            errors[arn] = {"ErrorCode": error.code, "ErrorResponse": error.message}
            continue
        if "InferenceSpecification" in record:
            summaries[arn] = {name: record[name] for name in _BRIEF if name in record}
        else:
            reason = f"ModelPackage {arn} has no InferenceSpecification."
            errors[arn] = {"ErrorCode": "ValidationException", "ErrorResponse": reason}
    return {"ModelPackageSummaries": summaries, "BatchDescribeModelPackageErrorMap": errors}


def _wanted(account: Account, request: Document) -> Iterable[Document]:
    approval = request.get("ModelApprovalStatus")
    kind = request.get("ModelPackageType", "Unversioned")
    records: Iterable[Document]
    if "ModelPackageGroupName" in request:
        name = registry.group(account, request["ModelPackageGroupName"])["ModelPackageGroupName"]
        records = registry.packages_of(account, name)
        kind = request.get("ModelPackageType", "Both")
    else:
        records = account.store.list(PACKAGE)
    return (
        record
        for record in records
        if (approval is None or record.get("ModelApprovalStatus") == approval)
        and (kind == "Both" or ("ModelPackageVersion" in record) == (kind == "Versioned"))
    )
