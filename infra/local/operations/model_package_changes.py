"""Model packages: create and update."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra.local import caller, registry, resources
from infra.local.errors import AwsError, validation
from infra.local.jobs.s3_uri import S3Uri
from infra.local.operations import operation
from infra.local.pipeline import tokens
from infra.local.registry import GROUP, PACKAGE

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.operations import Document

_MOST_PROPERTIES = 50
_REPLACED = (
    "ModelApprovalStatus",
    "ApprovalDescription",
    "ModelPackageRegistrationType",
    "InferenceSpecification",
    "SourceUri",
    "ModelLifeCycle",
)


@operation("sagemaker", "CreateModelPackage")
def create(account: Account, request: Document) -> Document:
    """Add a version to a group, or a package of its own; once for one ``ClientToken``."""
    _check(request)
    if "ClientToken" not in request:
        return {"ModelPackageArn": _add(account, request)}
    arn = tokens.once(
        account.store,
        "CreateModelPackage",
        {**request, "ClientRequestToken": request["ClientToken"]},
        lambda: _add(account, request),
        lambda arn: account.store.get(PACKAGE, registry.key(account, PACKAGE, arn)),
    )
    return {"ModelPackageArn": arn}


@operation("sagemaker", "UpdateModelPackage")
def update(account: Account, request: Document) -> Document:
    """Change what the request gives and leave the rest."""
    arn = registry.package(account, request["ModelPackageArn"])["ModelPackageArn"]
    name = registry.key(account, PACKAGE, arn)
    account.store.update(PACKAGE, name, lambda record: _updated(account, record, request))
    return {"ModelPackageArn": arn}


def _check(request: Document) -> None:
    versioned, named = "ModelPackageGroupName" in request, "ModelPackageName" in request
    if versioned and named:
        raise validation(
            "Both ModelPackageName and ModelPackageGroupName are provided in the input. Cannot determine "
            "which one to use."
        )
    if not versioned and not named:
        raise validation("Missing ARN.")
    if versioned and request.get("Tags"):
        raise validation("A model package version takes the tags of its group: Tags are not allowed for it.")
    if named and "ModelApprovalStatus" in request:
        raise validation("ModelApprovalStatus does not apply to unversioned model packages.")
    if "SourceAlgorithmSpecification" in request:
        raise validation("The local SageMaker has no algorithms: give an InferenceSpecification.")
    if "ValidationSpecification" in request and request.get("SkipModelValidation") != "All":
        raise validation(
            "The local SageMaker runs no validation jobs: leave out ValidationSpecification, or set "
            "SkipModelValidation to All."
        )


def _add(account: Account, request: Document) -> str:
    given = {name: value for name, value in request.items() if name not in {"ClientToken", "Tags"}}
    now = datetime.now(UTC)
    record = {
        **given,
        "CreationTime": now,
        "LastModifiedTime": now,
        "CreatedBy": caller.identity(account),
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
    }
    if "InferenceSpecification" in given:
        record["InferenceSpecification"] = _identified(account, given["InferenceSpecification"])
    with registry.LOCK:
        if "ModelPackageGroupName" in given:
            record |= _versioned(account, given)
        version = f"/{record['ModelPackageVersion']}" if "ModelPackageVersion" in record else ""
        name = f"{record['ModelPackageName']}{version}"
        arn = account.arn(PACKAGE, name)
        record["ModelPackageArn"] = arn
        taken = validation(f'Cannot create already existing model package "{arn}".')
        resources.add(account.store, PACKAGE, name, record, arn=arn, tagged=request.get("Tags"), taken=taken)
    return arn


def _versioned(account: Account, given: Document) -> Document:
    """Take the next number of the group; the group keeps count, so that no number comes twice."""
    group = registry.group(account, given["ModelPackageGroupName"])["ModelPackageGroupName"]
    counted = account.store.update(
        GROUP, group, lambda record: {**record, "LastVersion": record["LastVersion"] + 1}
    )
    return {
        "ModelPackageName": group,
        "ModelPackageGroupName": group,
        "ModelPackageVersion": counted["LastVersion"],
        "ModelApprovalStatus": given.get("ModelApprovalStatus", "PendingManualApproval"),
    }


def _identified(account: Account, specification: Document) -> Document:
    """Add what pins the containers: the image's digest and the ETag of the model's data."""
    containers = []
    for container in specification["Containers"]:
        pinned = dict(container)
        _, at, digest = container.get("Image", "").partition("@")
        if at:
            pinned.setdefault("ImageDigest", digest)
        with suppress(AwsError, ValueError, KeyError):
            data = S3Uri.parse(container["ModelDataUrl"])
            pinned["ModelDataETag"] = account.objects.info(data.bucket, data.key).etag
        containers.append(pinned)
    return {**specification, "Containers": containers}


def _updated(account: Account, record: Document, request: Document) -> Document:
    changed = {
        **record,
        **{name: request[name] for name in _REPLACED if name in request},
        "LastModifiedTime": datetime.now(UTC),
        "LastModifiedBy": caller.identity(account),
    }
    gone = set(request.get("CustomerMetadataPropertiesToRemove", ()))
    kept = {n: v for n, v in record.get("CustomerMetadataProperties", {}).items() if n not in gone}
    properties = kept | request.get("CustomerMetadataProperties", {})
    if len(properties) > _MOST_PROPERTIES:
        raise validation(
            f"CustomerMetadataProperties would be {len(properties)}; {_MOST_PROPERTIES} are allowed."
        )
    changed["CustomerMetadataProperties"] = properties or None
    if "ModelCard" in request:
        changed["ModelCard"] = {**record.get("ModelCard", {}), **request["ModelCard"]}
    if "AdditionalInferenceSpecificationsToAdd" in request:
        added = request["AdditionalInferenceSpecificationsToAdd"]
        changed["AdditionalInferenceSpecifications"] = [
            *record.get("AdditionalInferenceSpecifications", []),
            *added,
        ]
    return changed
