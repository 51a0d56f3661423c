"""The inbox: labelled photos that the next retraining learns from, beside those of its data."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from pipelines import s3
from pipelines.errors import OperatorError, UsageError
from pipelines.place import reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bestiary.labels import Labelled
    from pipelines.place import Place

PREFIX = "bestiary/inbox"
_NOTE = b"One folder a species, in it its photos: bear/1.jpg, cat/2.jpg. The next retraining takes them.\n"
_WORKERS = 8


def uri(place: Place) -> str:
    """Return the inbox's S3 prefix, and see that it exists: a job's input has to hold something."""
    bucket = place.surroundings.bucket
    there = place.s3.list_objects_v2(Bucket=bucket, Prefix=f"{PREFIX}/", MaxKeys=1)
    if not there.get("Contents"):
        s3.write(place, f"s3://{bucket}/{PREFIX}/README.txt", _NOTE, "text/plain")
    return f"s3://{bucket}/{PREFIX}/"


def put(place: Place, labels: Sequence[Labelled]) -> int:
    """Put labelled photos into the inbox, below their species and site, and return how many these are.

    A photo is named for its content: one whose label was corrected moves.

    Raises
    ------
    UsageError
        Where a label names no file, a species or site cannot be a folder, or a photo cannot be read.
    OperatorError
        Where S3 refuses.
    """
    folders = {each.file: _folder(each) for each in labels}
    bucket, prefix = s3.split(uri(place))

    def put_one(file: str) -> str:
        body = _read(place, file)
        name = f"{hashlib.sha256(body).hexdigest()[:32]}{PurePosixPath(file).suffix.lower()}"
        place.s3.put_object(Bucket=bucket, Key=f"{prefix}{folders[file]}/{name}", Body=body)
        return f"{prefix}{folders[file]}/{name}"

    try:
        with ThreadPoolExecutor(_WORKERS) as pool:
            kept = set(pool.map(put_one, folders))
        names = {key.rpartition("/")[2] for key in kept}
        pages = place.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for key in [item["Key"] for page in pages for item in page.get("Contents", [])]:
            if key not in kept and key.rpartition("/")[2] in names:
                place.s3.delete_object(Bucket=bucket, Key=key)
    except ClientError as error:
        raise OperatorError(f"s3://{bucket}/{prefix}: {reason(error)}") from None
    return len(kept)


def _folder(labelled: Labelled) -> str:
    """Return a photo's place below the inbox: its species, and its site where that is known."""
    if not labelled.file:
        raise UsageError(f"{labelled.id}: --photos needs the column file: an id alone leads to no photo")
    parts = [labelled.label.species, *filter(None, [labelled.label.site])]
    for part in parts:
        if "/" in part or part.startswith("."):
            raise UsageError(f"{labelled.file}: {part!r} cannot be the name of a folder")
    return "/".join(parts)


def _read(place: Place, file: str) -> bytes:
    if file.startswith("s3://"):
        return s3.read(place, file)
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise UsageError(
            f"{file}: cannot be read ({error.strerror}): photos are looked for where the table says, "
            "from the folder in which you are"
        ) from None
