"""Single S3 objects: the few things an operator's commands read and write."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from pipelines.errors import OperatorError
from pipelines.place import reason

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.place import Place


def split(uri: str) -> tuple[str, str]:
    """Bucket and key of ``s3://bucket/key``."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def read(place: Place, uri: str) -> bytes:
    """Read an object whole.

    Raises
    ------
    OperatorError
        Where it is not there or may not be read.
    """
    bucket, key = split(uri)
    try:
        return place.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        raise OperatorError(f"{uri}: {reason(error)}") from None


def write(place: Place, uri: str, body: bytes, content_type: str) -> None:
    """Write an object."""
    bucket, key = split(uri)
    place.s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)


def sha256(place: Place, uri: str) -> tuple[str, str]:
    """Digest of an object's bytes as they are now, in hex, and its VersionId.

    Raises
    ------
    OperatorError
        Where it is not there or may not be read.
    """
    bucket, key = split(uri)
    digest = hashlib.sha256()
    try:
        answer = place.s3.get_object(Bucket=bucket, Key=key)
        for chunk in answer["Body"].iter_chunks(1 << 20):
            digest.update(chunk)
    except ClientError as error:
        raise OperatorError(f"{uri}: {reason(error)}") from None
    return digest.hexdigest(), answer.get("VersionId", "null")


def upload_file(place: Place, path: Path, prefix: str) -> str:
    """Put a file under a prefix named for its content, unless it is there; return that prefix's URI."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()[:24]
    bucket = place.surroundings.bucket
    folder = f"{prefix}/{digest}"
    key = f"{folder}/{path.name}"
    there = place.s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)
    if not there.get("Contents"):
        place.s3.upload_file(str(path), bucket, key)
    return f"s3://{bucket}/{folder}/"
