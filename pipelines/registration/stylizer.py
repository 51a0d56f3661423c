"""A stylizer's way into the registry: its archive into versioned S3, a model package that vouches for it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipelines import registry
from pipelines.errors import OperatorError
from pipelines.names import PICTURES, STYLIZER
from pipelines.place import reason

if TYPE_CHECKING:
    from pipelines.place import Place
    from pipelines.registration.making import Made
    from pipelines.registry import Version

INSTANCES = ["ml.g4dn.xlarge", "ml.g5.xlarge", "ml.m5.xlarge"]
_LONGEST = 256
_FORBIDDEN = re.compile(r"[^\w\s.:/=+@-]")
"""What the value of a customer's property may not hold."""


def register(place: Place, made: Made, why: str) -> tuple[Version, bool]:
    """Register a stylizer.

    Parameters
    ----------
    place
        Where.
    made
        What.
    why
        In the operator's words, kept with the version.

    Returns
    -------
    The version, pending approval, and whether it is new: the very bytes of the newest one are not registered
    twice.

    Raises
    ------
    OperatorError
        The account refuses it.
    """
    known = registry.versions(place, STYLIZER)
    if known and known[0].sha256 == made.sha256:
        return known[0], False
    try:
        uri, version_id = _uploaded(place, made)
        _group(place)
        parent = registry.approved(place, STYLIZER)
        request = _request(made, place.surroundings.serving_image, uri)
        request["CustomerMetadataProperties"] |= {
            "artifact_version_id": version_id,
            "parent": str(parent.version) if parent else "none",
        }
        if why:
            request["ModelPackageDescription"] = why
        if commit := os.environ.get("BESTIARY_COMMIT"):
            request["MetadataProperties"] = {"CommitId": commit}
        arn = place.sagemaker.create_model_package(**request)["ModelPackageArn"]
    except ClientError as error:
        raise OperatorError(f"the stylizer could not be registered: {reason(error)}") from None
    return registry.describe(place, arn), True


def _uploaded(place: Place, made: Made) -> tuple[str, str]:
    """Put the archive where its content names it; nothing is ever written there twice."""
    bucket = place.surroundings.bucket
    key = f"{PICTURES}/models/{made.sha256[:24]}/model.tar.gz"
    uri = f"s3://{bucket}/{key}"
    try:
        with made.archive.open("rb") as body:
            place.s3.put_object(Bucket=bucket, Key=key, Body=body, IfNoneMatch="*")
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "PreconditionFailed":
            raise
    there = place.s3.head_object(Bucket=bucket, Key=key)
    return uri, there.get("VersionId", "null")


def _group(place: Place) -> None:
    try:
        place.sagemaker.describe_model_package_group(ModelPackageGroupName=STYLIZER)
    except ClientError:
        place.sagemaker.create_model_package_group(
            ModelPackageGroupName=STYLIZER, Tags=[{"Key": "project", "Value": "bestiary"}]
        )


def _request(made: Made, image: str, uri: str) -> dict[str, Any]:
    about = {
        f"uses_{method}": _FORBIDDEN.sub(" ", text)[:_LONGEST].strip() for method, text in made.about.items()
    }
    return {
        "ModelPackageGroupName": STYLIZER,
        "InferenceSpecification": {
            "Containers": [{"Image": image, "ModelDataUrl": uri}],
            "SupportedContentTypes": ["multipart/form-data", "application/json"],
            "SupportedResponseMIMETypes": ["image/jpeg", "image/png"],
            "SupportedRealtimeInferenceInstanceTypes": INSTANCES,
        },
        "ModelApprovalStatus": "PendingManualApproval",
        "CustomerMetadataProperties": {
            "model": _FORBIDDEN.sub(" ", made.name)[:_LONGEST].strip() or "stylizer",
            "methods": " ".join(made.methods),
            "sha256": made.sha256,
            **about,
        },
        "Domain": "COMPUTER_VISION",
        "Task": "OTHER",
        "SkipModelValidation": "All",
    }
