"""Photos from a folder to a prefix named for what is in them."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from pipelines.errors import OperatorError
from pipelines.place import reason

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipelines.place import Place

_WORKERS = 8


@dataclass(frozen=True)
class _File:
    path: Path
    name: str
    sha256: str


def upload_photos(place: Place, folder: Path, say: Callable[[str], None]) -> str:
    """Upload what is not there yet; an upload that was cut goes on where it stopped.

    Parameters
    ----------
    place
        Where.
    folder
        Holds one folder a species, and ``metadata.csv`` where there is one.
    say
        Told of each file and folder left out, and of the upload.

    Returns
    -------
    str
        ``s3://bucket/bestiary/data/<digest of names and contents>/``.

    Raises
    ------
    OperatorError
        Where nothing can be read, or S3 refuses.
    """
    files = _readable(folder, say)
    if not files:
        raise OperatorError(f"{folder}: no file in it can be read")
    lines = "".join(f"{file.name}\0{file.sha256}\n" for file in files)
    bucket = place.surroundings.bucket
    prefix = f"bestiary/data/{hashlib.sha256(lines.encode()).hexdigest()[:24]}/"
    try:
        there = _keys(place, bucket, prefix)
        missing = [file for file in files if prefix + file.name not in there]
        if missing:
            say(f"uploading {len(missing)} of {len(files)} files to s3://{bucket}/{prefix}")
        with ThreadPoolExecutor(_WORKERS) as pool:
            for _ in pool.map(lambda file: _put(place, file, bucket, prefix + file.name), missing):
                pass
    except (ClientError, BotoCoreError) as error:
        raise OperatorError(f"the photos could not be uploaded: {reason(error)}") from None
    return f"s3://{bucket}/{prefix}"


def _readable(folder: Path, say: Callable[[str], None]) -> list[_File]:
    found = []
    for species in sorted(entry for entry in folder.iterdir() if not entry.name.startswith(".")):
        if species.is_dir():
            files = [
                path for path in sorted(species.rglob("*")) if path.is_file() and not _hidden(path, folder)
            ]
            if not files:
                say(f"{species.name}/: the folder is empty; this species is left out")
            found += files
        elif species.name == "metadata.csv":
            found.append(species)
        else:
            say(f"{species.name}: not in a species' folder; left out")
    with ThreadPoolExecutor(_WORKERS) as pool:
        read = pool.map(lambda path: _read(path, folder, say), found)
        return [file for file in read if file]


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _read(path: Path, folder: Path, say: Callable[[str], None]) -> _File | None:
    name = path.relative_to(folder).as_posix()
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        say(f"{name}: cannot be read ({error.strerror}); left out")
        return None
    return _File(path, name, digest)


def _keys(place: Place, bucket: str, prefix: str) -> set[str]:
    pages = place.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return {item["Key"] for page in pages for item in page.get("Contents", [])}


def _put(place: Place, file: _File, bucket: str, key: str) -> None:
    with file.path.open("rb") as body:
        place.s3.put_object(Bucket=bucket, Key=key, Body=body, Metadata={"sha256": file.sha256})
