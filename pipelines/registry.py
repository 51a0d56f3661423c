"""The versions in the model registry."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from pipelines import s3
from pipelines.deployment.endpoint import live_version
from pipelines.deployment.served import of_group
from pipelines.errors import OperatorError, UsageError
from pipelines.names import CLASSIFIER
from pipelines.place import reason

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from pipelines.place import Place

Decision = Literal["Approved", "Rejected"]


@dataclass(frozen=True)
class Version:
    """One registered version.

    Attributes
    ----------
    version
        Its number in the group, from 1.
    arn
        Its model package.
    approval
        PendingManualApproval, Approved or Rejected.
    live
        Whether an endpoint serves it.
    model
        Which candidate it is; a stylizer's name.
    methods
        What a stylizer can do; none for a classifier.
    accuracy, macro_f1
        On the test photos of its run, 0 to 1; NaN for a stylizer.
    created
        When it was registered.
    artifact
        S3 URI of its archive.
    version_id
        S3 VersionId of the archive, empty until it was first checked.
    sha256
        Digest of the archive.
    commit
        Code it was trained by.
    parent
        Version approved at the time, ``None`` where there was none.
    test_set
        S3 prefix of the test part that it was measured on, empty where that was not written down.
    data_digest, test_digest
        Of all its photos, and of those that it was measured on.
    automatic
        Whether it was made by a retraining that needs nobody's approval.
    """

    version: int
    arn: str
    approval: str
    live: bool
    model: str
    methods: tuple[str, ...]
    accuracy: float
    macro_f1: float
    created: datetime
    artifact: str
    version_id: str
    sha256: str
    commit: str
    parent: int | None
    test_set: str = ""
    data_digest: str = ""
    test_digest: str = ""
    automatic: bool = False


def versions(place: Place, group: str = CLASSIFIER) -> list[Version]:
    """All versions of a group, newest first; none where nothing was registered yet."""
    try:
        pages = place.sagemaker.get_paginator("list_model_packages").paginate(
            ModelPackageGroupName=group, SortBy="CreationTime", SortOrder="Descending"
        )
        arns = [package["ModelPackageArn"] for page in pages for package in page["ModelPackageSummaryList"]]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in {"ResourceNotFound", "ValidationException"}:
            return []
        raise OperatorError(reason(error)) from None
    live = {live_version(place, served) for served in of_group(group)} if arns else set()
    return sorted((describe(place, arn, live) for arn in arns), key=lambda version: -version.version)


def describe(place: Place, arn: str, live: Collection[int | None] = ()) -> Version:
    """Read one version by the ARN of its model package; `live` are those that endpoints serve."""
    told = place.sagemaker.describe_model_package(ModelPackageName=arn)
    carried = told.get("CustomerMetadataProperties", {})
    parent = carried.get("parent", "none")
    return Version(
        version=told["ModelPackageVersion"],
        arn=arn,
        approval=told.get("ModelApprovalStatus", ""),
        live=told["ModelPackageVersion"] in live,
        model=carried.get("model", ""),
        methods=tuple(carried.get("methods", "").split()),
        accuracy=float(carried.get("accuracy", "nan")),
        macro_f1=float(carried.get("macro_f1", "nan")),
        created=told["CreationTime"],
        artifact=told["InferenceSpecification"]["Containers"][0].get("ModelDataUrl", ""),
        version_id=carried.get("artifact_version_id", ""),
        sha256=carried.get("sha256", ""),
        commit=told.get("MetadataProperties", {}).get("CommitId", ""),
        parent=int(parent) if parent.isdigit() else None,
        test_set=carried.get("test_set", ""),
        data_digest=carried.get("data_digest", ""),
        test_digest=carried.get("test_digest", ""),
        automatic=carried.get("approval") == "automatic",
    )


def find(place: Place, number: int, group: str = CLASSIFIER) -> Version:
    """One version by number.

    Raises
    ------
    UsageError
        Where there is none.
    """
    known = versions(place, group)
    for version in known:
        if version.version == number:
            return version
    if not known:
        how = "bestiary run" if group == CLASSIFIER else "bestiary register-stylizer"
        raise UsageError(f"there is no version {number}, nor any other: {how} registers one")
    there = ", ".join(str(version.version) for version in reversed(known))
    raise UsageError(f"there is no version {number}; there are: {there}")


def approved(place: Place, group: str = CLASSIFIER) -> Version | None:
    """Return the newest approved version, ``None`` where there is none."""
    return next((version for version in versions(place, group) if version.approval == "Approved"), None)


def check_artifact(place: Place, version: Version) -> str:
    """Compare the archive in S3 with the digest that was registered, and write down its VersionId.

    No shape of a model package takes an S3 VersionId, and the pipeline ends before S3 gives one: so it
    stands among the customer's properties, from the first check on.

    Returns
    -------
    str
        The VersionId.

    Raises
    ------
    OperatorError
        Where the archive is gone or another.
    """
    digest, version_id = s3.sha256(place, version.artifact)
    if digest != version.sha256:
        raise OperatorError(
            f"version {version.version}: {version.artifact} is not what was registered: "
            f"sha256 {digest[:12]}…, registered {version.sha256[:12]}…"
        )
    if version.version_id != version_id:
        place.sagemaker.update_model_package(
            ModelPackageArn=version.arn, CustomerMetadataProperties={"artifact_version_id": version_id}
        )
    return version_id


def is_checked(place: Place, version: Version) -> bool:
    """Whether the archive in S3 still is the very object that was compared with its digest before.

    One request instead of the whole archive: S3 never changes the bytes behind a VersionId.
    """
    bucket, key = s3.split(version.artifact)
    try:
        there = place.s3.head_object(Bucket=bucket, Key=key).get("VersionId", "null")
    except ClientError:
        return False
    return there == version.version_id and there != "null"


def decide(place: Place, number: int, decision: Decision, why: str, group: str = CLASSIFIER) -> Version:
    """Approve or reject a version; an approval checks its archive first.

    Raises
    ------
    UsageError
        Where there is no such version.
    OperatorError
        Where its archive is not what was registered.
    """
    version = find(place, number, group)
    if decision == "Approved":
        check_artifact(place, version)
        # The evaluate job reads the archive's folder and has no other way to learn the number, or whether it
        # asks about photos that the version may have learnt from.
        folder = version.artifact.rpartition("/")[0]
        digests = {"data_digest": version.data_digest, "test_digest": version.test_digest}
        body = json.dumps({"version": number, **digests}).encode()
        s3.write(place, f"{folder}/version.json", body, "application/json")
    place.sagemaker.update_model_package(
        ModelPackageArn=version.arn,
        ModelApprovalStatus=decision,
        ApprovalDescription=why or f"{decision.lower()} with bestiary",
    )
    return describe(place, version.arn, {version.version} if version.live else ())
