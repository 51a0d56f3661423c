"""From the index into memory: at the start, and after a commit that failed."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from infra.local.s3 import moto_s3
from infra.local.s3.moto_versions import revive
from infra.local.s3.requests import remade

if TYPE_CHECKING:
    from infra.local.s3.index import Index, ObjectRow

_log = logging.getLogger(__name__)


def load_bucket(index: Index, name: str, account: str) -> None:
    """Make a bucket in memory what the index says it is; nothing when the index has none."""
    moto_s3.forget_bucket(account, name)
    row = index.bucket(name)
    if row is None:
        return
    moto_s3.dispatch(remade(name, row.request).environ, on_bucket=True)
    bucket = moto_s3.backend(account).buckets[name]
    bucket.creation_date = datetime.fromisoformat(row.created)
    _repeat(name, index.settings(name))
    for key, rows in groupby(sorted(index.objects(name), key=lambda row: (row.key, row.number)), _key):
        _load(bucket, key, list(rows), account)


def load_key(index: Index, bucket_name: str, key: str, account: str) -> None:
    """Make a key's versions in memory what the index says they are."""
    bucket = moto_s3.backend(account).buckets.get(bucket_name)
    if bucket is not None:
        _load(bucket, key, index.objects(bucket_name, key), account)


def _key(row: ObjectRow) -> str:
    return row.key


def _load(bucket: Any, key: str, rows: list[ObjectRow], account: str) -> None:  # noqa: ANN401 - moto has no types
    tagger = moto_s3.backend(account).tagger
    versions: list[moto_s3.Entry] = []
    for row in rows:
        record = json.loads(row.record)
        entry = revive(record, key, row.blob, bucket, versions[-1] if versions else None)
        entry.number, entry.saved = row.number, row.record
        versions.append(entry)
        if record.get("tags"):
            tagger.tags[entry.arn] = record["tags"]
    bucket.keys.load(key, versions)


def _repeat(bucket: str, requests: list[str]) -> None:
    """Make the requests that set a bucket up again, where need be after those they rest on."""
    left = requests
    while left:
        failed = [kept for kept in left if not _succeeds(bucket, kept)]
        if len(failed) == len(left):
            _log.warning("could not restore of bucket %s: %s", bucket, [json.loads(k)["query"] for k in left])
            return
        left = failed


def _succeeds(bucket: str, kept: str) -> bool:
    return moto_s3.dispatch(remade(bucket, kept).environ, on_bucket=True).status_code < 400
