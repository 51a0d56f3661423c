"""A full disk: a clear answer, and nothing lost of what was there."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from own_server import BUCKET, OwnServer, contents, versions

from infra.local import lifecycle

ROOM = 12 << 20
LIMIT = 3 << 20


class SmallDisk:
    """A home that has little room, by a small file system where one may be mounted, else by a limit."""

    def __init__(self, folder: Path) -> None:
        self.home = folder
        mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(folder)]
        self.is_mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        if not self.is_mounted:
            resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, before[1]))
        try:
            self.server = OwnServer(folder)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    def close(self) -> None:
        """Stop the server and give the room back."""
        self.server.stop()
        if self.is_mounted:
            subprocess.run(["umount", str(self.home)], check=True)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDisk]:
    """Run a server with little room, with an object in it."""
    disk = SmallDisk(tmp_path_factory.mktemp("small"))
    s3 = disk.server.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=BUCKET, Key="kept", Body=b"kept", Metadata={"a": "b"})
    yield disk
    disk.close()


def refused(s3: Any, size: int) -> ClientError:
    """Overwrite an object with too much, and return the error."""
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=BUCKET, Key="kept", Body=os.urandom(size))
    return caught.value


def test_an_object_too_large_for_the_disk_is_refused_in_clear_words(disk: SmallDisk) -> None:
    """The answer names the folder, is not retried, and leaves the object, its versions and the room."""
    s3 = disk.server.client("s3")
    before = versions(s3, BUCKET), contents(s3, BUCKET)
    blobs = set((disk.home / "s3" / "blobs").glob("??/*"))
    error = refused(s3, ROOM + 1)
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 507
    assert error.response["ResponseMetadata"]["RetryAttempts"] == 0
    assert error.response["Error"]["Code"] == "InternalError"
    assert f"no space left in {disk.home / 's3'}" in error.response["Error"]["Message"]
    assert (versions(s3, BUCKET), contents(s3, BUCKET)) == before
    assert set((disk.home / "s3" / "blobs").glob("??/*")) == blobs


def fill_up(path: Path) -> None:
    """Write until there is no room at all."""
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def tag_for_ever(s3: Any) -> None:
    """Set something small again and again: the index may have some pages left."""
    for number in range(2000):
        s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [{"Key": "n", "Value": f"{number}" * 40}]})


def test_a_disk_without_any_room_still_reads_deletes_and_recovers(disk: SmallDisk) -> None:
    """What was there is read, also after a restart; room made by deleting is used again."""
    if not disk.is_mounted:
        # A limit on the size of files never fills a disk: what is left to show is in the test above.
        return
    s3 = disk.server.client("s3")
    ballast = s3.put_object(Bucket=BUCKET, Key="ballast", Body=os.urandom(1 << 20))["VersionId"]
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [{"Key": "n", "Value": "first"}]})
    before = versions(s3, BUCKET), contents(s3, BUCKET)
    filler = disk.home / "filler"
    with pytest.raises(OSError, match="No space left"):
        fill_up(filler)
    assert "no space left" in str(refused(s3, 50_000))
    with pytest.raises(ClientError, match="no space left"):
        tag_for_ever(s3)
    tags = s3.get_bucket_tagging(Bucket=BUCKET)["TagSet"]
    assert (versions(s3, BUCKET), contents(s3, BUCKET)) == before
    filler.unlink()
    s3.delete_object(Bucket=BUCKET, Key="ballast", VersionId=ballast)
    version = s3.put_object(Bucket=BUCKET, Key="kept", Body=b"new")["VersionId"]
    disk.server.kill()
    disk.server.start()
    s3 = disk.server.client("s3")
    assert s3.get_bucket_tagging(Bucket=BUCKET)["TagSet"] == tags
    assert s3.head_object(Bucket=BUCKET, Key="kept")["VersionId"] == version
    assert len(versions(s3, BUCKET)) == 2


def test_a_start_without_room_says_so_in_one_line(tmp_path: Path) -> None:
    """The error names the home and what to do."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, before[1]))
    try:
        with pytest.raises(lifecycle.LifecycleError) as caught:
            lifecycle.start(tmp_path / "home")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert str(tmp_path / "home") in str(caught.value)
    assert "no space left" in str(caught.value)
    assert "\n" not in str(caught.value)
