"""What a request did to moto's state, as a change for the index; or undone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from infra.local.s3 import index as rows
from infra.local.s3 import moto_s3
from infra.local.s3.commits import Change
from infra.local.s3.moto_versions import describe

if TYPE_CHECKING:
    from infra.local.s3.blobs import Blobs
    from infra.local.s3.requests import S3Request


class Recorder:
    """Compares before with after; used by one thread at a time.

    Parameters
    ----------
    touched
        Where moto's classes note what changes.
    blobs
        Where bytes lie.
    account
        Whose S3 it is.
    highest
        The highest number that a version has.
    """

    def __init__(self, touched: moto_s3.Touched, blobs: Blobs, account: str, highest: int) -> None:
        self._touched = touched
        self._blobs = blobs
        self._account = account
        self._number = highest

    def begin(self) -> None:
        """Take what is as the state before."""
        self._touched.take()

    def revert(self) -> None:
        """Put the versions of every key back to what they were at `begin`."""
        buckets = moto_s3.backend(self._account).buckets
        for (bucket, key), before in self._touched.take().items():
            for entry in buckets[bucket].keys.getlist(key, []):
                if isinstance(entry, moto_s3.DiskKey) and not _among(entry, before):
                    self._blobs.remove(entry.blob.name)
            buckets[bucket].keys.load(key, before)

    def change(self, request: S3Request | None = None, kept: str = "") -> Change:
        """Say what changed since `begin`.

        Parameters
        ----------
        request
            The request, when there was one: it tells what was done to a bucket, or to a version in place.
        kept
            The request as the index keeps it, when it was a PUT on a bucket.
        """
        change = Change()
        touched = self._touched.take()
        if request is not None and request.key:
            touched.setdefault((request.bucket, request.key), self._versions(request.bucket, request.key))
        elif request is not None and request.method in {"PUT", "DELETE"}:
            self._bucket(change, request, kept)
        for (bucket, key), before in touched.items():
            self._key(change, bucket, key, before)
        return change

    def _versions(self, bucket: str, key: str) -> list[moto_s3.Entry]:
        found = moto_s3.backend(self._account).buckets.get(bucket)
        return list(found.keys.getlist(key, [])) if found is not None else []

    def _bucket(self, change: Change, request: S3Request, kept: str) -> None:
        name = request.bucket
        change.buckets.add(name)
        if request.setting and request.method == "PUT":
            change.statements.append(rows.put_setting(name, request.setting, kept))
        elif request.setting:
            change.statements.append(rows.drop_setting(name, request.setting))
        elif request.method == "PUT":
            created = moto_s3.backend(self._account).buckets[name].creation_date.isoformat()
            change.statements.append(rows.put_bucket(rows.BucketRow(name, created, kept)))
        else:
            moto_s3.forget_bucket(self._account, name)
            change.statements.extend(rows.drop_bucket(name))

    def _key(self, change: Change, bucket: str, key: str, before: list[moto_s3.Entry]) -> None:
        after = self._versions(bucket, key)
        change.keys.add((bucket, key))
        for entry in before:
            if not _among(entry, after):
                change.statements.append(rows.drop_object(entry.number))
                if isinstance(entry, moto_s3.DiskKey):
                    change.removed.append(entry.blob.name)
        for entry in after:
            self._version(change, bucket, key, entry)

    def _version(self, change: Change, bucket: str, key: str, entry: Any) -> None:  # noqa: ANN401 - moto has no types
        blob, tags = None, {}
        if isinstance(entry, moto_s3.DiskKey):
            blob = entry.blob.name
            tags = moto_s3.backend(self._account).tagger.get_tag_dict_for_resource(entry.arn)
        record = json.dumps(describe(entry, tags), separators=(",", ":"))
        if getattr(entry, "number", None) is None:
            self._number += 1
            entry.number = self._number
            if blob:
                change.added.append(blob)
        elif record == entry.saved:
            return
        entry.saved = record
        change.statements.append(rows.put_object(rows.ObjectRow(entry.number, bucket, key, blob, record)))


def _among(entry: object, entries: list[object]) -> bool:
    return any(entry is other for other in entries)
