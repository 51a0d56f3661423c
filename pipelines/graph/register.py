"""What a version carries in the model registry, so that it can be traced without opening the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sagemaker.core.workflow.functions import Join

from pipelines.names import CLASSIFIER

if TYPE_CHECKING:
    from collections.abc import Callable

CONTENT_TYPES = ["image/jpeg", "image/png", "image/webp", "application/json", "application/jsonlines"]
RESPONSE_TYPES = ["application/json", "text/csv"]
REAL_TIME = ["ml.g4dn.xlarge", "ml.g5.xlarge", "ml.m5.xlarge"]


def register_request(  # noqa: PLR0913 - one argument for each thing a version is traced by
    *,
    image: str,
    champion: object,
    evaluation: object,
    made_by: object,
    parent: object,
    test: object,
    approval: object,
    found: Callable[[str], Any],
) -> dict[str, Any]:
    """Request of CreateModelPackage for the champion.

    Nothing in it names the execution, so the same result asks for the same registration.

    Parameters
    ----------
    image
        Serving image, by digest.
    champion, evaluation
        S3 prefixes of the champion's archive and of the evaluation.
    made_by
        ARN of the job that chose the champion.
    parent
        Version that was approved when this one was made, or ``none``.
    test
        S3 prefix of the test part that it was measured on, which retrainings keep.
    approval
        Who approves it, ``manual`` or ``automatic``.
    found
        Reads a path of evaluation.json.
    """

    def text(path: str) -> Join:
        return Join(on="", values=[found(path)])

    metrics = {
        "ContentType": "application/json",
        "S3Uri": Join(on="/", values=[evaluation, "metrics.json"]),
        "ContentDigest": Join(on=":", values=["sha256", found("metrics.sha256")]),
    }

    def baseline(name: str) -> dict[str, Any]:
        return {
            "ContentType": "application/json",
            "S3Uri": Join(on="/", values=[evaluation, "baseline", f"{name}.json"]),
            "ContentDigest": Join(on=":", values=["sha256", found(f"baseline.{name}.sha256")]),
        }

    usual = {"Statistics": baseline("statistics"), "Constraints": baseline("constraints")}
    return {
        "ModelPackageGroupName": CLASSIFIER,
        "ModelPackageDescription": Join(
            on=" ", values=[found("champion.name"), "with test accuracy", found("champion.accuracy")]
        ),
        "InferenceSpecification": {
            "Containers": [{"Image": image, "ModelDataUrl": Join(on="/", values=[champion, "model.tar.gz"])}],
            "SupportedContentTypes": CONTENT_TYPES,
            "SupportedResponseMIMETypes": RESPONSE_TYPES,
            "SupportedRealtimeInferenceInstanceTypes": REAL_TIME,
            "SupportedTransformInstanceTypes": REAL_TIME,
        },
        "ModelApprovalStatus": "PendingManualApproval",
        "ModelMetrics": {"ModelQuality": {"Statistics": metrics}, "ModelDataQuality": usual},
        "DriftCheckBaselines": {"ModelQuality": {"Statistics": metrics}, "ModelDataQuality": usual},
        "MetadataProperties": {"CommitId": text("lineage.commit"), "GeneratedBy": made_by},
        "CustomerMetadataProperties": {
            "model": text("champion.name"),
            "accuracy": text("champion.accuracy"),
            "macro_f1": text("champion.macro_f1"),
            "sha256": text("champion.sha256"),
            "data_digest": text("lineage.data_digest"),
            "jobs_image": text("lineage.image"),
            "parent": parent,
            "test_set": Join(on="", values=[test]),
            "test_digest": text("data.test_digest"),
            "approval": approval,
        },
        "Domain": "COMPUTER_VISION",
        "Task": "IMAGE_CLASSIFICATION",
        "SkipModelValidation": "All",
    }
