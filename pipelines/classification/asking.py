"""Asks the endpoint about photos, several at a time."""

from __future__ import annotations

import json
import random
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from bestiary.labels import inference_id
from pipelines.classification.answers import Answer
from pipelines.errors import OperatorError
from pipelines.names import CLASSIFIER
from pipelines.place import reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipelines.classification.photos import Photo
    from pipelines.place import Place

AT_ONCE = 16
"""Requests under way: enough for full batches on two instances, far from their bound."""
MOST_BYTES = 6 * 1024 * 1024
"""What a real-time endpoint takes."""
_ATTEMPTS = 6
_LATER = {"ServiceUnavailable", "ModelNotReadyException", "InternalFailure", "ThrottlingException"}


def ask(place: Place, photos: Sequence[Photo], version: str) -> Iterator[Answer]:
    """Yield what the endpoint says of each photo, as it comes; a broken photo is an answer with an error.

    Parameters
    ----------
    place
        Where.
    photos
        In any order.
    version
        The version that serves, kept with what it cannot use.
    """
    runtime = place.client("sagemaker-runtime", connections=AT_ONCE)
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ask")
    try:
        asked = [pool.submit(_about, place, runtime, photo, version) for photo in photos]
        for done in as_completed(asked):
            yield done.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _about(place: Place, runtime: Any, photo: Photo, version: str) -> Answer:  # noqa: ANN401 - a boto3 client
    def failed(error: str, *, settled: bool = True) -> Answer:
        return Answer(
            photo.file,
            error=error,
            model_version=version,
            size=photo.size,
            changed=photo.changed,
            settled=settled,
        )

    try:
        body = photo.read(place)
        if len(body) > MOST_BYTES:
            return failed(
                f"{len(body) / 1e6:.1f} MB: an endpoint takes {MOST_BYTES / 1e6:.1f}, make it smaller"
            )
        said = _invoke(runtime, body, inference_id(photo.file))
    except OSError as error:
        return failed(f"cannot be read ({error.strerror})", settled=False)
    except OperatorError as error:
        return failed(str(error), settled=False)
    except ClientError as error:
        told: dict[str, Any] = dict(error.response)
        status = int(told.get("OriginalStatusCode", 500))
        message = _message(told.get("OriginalMessage", "")) or reason(error)
        return failed(message, settled=400 <= status < 500 and status not in (408, 429))
    except (BotoCoreError, ValueError) as error:
        return failed(str(error), settled=False)
    return Answer(
        file=photo.file,
        species=said["species"],
        common_name=said["common_name"],
        scientific_name=said["scientific_name"],
        confidence=said["confidence"],
        scores=said["scores"],
        model_version=said["model_version"],
        size=photo.size,
        changed=photo.changed,
    )


def _invoke(runtime: Any, body: bytes, name: str) -> dict[str, Any]:  # noqa: ANN401 - a boto3 client
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            answer = runtime.invoke_endpoint(
                EndpointName=CLASSIFIER,
                ContentType=_media_type(body),
                Accept="application/json",
                # By it a label that comes later finds what was said of this photo.
                InferenceId=name,
                Body=body,
            )
            said: dict[str, Any] = json.loads(answer["Body"].read())
        except ClientError as error:
            if attempt == _ATTEMPTS or not passes(error):
                raise
            # Everybody was refused at the same moment: come back at different ones.
            time.sleep(0.25 * 2**attempt * random.uniform(0.5, 1.0))  # noqa: S311 - not for secrets
        else:
            return said
    raise AssertionError("the last attempt returns or raises")


def passes(error: ClientError) -> bool:
    """Whether what an endpoint said against a request is over in a moment."""
    told: dict[str, Any] = dict(error.response)
    return told.get("Error", {}).get("Code") in _LATER or told.get("OriginalStatusCode") in (429, 503)


def _message(original: str) -> str:
    try:
        return str(json.loads(original)["error"])
    except (ValueError, KeyError, TypeError):
        return original.strip()


def _media_type(body: bytes) -> str:
    if body.startswith(b"\x89PNG"):
        return "image/png"
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    return "image/jpeg"
