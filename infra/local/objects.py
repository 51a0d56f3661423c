"""S3 objects as jobs and pipelines reach them: in this process, without HTTP."""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from infra.local.errors import AwsError
from infra.local.s3.access import allow
from infra.local.s3.moto_s3 import DiskKey

if TYPE_CHECKING:
    from pathlib import Path

    from infra.local.s3.service import S3

_PIECE = 1 << 30
_CANNOT = {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM}


@dataclass(frozen=True)
class ObjectInfo:
    """The newest version of an object.

    Attributes
    ----------
    key
        Its whole key.
    size
        Bytes.
    etag
        ETag without quotes.
    version_id
        ``null`` in an unversioned bucket.
    last_modified
        When it was stored, UTC.
    """

    key: str
    size: int
    etag: str
    version_id: str
    last_modified: datetime


class ObjectStore:
    """The buckets of one account, the very ones that clients see over HTTP.

    Every method raises `infra.local.errors.AwsError` as S3 would: ``NoSuchBucket``, ``NoSuchKey``,
    ``NoSuchVersion``, ``AccessDenied`` (a bucket policy denies it to everyone), or ``InternalError`` when the
    disk is full.

    Parameters
    ----------
    s3
        The S3 that holds them.
    """

    def __init__(self, s3: S3) -> None:
        self._s3 = s3

    def list(self, bucket: str, prefix: str = "") -> list[ObjectInfo]:
        """Objects whose key starts with `prefix`, sorted by key; deleted ones are not there."""
        keys = self._bucket(bucket).keys
        allow(self._s3.backend, "s3:ListBucket", bucket, prefix=prefix)
        found = ((key, keys.get(key)) for key in sorted(dict(keys)) if key.startswith(prefix))
        return [_info(key, entry) for key, entry in found if isinstance(entry, DiskKey)]

    def info(self, bucket: str, key: str, version_id: str | None = None) -> ObjectInfo:
        """What is known of an object, or of one version of it."""
        return _info(key, self._entry(bucket, key, version_id))

    def read(self, bucket: str, key: str, version_id: str | None = None) -> bytes:
        """Bytes of an object, or of one version of it."""
        with self._open(bucket, key, version_id) as file:
            return file.read()

    def fetch(self, bucket: str, key: str, to: Path, version_id: str | None = None) -> None:
        """Copy an object to a file, whose folder is made if need be.

        Raises
        ------
        OSError
            When the file cannot be written.
        """
        with self._open(bucket, key, version_id) as source:
            to.parent.mkdir(parents=True, exist_ok=True)
            _copy(source, to)

    def put(self, bucket: str, key: str, source: Path | bytes) -> str:
        """Store bytes, or a copy of a file, and return the version id; on return it is on disk.

        Raises
        ------
        FileNotFoundError
            When the file is not there.
        """
        self._bucket(bucket)
        allow(self._s3.backend, "s3:PutObject", bucket, key)
        return self._s3.put(bucket, key, source)

    def _open(self, bucket: str, key: str, version_id: str | None) -> BinaryIO:
        """Open an object; once open, its bytes stay readable whatever becomes of it."""
        while True:
            entry = self._entry(bucket, key, version_id)
            try:
                return self._s3.blobs.path(entry.blob.name).open("rb")
            except FileNotFoundError:
                if self._entry(bucket, key, version_id) is entry:
                    raise  # not replaced meanwhile, so truly lost

    def _bucket(self, name: str) -> Any:  # noqa: ANN401 - moto has no types
        bucket = self._s3.backend.buckets.get(name)
        if bucket is None:
            raise AwsError("NoSuchBucket", f"The specified bucket does not exist: {name}", 404)
        return bucket

    def _entry(self, bucket: str, key: str, version_id: str | None) -> DiskKey:
        versions = self._bucket(bucket).keys.getlist(key, [])
        allow(self._s3.backend, f"s3:GetObject{'Version' if version_id else ''}", bucket, key)
        if version_id is not None:
            versions = [entry for entry in versions if entry.version_id == version_id]
        if versions and isinstance(versions[-1], DiskKey):
            return versions[-1]
        if version_id is not None:
            raise AwsError("NoSuchVersion", f"s3://{bucket}/{key} has no version {version_id}", 404)
        raise AwsError("NoSuchKey", f"The specified key does not exist: s3://{bucket}/{key}", 404)


def _info(key: str, entry: DiskKey) -> ObjectInfo:
    moment = entry.last_modified.replace(tzinfo=UTC)  # moto's have no time zone
    return ObjectInfo(key, entry.size, entry.etag.strip('"'), str(entry.version_id), moment)


def _copy(source: BinaryIO, to: Path) -> None:
    """Copy by reference where the file system can, else in the kernel, else by hand."""
    with to.open("wb") as file:
        if hasattr(os, "copy_file_range"):
            try:
                while os.copy_file_range(source.fileno(), file.fileno(), _PIECE):
                    pass
            except OSError as error:
                if error.errno not in _CANNOT:
                    raise
        file.seek(source.tell())
        shutil.copyfileobj(source, file, 1 << 20)
