"""A version of an object in moto, as JSON and back."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

from moto.s3 import models

from infra.local.s3.blobs import Blob
from infra.local.s3.moto_s3 import PARTITION, DiskBucket, DiskKey, Entry

_ATTRIBUTES = (
    *("region_name", "_etag", "_is_versioned", "_version_id", "_storage_class", "website_redirect_location"),
    *("encryption", "kms_key_id", "bucket_key_enabled", "lock_mode", "lock_legal_status", "lock_until"),
    *("checksum_value", "checksum_type", "checksum_parts", "checksum_algorithm"),
)


def describe(entry: Entry, tags: dict[str, str]) -> dict[str, Any]:
    """All of a version but its bytes, as JSON."""
    record = {"last_modified": entry.last_modified.isoformat(), "version_id": entry.version_id}
    if not isinstance(entry, DiskKey):
        return record
    return record | {
        "size": entry.blob.size,
        "md5": entry.blob.md5,
        "attributes": {name: getattr(entry, name) for name in _ATTRIBUTES},
        "metadata": dict(entry.metadata),
        "tags": tags,
        "grants": [
            [[[who.id, who.uri, who.display_name] for who in grant.grantees], grant.permissions]
            for grant in entry.acl.grants
        ],
        "expiry": entry._expiry.isoformat() if entry._expiry else None,  # noqa: SLF001 - moto keeps it nowhere else
        "restored": entry._status,  # noqa: SLF001 - as above
        "upload": entry.multipart and entry.multipart.id,
        "parts": [[n, part.contentsize, part.etag] for n, part in sorted(entry.multipart.parts.items())]
        if entry.multipart
        else [],
    }


def revive(
    record: dict[str, Any], key: str, blob_name: str | None, bucket: DiskBucket, earlier: Entry | None
) -> Entry:
    """Make a version of what `describe` said of it."""
    moment = datetime.fromisoformat(record["last_modified"])
    if blob_name is None:
        entry = models.FakeDeleteMarker(earlier or SimpleNamespace(name=key))
        entry._version_id = record["version_id"]  # noqa: SLF001 - as above
    else:
        entry = _key(key, Blob(blob_name, record["size"], record["md5"]), bucket, record)
    entry.last_modified = moment
    return entry


def _key(name: str, blob: Blob, bucket: DiskBucket, record: dict[str, Any]) -> DiskKey:
    entry = DiskKey(name, blob, bucket.account_id, PARTITION, bucket_name=bucket.name)
    for attribute, value in record["attributes"].items():
        setattr(entry, attribute, value)
    entry._metadata.clear()  # noqa: SLF001 - as above
    entry._metadata.update(record["metadata"])  # noqa: SLF001 - as above
    entry._expiry = datetime.fromisoformat(record["expiry"]) if record["expiry"] else None  # noqa: SLF001 - as above
    entry._status = record["restored"]  # noqa: SLF001 - as above
    entry.acl = models.FakeAcl(
        [
            models.FakeGrant([models.FakeGrantee(*who) for who in grantees], permissions)
            for grantees, permissions in record["grants"]
        ]
    )
    if record["upload"]:
        entry.multipart = _finished_upload(entry, record)
    return entry


def _finished_upload(entry: DiskKey, record: dict[str, Any]) -> models.FakeMultipart:
    """Remember parts' sizes for HeadObject, and the upload's id so that completing again is harmless."""
    upload = models.FakeMultipart(entry.name, {}, entry.account_id, entry.region_name)
    upload.id = record["upload"]
    for number, size, etag in record["parts"]:
        part = DiskKey(number, Blob("", size, etag.strip('"')), entry.account_id, entry.region_name)
        upload.parts[number] = part
        upload.partlist.append(number)
    return upload
