"""A job's results, put to S3."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local.errors import AwsError
from infra.local.jobs import failures, keys
from infra.local.jobs.failures import JobFailedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.local.jobs.s3_uri import S3Uri
    from infra.local.objects import ObjectStore

_AT_ONCE = 8


def put_folder(objects: ObjectStore, folder: Path, to: S3Uri) -> None:
    """Put every file below a folder to S3, under its path relative to the folder.

    Raises
    ------
    JobFailedError
        When the bucket is not there or refuses, a file name cannot be a key, or the disk is full.
    """

    def put(path: Path) -> None:
        try:
            key = keys.of_file(folder, path)
        except ValueError as error:
            raise JobFailedError(f"ClientError: Data upload to {to} failed: {error}") from None
        put_file(objects, path, to.under(key))

    # Each waits for the disk; S3 commits together what comes together.
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for _ in pool.map(put, files(folder)):
            pass


def put_file(objects: ObjectStore, path: Path, to: S3Uri) -> None:
    """Put one file to S3; raises as `put_folder` does."""
    try:
        objects.put(to.bucket, to.key, path)
    except AwsError as error:
        reason = f"ClientError: Data upload to {to} failed: {error.code}: {error.message}"
        raise JobFailedError(failures.cut(reason)) from error
    except OSError as error:
        raise JobFailedError(failures.of_system(f"Data upload to {to}", error)) from error


def files(folder: Path) -> Iterator[Path]:
    """Yield every file below a folder, in the order of their names."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        yield from (path for name in sorted(names) if (path := Path(parent, name)).is_file())
