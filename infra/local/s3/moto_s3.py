"""What this project knows of moto's insides, with `moto_versions`; as of moto 5.2.5, and tested.

moto keeps objects in RAM (or in unlinked files) and remembers every instance it ever made. Here its classes
of keys, uploads, buckets and key stores are replaced by ones whose bytes are `blobs`, and which note what a
request changes.
"""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from moto.core.common_models import BaseModel
from moto.core.request import PRESERVED_HEADER_NAMES_ENVIRON_KEY, environ_key_for_header
from moto.iam.access_control import PermissionResult
from moto.moto_server.werkzeug_app import BackendRequest
from moto.s3 import models
from moto.s3.exceptions import EntityTooSmall, InvalidPart, MalformedXML, MissingKey
from moto.s3.responses import S3Response
from moto.s3.utils import _VersionedKeyStore
from moto.settings import S3_UPLOAD_PART_MIN_SIZE
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from infra.local.s3.blobs import Blob, Blobs
from infra.local.s3.policy import denies

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from infra.local.s3.blobs import MappedBody

Entry = Any
"""A version of an object (`DiskKey`) or a delete marker (moto's ``FakeDeleteMarker``)."""
PARTITION = "aws"


class Touched:
    """What the request now being answered changed; one at a time, under the lock of `S3`."""

    def __init__(self) -> None:
        self._before: dict[tuple[str, str], list[Entry]] = {}

    def note(self, bucket: str, key: str, versions: list[Entry]) -> None:
        """Remember what a key's versions were, before the first change."""
        self._before.setdefault((bucket, key), list(versions))

    def take(self) -> dict[tuple[str, str], list[Entry]]:
        """Hand over what was noted, and begin anew."""
        before, self._before = self._before, {}
        return before


class DiskKey(models.FakeKey):  # type: ignore[misc]  # moto has no types
    """A version of an object, or a part of an upload, whose bytes are a blob.

    moto's own constructor calls the setter of `value`, with the bytes a client sent.
    """

    blobs: ClassVar[Blobs]
    number: int | None = None
    saved = ""

    @property
    def value(self) -> bytes | MappedBody:
        """The bytes; large ones stay on disk."""
        try:
            return self.blobs.body(self.blob)
        except FileNotFoundError:
            raise MissingKey(key=self.name) from None

    @value.setter
    def value(self, source: bytes | MappedBody | Path | Blob) -> None:
        self._value_buffer.close()
        self.blob = source if isinstance(source, Blob) else self.blobs.add(source)
        self.contentsize = self.blob.size

    @property
    def etag(self) -> str:
        """ETag in quotes."""
        return f'"{self._etag or self.blob.md5}"'

    def set_acl(self, acl: models.FakeAcl | None) -> None:
        """Set who may do what; uploads in parts come without, which means the owner alone."""
        super().set_acl(acl or models.get_canned_acl("private"))

    def dispose(self, garbage: bool = False) -> None:  # noqa: FBT001, FBT002 - moto's signature
        """Drop a part's bytes; an object's go when the index no longer names them."""
        if not garbage and self.bucket_name is None:
            self.blobs.remove(self.blob.name)

    def __deepcopy__(self, memo: dict[int, Any]) -> DiskKey:
        """Copy as listings of versions do, without the bytes."""
        copied = object.__new__(type(self))
        copied.__dict__.update(self.__dict__)
        return copied


class DiskMultipart(models.FakeMultipart):  # type: ignore[misc]  # moto has no types
    """An upload in parts, which are joined on disk."""

    def complete(self, body: Iterator[tuple[int, str]]) -> tuple[Blob, str, Any]:
        """Join the parts named, and return the bytes, their ETag and what moto says of checksums."""
        parts: list[DiskKey] = []
        checksums = models.MultipartChecksumBuilder(
            self.metadata.get("x-amz-checksum-algorithm"), self.metadata.get("x-amz-checksum-type")
        )
        for number, etag in body:
            part = self.parts.get(number)
            if part is None or part.etag.strip('"') != etag.strip('"'):
                raise InvalidPart
            if parts and parts[-1].contentsize < S3_UPLOAD_PART_MIN_SIZE:
                raise EntityTooSmall
            checksums.addPart(part.value)
            parts.append(part)
        if not parts:
            raise MalformedXML
        digests = hashlib.md5(bytes.fromhex("".join(part.blob.md5 for part in parts)), usedforsecurity=False)
        joined = DiskKey.blobs.add([DiskKey.blobs.path(part.blob.name) for part in parts])
        return joined, f"{digests.hexdigest()}-{len(parts)}", checksums.build()


class DiskKeyStore(_VersionedKeyStore):  # type: ignore[misc]  # moto has no types
    """Keys of one bucket and their versions, which notes every change and keeps versions in order of time."""

    touched: ClassVar[Touched]

    def __init__(self, bucket: str) -> None:
        super().__init__()
        self._bucket = bucket

    def pop(self, key: str) -> None:
        """Remove a key with all versions."""
        self._note(key)
        super().pop(key)

    def __setitem__(self, key: str, value: Entry) -> None:
        self._note(key)
        super().__setitem__(key, value)
        _in_order(self.getlist(key))

    def setlist(self, key: str, list_: list[Entry]) -> None:
        """Replace a key's versions."""
        self._note(key)
        super().setlist(key, list_)
        _in_order(list_)

    def load(self, key: str, versions: list[Entry]) -> None:
        """Take versions as they are, which is no change."""
        if versions:
            dict.__setitem__(self, key, versions)
        else:
            dict.pop(self, key, None)

    def _note(self, key: str) -> None:
        self.touched.note(self._bucket, key, self.getlist(key, []))


class DiskBucket(models.FakeBucket):  # type: ignore[misc]  # moto has no types
    """A bucket with a `DiskKeyStore`, whose policy is read by `infra.local.s3.policy`."""

    def __init__(self, name: str, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - moto's signature
        super().__init__(name, *arguments, **options)
        self.keys = DiskKeyStore(name)

    def get_permission(self, action: str, resource: str) -> PermissionResult:
        """Deny what the policy denies everyone; moto would take no notice of conditions."""
        if denies(self.policy, action, resource, account=self.account_id):
            return PermissionResult.DENIED
        permission = super().get_permission(action, resource)
        return PermissionResult.NEUTRAL if permission == PermissionResult.DENIED else permission


def install(blobs: Blobs, account_id: str) -> Touched:
    """Put these classes in moto's place, with an empty S3, and return what notes changes."""
    os.environ["MOTO_ACCOUNT_ID"] = account_id
    DiskKey.blobs = blobs
    DiskKeyStore.touched = Touched()
    models.FakeKey = DiskKey
    models.FakeBucket = DiskBucket
    models.FakeMultipart = DiskMultipart
    BaseModel.__new__ = _new  # moto's keeps a list of every instance, for ever
    models.s3_backends.bucket_accounts.clear()
    models.s3_backends.pop(account_id, None)
    return DiskKeyStore.touched


def backend(account_id: str) -> Any:  # noqa: ANN401 - moto has no types
    """S3's state of an account."""
    return models.s3_backends[account_id][PARTITION]


def forget_bucket(account_id: str, name: str) -> None:
    """Drop a bucket from memory, with its tags, if it is there."""
    state = backend(account_id)
    bucket = state.buckets.pop(name, None)
    models.s3_backends.bucket_accounts.pop(name, None)
    state.tagger.delete_all_tags_for_resource(bucket.arn if bucket else f"arn:aws:s3:::{name}")


class _Request(BackendRequest):  # type: ignore[misc]  # moto has no types
    @property
    def want_form_data_parsed(self) -> bool:
        """A form that is put is an object like any other; read as a form, its bytes would be gone."""
        return self.method != "PUT" and bool(super().want_form_data_parsed)


def dispatch(environ: dict[str, Any], *, on_bucket: bool) -> Response:
    """Let moto answer a path-style request, without Flask, which takes twice as long as moto itself."""
    spelled = [name for name in environ.get("HTTP_BESTIARY_SPELLED", "").split(",") if name]
    environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = {environ_key_for_header(name): name for name in spelled}
    # Else request and environment hold each other, and the body stays in RAM for a long while.
    request = _Request(environ, populate_request=False)
    responder = S3Response()
    respond = responder.bucket_response if on_bucket else responder.key_response
    try:
        status, headers, body = respond(request, request.raw_url, dict(request.headers))
    except HTTPException as error:
        return error.get_response(environ)
    response = Response(body, status, headers)
    if request.method == "HEAD" and "content-length" in headers:
        response.headers["Content-Length"] = headers["content-length"]
    return response


def _in_order(versions: list[Entry]) -> None:
    """Keep the newest version newest when the clock stood still or was set back: moto sorts by time."""
    for earlier, later in zip(versions[-2:], versions[-1:], strict=False):
        if later is not earlier and later.last_modified <= earlier.last_modified:
            later.last_modified = earlier.last_modified + timedelta(microseconds=1)


def _new(cls: type, *_: object, **__: object) -> object:
    return object.__new__(cls)
