"""Asks a version about an archive in S3 by Batch Transform: machines of its own, and no endpoint."""

from __future__ import annotations

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipelines import s3
from pipelines.classification.answers import Answer
from pipelines.deployment import requests
from pipelines.deployment.served import CLASSIFIER
from pipelines.errors import OperatorError
from pipelines.place import reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipelines.classification.photos import Photo
    from pipelines.place import Place
    from pipelines.registry import Version

RESULTS = "bestiary/archives"
"""Prefix in the bucket of lists of photos and of what was said of them."""
LOGS = "/aws/sagemaker/TransformJobs"
_AT_ONCE = 8
"""Requests under way at each machine: full batches."""
_MOST_MB = 6
_READERS = 16
_POLL_SECONDS = 1.0
_ENDED = {"Completed", "Failed", "Stopped"}


def ask(
    place: Place, photos: Sequence[Photo], version: Version, *, machines: tuple[str, int]
) -> Iterator[Answer]:
    """Yield what a version says of each photo, once all have been asked about.

    Parameters
    ----------
    place
        Where.
    photos
        Of one bucket.
    version
        Which version.
    machines
        Instance type, and how many.

    Raises
    ------
    OperatorError
        Where the job cannot be made or said nothing at all.
    """
    name = f"bestiary-archive-{datetime.now(UTC):%Y%m%dt%H%M%S}-{uuid.uuid4().hex[:4]}"
    around = place.surroundings
    results = f"{RESULTS}/{name}"
    made = requests.create_model(name, version, around.jobs_role, CLASSIFIER, around.network)
    try:
        _list(place, photos, f"{results}/photos.json")
        place.sagemaker.create_model(**made.request)
        place.sagemaker.create_transform_job(**_request(place, name, results, machines))
        why = _followed(place, name)
    except ClientError as error:
        raise OperatorError(f"the archive could not be asked about: {reason(error)}") from None
    finally:
        _forget(place, name)
    store = place.client("s3", connections=_READERS)
    with ThreadPoolExecutor(_READERS, thread_name_prefix="archive") as pool:
        answers = list(pool.map(lambda photo: _answer(place, store, photo, results, version), photos))
    if why and not any(answer.species for answer in answers):
        raise OperatorError(f"{name} said nothing of any photo: {why}")
    yield from answers


def _list(place: Place, photos: Sequence[Photo], key: str) -> None:
    bucket, _ = s3.split(photos[0].file)
    names = [s3.split(photo.file)[1] for photo in photos]
    body = json.dumps([{"prefix": f"s3://{bucket}/"}, *names]).encode()
    place.s3.put_object(Bucket=place.surroundings.bucket, Key=key, Body=body, ContentType="application/json")


def _request(place: Place, name: str, results: str, machines: tuple[str, int]) -> Any:  # noqa: ANN401 - a request
    base = f"s3://{place.surroundings.bucket}/{results}"
    return {
        "TransformJobName": name,
        "ModelName": name,
        "MaxConcurrentTransforms": _AT_ONCE,
        "MaxPayloadInMB": _MOST_MB,
        "BatchStrategy": "SingleRecord",
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "ManifestFile", "S3Uri": f"{base}/photos.json"}},
            # What a picture really is, the program sees for itself.
            "ContentType": "image/jpeg",
        },
        "TransformOutput": {"S3OutputPath": f"{base}/answers", "Accept": "application/json"},
        "TransformResources": {"InstanceType": machines[0], "InstanceCount": machines[1]},
        "Tags": [{"Key": "project", "Value": "bestiary"}],
    }


def _followed(place: Place, name: str) -> str:
    """Wait for the job's end; why it failed, empty where it did not."""
    try:
        while True:
            told = place.sagemaker.describe_transform_job(TransformJobName=name)
            if told["TransformJobStatus"] in _ENDED:
                return told.get("FailureReason", "")
            time.sleep(_POLL_SECONDS)
    except KeyboardInterrupt:
        place.sagemaker.stop_transform_job(TransformJobName=name)
        raise


def _forget(place: Place, name: str) -> None:
    try:
        place.sagemaker.delete_model(ModelName=name)
    except ClientError:  # it was not made
        return


def _answer(place: Place, store: Any, photo: Photo, results: str, version: Version) -> Answer:  # noqa: ANN401 - a boto3 client
    number = str(version.version)
    key = f"{results}/answers/{s3.split(photo.file)[1]}.out"
    try:
        said = json.loads(store.get_object(Bucket=place.surroundings.bucket, Key=key)["Body"].read())
    except ClientError:
        return Answer(
            photo.file,
            error=f"no answer; the log group {LOGS} says why",
            model_version=number,
            size=photo.size,
            changed=photo.changed,
        )
    return Answer(
        file=photo.file,
        species=said["species"],
        common_name=said["common_name"],
        scientific_name=said["scientific_name"],
        confidence=said["confidence"],
        scores=said["scores"],
        model_version=number,
        size=photo.size,
        changed=photo.changed,
    )
