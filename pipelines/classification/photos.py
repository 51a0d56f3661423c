"""Finds the photos that an operator means."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from pipelines import s3
from pipelines.errors import OperatorError, UsageError
from pipelines.place import reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.place import Place

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic")
"""What in a folder is taken for a photo; the endpoint says of some that it does not read them."""


@dataclass(frozen=True)
class Photo:
    """One photo, unread.

    Attributes
    ----------
    file
        Its path, relative where the operator's was, or its ``s3://`` URI.
    size
        Bytes.
    changed
        What differs once it is another photo: its time of modification in nanoseconds, or its ETag.
    """

    file: str
    size: int
    changed: str

    def read(self, place: Place) -> bytes:
        """Read it whole.

        Raises
        ------
        OSError, OperatorError
            Where it cannot be read.
        """
        return s3.read(place, self.file) if self.file.startswith("s3://") else Path(self.file).read_bytes()


def find(place: Place, what: str) -> list[Photo]:
    """Find the photos of a file, a folder with all its folders, or an S3 prefix, sorted by name.

    Raises
    ------
    UsageError
        Where there is no such thing.
    OperatorError
        Where it holds no photo.
    """
    if what.startswith("s3://"):
        found = sorted(_in_s3(place, what), key=lambda photo: photo.file)
    else:
        found = sorted(_on_disk(Path(what).expanduser()), key=lambda photo: photo.file)
    if not found:
        raise OperatorError(f"{what}: there is no photo in it ({', '.join(SUFFIXES[:4])})")
    return found


def _on_disk(path: Path) -> Iterator[Photo]:
    if path.is_file():
        yield _of_file(path)
    elif path.is_dir():
        for folder, folders, names in os.walk(path):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                if _is_photo(name):
                    yield _of_file(Path(folder, name))
    else:
        raise UsageError(f"{path}: there is no such file or folder")


def _of_file(path: Path) -> Photo:
    try:
        about = path.stat()
    except OSError:
        # A dangling link: reading it will say so, in its own line.
        return Photo(str(path), 0, "")
    return Photo(str(path), about.st_size, str(about.st_mtime_ns))


def _in_s3(place: Place, uri: str) -> Iterator[Photo]:
    bucket, key = s3.split(uri)
    try:
        pages = place.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
        for page in pages:
            for item in page.get("Contents", []):
                if item["Key"] == key or (_under(item["Key"], key) and _is_photo(item["Key"])):
                    etag = item["ETag"].strip('"')
                    yield Photo(f"s3://{bucket}/{item['Key']}", item["Size"], etag)
    except ClientError as error:
        raise OperatorError(f"{uri}: cannot be read: {reason(error)}") from None


def _under(key: str, prefix: str) -> bool:
    return not prefix or prefix.endswith("/") or key.startswith(prefix + "/")


def _is_photo(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) and not name.rpartition("/")[2].startswith(".")
