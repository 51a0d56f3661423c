"""What a client was told is stored is there after ``kill -9``, to the last detail."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from own_server import BUCKET, OwnServer, contents, settings, versions

LARGE = os.urandom(6 << 20)
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{BUCKET}/private/*",
        }
    ],
}


def set_up(s3: Any) -> None:
    """Give a bucket some of everything that can be set."""
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [{"Key": "old", "Value": "1"}]})
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [{"Key": "project", "Value": "b"}]})
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(POLICY))
    expiry = {"ID": "x", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 3}}
    s3.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration={"Rules": [expiry]})
    rules = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]
    s3.put_bucket_cors(Bucket=BUCKET, CORSConfiguration={"CORSRules": rules})
    s3.put_bucket_website(Bucket=BUCKET, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    s3.delete_bucket_website(Bucket=BUCKET)
    s3.put_bucket_ownership_controls(
        Bucket=BUCKET, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    )
    blocked = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy"), True)
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=blocked)


def fill(s3: Any) -> None:
    """Put, overwrite, tag, copy, delete and upload in parts."""
    for text in (b"one", b"two", b"three"):
        s3.put_object(Bucket=BUCKET, Key="a.txt", Body=text, ContentType="text/plain")
    s3.put_object(
        Bucket=BUCKET,
        Key="b ö+%.bin",
        Body=b"meta",
        Metadata={"data_digest": "abc", "Plain": "x"},
        ContentEncoding="gzip",
        CacheControl="no-cache",
        ACL="public-read",
        StorageClass="STANDARD_IA",
        Tagging="species=bear&n=1",
        ChecksumAlgorithm="SHA256",
    )
    s3.put_object_tagging(Bucket=BUCKET, Key="a.txt", Tagging={"TagSet": [{"Key": "split", "Value": "test"}]})
    s3.put_object(Bucket=BUCKET, Key="gone.txt", Body=b"gone")
    s3.delete_object(Bucket=BUCKET, Key="gone.txt")
    s3.put_object(Bucket=BUCKET, Key="back.txt", Body=b"back")
    marker = s3.delete_object(Bucket=BUCKET, Key="back.txt")["VersionId"]
    s3.delete_object(Bucket=BUCKET, Key="back.txt", VersionId=marker)
    s3.put_object(Bucket=BUCKET, Key="x/1", Body=b"1")
    s3.put_object(Bucket=BUCKET, Key="x/2", Body=b"")
    s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "x/1"}]})
    s3.copy_object(Bucket=BUCKET, Key="copy.txt", CopySource={"Bucket": BUCKET, "Key": "a.txt"})
    upload_in_parts(s3, "large.bin")
    s3.copy_object(Bucket=BUCKET, Key="large2.bin", CopySource={"Bucket": BUCKET, "Key": "large.bin"})
    s3.create_bucket(Bucket="plain")
    s3.put_object(Bucket="plain", Key="k", Body=b"old")
    s3.put_object(Bucket="plain", Key="k", Body=b"new")
    s3.put_object(Bucket="plain", Key="deleted", Body=b"x")
    s3.delete_object(Bucket="plain", Key="deleted")
    s3.create_bucket(Bucket="dropped")
    s3.delete_bucket(Bucket="dropped")


def upload_in_parts(s3: Any, key: str) -> None:
    """Upload `LARGE` and three bytes in two parts."""
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key=key, Metadata={"kind": "model"})["UploadId"]
    which = {"Bucket": BUCKET, "Key": key, "UploadId": upload}
    parts = [
        {"PartNumber": number, "ETag": s3.upload_part(**which, PartNumber=number, Body=body)["ETag"]}
        for number, body in ((1, LARGE), (2, b"end"))
    ]
    s3.complete_multipart_upload(**which, MultipartUpload={"Parts": parts})


def seen(s3: Any) -> dict[str, Any]:
    """All that clients see of both buckets."""
    return {
        "versions": versions(s3, BUCKET),
        "contents": contents(s3, BUCKET),
        "settings": settings(s3, BUCKET),
        "plain": contents(s3, "plain"),
        "buckets": sorted(bucket["Name"] for bucket in s3.list_buckets()["Buckets"]),
        "part": s3.head_object(Bucket=BUCKET, Key="large.bin", PartNumber=2)["ContentLength"],
    }


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServer]:
    """Run a server that this module may kill."""
    server = OwnServer(tmp_path_factory.mktemp("home"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def before_and_after(server: OwnServer) -> tuple[dict[str, Any], dict[str, Any]]:
    """Look before ``kill -9`` and after the next start."""
    s3 = server.client("s3")
    set_up(s3)
    fill(s3)
    before = seen(s3)
    server.kill()
    server.start()
    return before, seen(server.client("s3"))


@pytest.mark.parametrize("part", ["versions", "contents", "settings", "plain", "buckets", "part"])
def test_a_kill_loses_nothing(before_and_after: tuple[dict[str, Any], dict[str, Any]], part: str) -> None:
    """Version ids, order, ETags, times, metadata, tags, bytes and settings are the same."""
    before, after = before_and_after
    assert before[part] == after[part]


def test_what_was_seen_is_what_s3_would_show(
    before_and_after: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    """The comparison above compares something."""
    before, _ = before_and_after
    newest = [entry for entry in before["versions"] if entry["Key"] == "a.txt"]
    assert [entry["IsLatest"] for entry in newest] == [True, False, False]
    assert len({entry["VersionId"] for entry in newest}) == 3
    (odd,) = [value for (key, _), value in before["contents"].items() if key == "b ö+%.bin"]
    assert odd["Metadata"] == {"data_digest": "abc", "plain": "x"}
    assert odd["tags"] == [{"Key": "species", "Value": "bear"}, {"Key": "n", "Value": "1"}]
    assert len(odd["acl"]) == 2
    assert before["part"] == 3
    assert before["settings"]["website"] == "NoSuchWebsiteConfiguration"
    assert {"plain", BUCKET} < set(before["buckets"])
    assert "dropped" not in before["buckets"]


def test_no_bytes_are_left_that_nothing_refers_to(
    server: OwnServer, before_and_after: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    """As many blobs as versions: deleted versions, upload parts and overwritten objects leave none."""
    s3 = server.client("s3")
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    stored = sum("ETag" in entry for name in names for entry in versions(s3, name))
    assert stored == len(list((server.home / "s3" / "blobs").glob("??/*")))


def test_deleting_a_version_removes_its_bytes(
    server: OwnServer, before_and_after: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    """The blob goes with the version."""
    s3 = server.client("s3")
    blobs = server.home / "s3" / "blobs"
    before = set(blobs.glob("??/*"))
    version = s3.put_object(Bucket=BUCKET, Key="once", Body=b"once")["VersionId"]
    assert len(before) + 1 == len(list(blobs.glob("??/*")))
    s3.delete_object(Bucket=BUCKET, Key="once", VersionId=version)
    deadline = time.monotonic() + 5  # bytes go just after the answer
    while before != set(blobs.glob("??/*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert before == set(blobs.glob("??/*"))


@pytest.mark.parametrize("seconds", [0.15, 0.6])
def test_a_kill_in_the_middle_of_uploads_keeps_what_was_answered(server: OwnServer, seconds: float) -> None:
    """Every answered PUT is there with its VersionId; every object that is there is whole."""
    s3 = server.client("s3")
    bucket = f"storm-{int(seconds * 100)}"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    answered: dict[str, str] = {}

    def put(worker: int) -> None:
        mine = server.client("s3")
        mine.meta.events.register("needs-retry.*", lambda **_: None)
        for number in range(10_000):
            key = f"{worker}/{number}"
            try:
                answered[key] = mine.put_object(Bucket=bucket, Key=key, Body=key.encode() * 5000)["VersionId"]
            except (ClientError, BotoCoreError):
                return

    workers = [threading.Thread(target=put, args=(worker,)) for worker in range(4)]
    for worker in workers:
        worker.start()
    while not answered:
        time.sleep(0.01)
    time.sleep(seconds)
    server.kill()
    for worker in workers:
        worker.join()
    server.start()
    s3 = server.client("s3")
    found = {entry["Key"]: entry["VersionId"] for entry in versions(s3, bucket)}
    assert answered.items() <= found.items()
    assert len(found) <= len(answered) + len(workers)
    for key in found:
        assert key.encode() * 5000 == s3.get_object(Bucket=bucket, Key=key)["Body"].read()
