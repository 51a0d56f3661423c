"""A job's inputs, fetched from S3 into its folder."""

from __future__ import annotations

import gzip
import itertools
import json
import shutil
from typing import TYPE_CHECKING, Any, NamedTuple

from infra.local.errors import AwsError
from infra.local.jobs import failures, keys
from infra.local.jobs.failures import JobFailedError
from infra.local.jobs.s3_uri import S3Uri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from infra.local.jobs.plan import Input
    from infra.local.objects import ObjectStore

_FAILED = "ClientError: Data download failed:"


class Item(NamedTuple):
    """One object of an input.

    Attributes
    ----------
    source
        Where it is.
    path
        Its path relative to the folder, or prefix, that the input's objects go to.
    """

    source: S3Uri
    path: str


def fetch(
    objects: ObjectStore,
    item: Input,
    base: Path,
    going_on: Callable[[], None],
    part: tuple[int, int] = (0, 1),
) -> None:
    """Fetch one input.

    Parameters
    ----------
    objects
        S3.
    item
        What to fetch.
    base
        The host's base folder.
    going_on
        Called before each object; raises when the job is to stop.
    part
        The host's place, and how many there are: whose objects of a sharded input these are.

    Raises
    ------
    JobFailedError
        When there is nothing to fetch, or it cannot be read, or the disk is full; the message names it.
    """
    folder = base / item.folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        first, hosts = part if item.sharded else (0, 1)
        for found in itertools.islice(listed(objects, item), first, None, hosts):
            going_on()
            _fetch_one(objects, found, folder, gunzip=item.gunzip)
    except AwsError as error:
        raise JobFailedError(
            failures.cut(f'{_FAILED} {error.code} for S3 URL "{item.source}": {error.message}')
        ) from error
    except OSError as error:
        raise JobFailedError(failures.of_system(f'Data download of "{item.source}"', error)) from error


def restore(objects: ObjectStore, source: S3Uri, folder: Path) -> None:
    """Fetch a checkpoint prefix, which may hold nothing yet."""
    for found in objects.list(source.bucket, source.key):
        _fetch_one(objects, Item(S3Uri(source.bucket, found.key), keys.below(source.key, found.key)), folder)


def listed(objects: ObjectStore, item: Input) -> Iterator[Item]:
    """List the objects of an input.

    Raises
    ------
    JobFailedError
        When there are none, or the manifest is none.
    infra.local.errors.AwsError
        As S3 has it.
    """
    if item.manifest:
        yield from _manifest(objects, item.source)
        return
    found = objects.list(item.source.bucket, item.source.key)
    if not found:
        raise JobFailedError(
            f'{_FAILED} No S3 objects found under S3 URL "{item.source}" given in input data source. '
            "Please ensure that the bucket exists and that objects exist under that S3 prefix."
        )
    for each in found:
        yield Item(S3Uri(item.source.bucket, each.key), keys.below(item.source.key, each.key))


def _manifest(objects: ObjectStore, source: S3Uri) -> Iterator[Item]:
    try:
        entries: Any = json.loads(objects.read(source.bucket, source.key))
        prefix = S3Uri.parse(entries[0]["prefix"])
        names = [str(name) for name in entries[1:]]
    except (ValueError, TypeError, LookupError) as error:
        raise JobFailedError(
            f'{_FAILED} S3 object "{source}" is no manifest: [{{"prefix": "s3://…"}}, "key", …] ({error})'
        ) from error
    for name in names:
        yield Item(S3Uri(prefix.bucket, prefix.key + name), keys.inside(name))


def _fetch_one(objects: ObjectStore, item: Item, folder: Path, *, gunzip: bool = False) -> None:
    target = folder / item.path
    if item.source.key.endswith("/"):  # a folder's marker
        _make_folder(target, item.source)
        return
    _make_folder(target.parent, item.source)
    if target.exists():
        raise _clash(item.source)
    objects.fetch(item.source.bucket, item.source.key, target)
    if gunzip:
        _unpack(target, item.source)


def _make_folder(folder: Path, source: S3Uri) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise _clash(source) from None


def _clash(source: S3Uri) -> JobFailedError:
    return JobFailedError(
        f"ClientError: Failed to download data. Cannot download {source}, a previously downloaded "
        "file/folder clashes with it. Please check your s3 objects and ensure that there is no object that "
        "is both a folder as well as a file."
    )


def _unpack(path: Path, source: S3Uri) -> None:
    unpacked = path.with_name(path.name + ".unpacked")
    try:
        with gzip.open(path, "rb") as packed, unpacked.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
    except (gzip.BadGzipFile, EOFError) as error:
        raise JobFailedError(f"{_FAILED} {source} is no gzip file ({error})") from error
    path.unlink()
    unpacked.rename(path.with_name(path.name.removesuffix(".gz") or path.name))
