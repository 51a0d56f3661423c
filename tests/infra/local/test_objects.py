"""Objects as jobs reach them, without HTTP, and as clients see the same ones."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import tracemalloc
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from moto.s3 import models
from werkzeug.test import Client

from infra.local.errors import AwsError
from infra.local.objects import ObjectStore
from infra.local.s3.service import S3

ACCOUNT = "123456789012"
SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/s3/aws4_request"}


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[S3]:
    """Make an S3 with a versioned bucket, as ``bucket``."""
    s3 = S3(tmp_path / "s3", ACCOUNT)
    http = Client(s3)
    assert http.put("/bucket").status_code == 200
    on = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    assert http.put("/bucket?versioning", data=on).status_code == 200
    yield s3
    s3.close()


@pytest.fixture
def objects(s3: S3) -> ObjectStore:
    """Reach it without HTTP."""
    return ObjectStore(s3)


def error_code(error: pytest.ExceptionInfo[AwsError]) -> str:
    """Return the code that a client would be answered."""
    return error.value.code


def test_what_is_put_here_is_seen_over_http(s3: S3, objects: ObjectStore, tmp_path: Path) -> None:
    """A file and its version id, ETag and bytes."""
    data = os.urandom(3 << 20)
    (tmp_path / "model").write_bytes(data)
    version = objects.put("bucket", "m/model.tar.gz", tmp_path / "model")
    answer = Client(s3).get("/bucket/m/model.tar.gz", headers=SIGNED)
    assert answer.data == data
    assert answer.headers["x-amz-version-id"] == version
    assert answer.headers["ETag"] == f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'


def test_what_is_put_over_http_is_read_here(s3: S3, objects: ObjectStore, tmp_path: Path) -> None:
    """As bytes, and as a file in a folder that is made for it."""
    Client(s3).put("/bucket/a/1.txt", data=b"hello")
    assert objects.read("bucket", "a/1.txt") == b"hello"
    objects.fetch("bucket", "a/1.txt", tmp_path / "deep" / "er" / "1.txt")
    assert (tmp_path / "deep" / "er" / "1.txt").read_bytes() == b"hello"


@pytest.mark.parametrize("size", [0, 1, (1 << 20) + 1, 5 << 20])
def test_fetching_copies_every_byte(objects: ObjectStore, tmp_path: Path, size: int) -> None:
    """Whatever the size; and changing the copy does not change the object."""
    data = os.urandom(size)
    objects.put("bucket", "k", data)
    objects.fetch("bucket", "k", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == data
    (tmp_path / "copy").write_bytes(b"changed")
    assert objects.read("bucket", "k") == data


def test_listing_is_sorted_and_leaves_out_what_was_deleted(s3: S3, objects: ObjectStore) -> None:
    """Only keys with the prefix, the newest version of each, in the order S3 lists them."""
    for key in ("x/b", "x/a", "x/gone", "y", "x/ä"):
        objects.put("bucket", key, b"old")
    newest = objects.put("bucket", "x/a", b"newer")
    assert Client(s3).delete("/bucket/x/gone", headers=SIGNED).status_code == 204
    found = objects.list("bucket", "x/")
    assert [info.key for info in found] == ["x/a", "x/b", "x/ä"]
    assert (found[0].size, found[0].version_id) == (5, newest)
    assert found[0].etag == hashlib.md5(b"newer", usedforsecurity=False).hexdigest()
    assert found[0].last_modified.tzinfo is not None


def test_an_earlier_version_is_read_by_its_id(s3: S3, objects: ObjectStore, tmp_path: Path) -> None:
    """Also after a delete marker came on top."""
    first = objects.put("bucket", "k", b"first")
    objects.put("bucket", "k", b"second")
    assert Client(s3).delete("/bucket/k", headers=SIGNED).status_code == 204
    assert objects.read("bucket", "k", first) == b"first"
    objects.fetch("bucket", "k", tmp_path / "k", first)
    assert (tmp_path / "k").read_bytes() == b"first"
    with pytest.raises(AwsError) as caught:
        objects.read("bucket", "k")
    assert error_code(caught) == "NoSuchKey"


def test_what_is_not_there_is_named(objects: ObjectStore, tmp_path: Path) -> None:
    """Bucket, key and version each have an error of their own."""
    with pytest.raises(AwsError, match="nowhere") as bucket:
        objects.list("nowhere")
    with pytest.raises(AwsError, match="s3://bucket/no/such") as key:
        objects.fetch("bucket", "no/such", tmp_path / "x")
    objects.put("bucket", "k", b"")
    with pytest.raises(AwsError) as version:
        objects.read("bucket", "k", "17")
    with pytest.raises(AwsError) as put:
        objects.put("nowhere", "k", b"")
    codes = [error_code(error) for error in (bucket, key, version, put)]
    assert codes == ["NoSuchBucket", "NoSuchKey", "NoSuchVersion", "NoSuchBucket"]
    assert not (tmp_path / "x").exists()


def test_a_missing_source_leaves_nothing_behind(s3: S3, objects: ObjectStore, tmp_path: Path) -> None:
    """Neither an object nor bytes."""
    with pytest.raises(FileNotFoundError):
        objects.put("bucket", "k", tmp_path / "missing")
    assert objects.list("bucket") == []
    assert list((tmp_path / "s3" / "blobs").glob("??/*")) == []


@pytest.mark.parametrize(
    ("action", "condition"),
    [("s3:GetObject", None), ("s3:ListBucket", {"StringLike": {"s3:prefix": "private/*"}})],
)
def test_a_policy_that_denies_everyone_holds_here_too(
    s3: S3, objects: ObjectStore, tmp_path: Path, action: str, condition: dict[str, object] | None
) -> None:
    """A prefix that may not be read or listed is refused by name; others are not."""
    for key in ("private/k", "open/k"):
        objects.put("bucket", key, b"x")
    resource = "arn:aws:s3:::bucket" if condition else "arn:aws:s3:::bucket/private/*"
    statement = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": action, "Resource": resource}
    if condition:
        statement["Condition"] = condition
    assert Client(s3).put("/bucket?policy", data=json.dumps({"Statement": statement})).status_code < 300

    def use(prefix: str) -> None:
        objects.list("bucket", prefix)
        objects.fetch("bucket", f"{prefix}k", tmp_path / "copy")

    use("open/")
    with pytest.raises(AwsError, match=action) as caught:
        use("private/")
    assert error_code(caught) == "AccessDenied"


def test_everything_is_there_when_the_folder_is_opened_again(tmp_path: Path) -> None:
    """The same version ids in the same order."""
    first = S3(tmp_path / "s3", ACCOUNT)
    Client(first).put("/bucket")
    objects = ObjectStore(first)
    for text in (b"1", b"2"):
        objects.put("bucket", "k", text)
    before = objects.list("bucket")
    first.close()
    again = S3(tmp_path / "s3", ACCOUNT)
    assert ObjectStore(again).list("bucket") == before
    assert ObjectStore(again).read("bucket", "k") == b"2"
    again.close()


def test_half_written_bytes_of_a_crash_are_swept(tmp_path: Path) -> None:
    """A blob that no version refers to is gone after the next start."""
    S3(tmp_path / "s3", ACCOUNT).close()
    stray = tmp_path / "s3" / "blobs" / "ab" / ("ab" + "0" * 30)
    stray.write_bytes(b"half")
    S3(tmp_path / "s3", ACCOUNT).close()
    assert not stray.exists()


def test_writers_at_once_lose_no_version(s3: S3, objects: ObjectStore, tmp_path: Path) -> None:
    """Each put of one key is a version of its own, in memory and on disk, in one order."""
    given: list[str] = []
    threads = [
        threading.Thread(target=lambda: [given.append(objects.put("bucket", "k", b"x")) for _ in range(20)])
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    before = [entry.version_id for entry in s3.backend.buckets["bucket"].keys.getlist("k")]
    assert sorted(before) == sorted(given)
    assert len(set(given)) == 160
    s3.close()
    again = S3(tmp_path / "s3", ACCOUNT)
    assert [entry.version_id for entry in again.backend.buckets["bucket"].keys.getlist("k")] == before
    again.close()


def test_a_clock_set_back_does_not_make_an_old_version_the_latest(
    s3: S3, objects: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Order is that of the writing, also where moto sorts by time."""
    objects.put("bucket", "k", b"old")
    past = datetime(2020, 1, 1)  # noqa: DTZ001 - moto's times have no zone
    monkeypatch.setattr("moto.s3.models.utcnow", lambda: past)
    newest = objects.put("bucket", "k", b"new")
    listed, *_ = s3.backend.list_object_versions("bucket")
    assert [entry.version_id for entry in listed if entry.is_latest] == [newest]


def test_nothing_of_an_object_stays_in_ram(s3: S3) -> None:
    """Neither its bytes nor a list of all that ever was: moto keeps both."""
    body = os.urandom(8 << 20)
    assert Client(s3).put("/bucket/warm", data=body, headers=SIGNED).status_code == 200
    tracemalloc.start()
    for number in range(3):
        assert Client(s3).put(f"/bucket/{number}", data=body, headers=SIGNED).status_code == 200
        assert len(Client(s3).get(f"/bucket/{number}", headers=SIGNED).data) == len(body)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 1 << 20
    assert models.FakeGrant.instances_tracked == models.FakeKey.instances_tracked == []
