"""What the monitor compares: the live version's answers with its baseline, or with their labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipelines import registry
from pipelines.deployment.endpoint import live_version
from pipelines.errors import OperatorError
from pipelines.monitoring.programs import FOLDER, MONITOR
from pipelines.names import CLASSIFIER
from pipelines.place import reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.monitoring.programs import Program
    from pipelines.place import Place

RESULTS = "bestiary/monitoring"
"""Prefix in the bucket of what monitor jobs find."""
BASELINES = f"bestiary/baselines/{CLASSIFIER}"
"""Prefix of baselines made of what the endpoint was sent; they go before those of the training."""
GROUND_TRUTH = f"bestiary/ground-truth/{CLASSIFIER}"
"""Prefix of the labels that people gave, as Model Monitor merges them."""
CLUSTER = {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30}
LONGEST = {"MaxRuntimeInSeconds": 3600}


@dataclass(frozen=True)
class Watched:
    """A version and what a job compares it with.

    Attributes
    ----------
    version
        Its number.
    uris
        Where that is in S3, by the parameter that says so.
    """

    version: int
    uris: Mapping[str, str]

    @property
    def environment(self) -> dict[str, str]:
        """What a monitor job has to know beside what Model Monitor tells it."""
        return {"BESTIARY_MODEL_VERSION": str(self.version)}


def live(place: Place) -> int:
    """Return the version that answers.

    Raises
    ------
    OperatorError
        Where none does.
    """
    version = live_version(place)
    if version is None:
        raise OperatorError("nothing is deployed, so there is nothing to watch: bestiary deploy")
    return version


def read(place: Place, program: Program) -> Watched:
    """Find the live version, and what a job compares it with.

    Raises
    ------
    OperatorError
        Where nothing is live, or there is nothing to compare it with.
    """
    version = live(place)
    found = _baseline(place, version) if program is MONITOR else _quality(place, version)
    return Watched(version, found)


def _baseline(place: Place, version: int) -> dict[str, str]:
    bucket = place.surroundings.bucket
    own = f"{BASELINES}/v{version}/"
    there = place.s3.list_objects_v2(Bucket=bucket, Prefix=own).get("Contents", [])
    if {f"{own}statistics.json", f"{own}constraints.json"} <= {item["Key"] for item in there}:
        folder = f"s3://{bucket}/{own}"
        return {"StatisticsUri": f"{folder}statistics.json", "ConstraintsUri": f"{folder}constraints.json"}
    quality = _package(place, version).get("DriftCheckBaselines", {}).get("ModelDataQuality", {})
    try:
        return {
            "StatisticsUri": quality["Statistics"]["S3Uri"],
            "ConstraintsUri": quality["Constraints"]["S3Uri"],
        }
    except KeyError:
        raise OperatorError(
            f"version {version} was registered without a baseline: "
            "bestiary baseline makes one of what the endpoint was sent"
        ) from None


def _quality(place: Place, version: int) -> dict[str, str]:
    bucket = place.surroundings.bucket
    if not place.s3.list_objects_v2(Bucket=bucket, Prefix=f"{GROUND_TRUTH}/", MaxKeys=1).get("Contents"):
        raise OperatorError("nobody has labelled what the endpoint was sent: bestiary label FILE.csv")
    metrics = _package(place, version).get("ModelMetrics", {}).get("ModelQuality", {}).get("Statistics", {})
    if "S3Uri" not in metrics:
        raise OperatorError(
            f"version {version} was registered without its metrics: there is nothing to compare with"
        )
    return {"MetricsUri": metrics["S3Uri"], "GroundTruthUri": f"s3://{bucket}/{GROUND_TRUTH}/"}


def _package(place: Place, version: int) -> dict[str, Any]:
    arn = registry.find(place, version).arn
    try:
        return dict(place.sagemaker.describe_model_package(ModelPackageName=arn))
    except ClientError as error:
        raise OperatorError(reason(error)) from None


def given(name: str, uri: object, path: str) -> dict[str, Any]:
    """Write an input of a processing job."""
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": f"{FOLDER}/{path}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
        },
    }
