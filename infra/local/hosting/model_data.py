"""A model's files, fetched from S3 into an instance's folder, for reading only."""

from __future__ import annotations

import gzip
import shutil
import tarfile
import zlib
from typing import TYPE_CHECKING

from infra.local.errors import AwsError
from infra.local.hosting.errors import StartError
from infra.local.jobs import failures, staging
from infra.local.jobs.failures import JobFailedError
from infra.local.jobs.plan import Input
from infra.local.jobs.s3_uri import S3Uri

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from infra.local.hosting.containers import Container
    from infra.local.objects import ObjectStore

_NOT_AN_ARCHIVE = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError)


def fetch(objects: ObjectStore, container: Container, base: Path, going_on: Callable[[], None]) -> None:
    """Make ``model/`` in an instance's folder.

    Parameters
    ----------
    objects
        S3.
    container
        Whose model.
    base
        The instance's folder.
    going_on
        Called between files; raises when the instance is not wanted any more or took too long.

    Raises
    ------
    StartError
        When the model is not there, is no archive, or would leave the folder; the message names it.
    """
    folder = base / "model"
    folder.mkdir(parents=True)
    if container.data:
        source = S3Uri.parse(container.data)
        try:
            if container.packed:
                _unpack(objects, source, folder, going_on)
            else:
                staging.fetch(objects, Input("model", source, "model"), base, going_on)
        except AwsError as error:
            raise StartError(
                f"Failed to download model data for container from {source}: {error.code}: {error.message}"
            ) from error
        except JobFailedError as error:
            raise StartError(str(error)) from error
        except OSError as error:
            raise StartError(failures.of_system(f"Download of {source}", error)) from error
    _read_only(folder)


def remove(base: Path) -> None:
    """Remove a folder with all in it, also what is for reading only."""
    for path in base.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    shutil.rmtree(base, ignore_errors=True)


def _unpack(objects: ObjectStore, source: S3Uri, folder: Path, going_on: Callable[[], None]) -> None:
    archive = folder.with_name("model.tar.gz")
    objects.fetch(source.bucket, source.key, archive)
    going_on()
    try:
        with tarfile.open(archive, "r:gz") as packed:
            for member in packed:
                going_on()
                _extract(packed, member, folder)
    except _NOT_AN_ARCHIVE as error:
        raise StartError(f"Model data {source} cannot be unpacked as a model.tar.gz: {error}") from error
    archive.unlink()


def _extract(packed: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    # tarfile's own filters came with Python 3.11.4, and Debian's Python is older. A link becomes the file
    # that it names, which has to be in the archive.
    path = folder / member.name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise tarfile.TarError(f"{member.name!r} would leave the folder")
    if member.isdir():
        path.mkdir(parents=True, exist_ok=True)
        return
    try:
        source = packed.extractfile(member)
    except KeyError as error:
        raise tarfile.TarError(f"{member.name!r} links to what is not in the archive") from error
    if source is None:
        raise tarfile.TarError(f"{member.name!r} is neither a file nor a folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    with source, path.open("wb") as file:
        shutil.copyfileobj(source, file)
    path.chmod(0o755 if member.mode & 0o100 else 0o644)


def _read_only(folder: Path) -> None:
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444)
    folder.chmod(0o555)
