from __future__ import annotations

import errno
import gzip
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from infra.local.errors import AwsError
from infra.local.jobs import staging, uploading
from infra.local.jobs.failures import JobFailedError, JobStoppedError
from infra.local.jobs.plan import Input
from infra.local.jobs.s3_uri import S3Uri
from infra.local.objects import ObjectStore

if TYPE_CHECKING:
    from job_world import World

pytest_plugins = ("world_fixture",)


def fetch(world: World, to: Path, uri: str, **more: bool) -> list[str]:
    item = Input("train", S3Uri.parse(uri), "in", **more)
    staging.fetch(world.account.objects, item, to, lambda: None)
    return sorted(path.relative_to(to / "in").as_posix() for path in (to / "in").rglob("*") if path.is_file())


def failure(world: World, to: Path, uri: str, **more: bool) -> str:
    with pytest.raises(JobFailedError) as raised:
        fetch(world, to, uri, **more)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_names_of_any_kind_are_kept_and_none_escapes(world: World, tmp_path: Path) -> None:
    for key in ("any/a b/ü 野.txt", "any/../../up.txt", "any//abs.txt", "any/x/./dot.txt"):
        world.put(key, key)
    assert fetch(world, tmp_path, "s3://wildlife/any/") == [
        "%2E%2E/%2E%2E/up.txt",
        "a b/ü 野.txt",
        "abs.txt",
        "x/%2E/dot.txt",
    ]
    assert (tmp_path / "in/a b/ü 野.txt").read_text() == "any/a b/ü 野.txt"


def test_a_single_object_is_a_file_of_its_name(world: World, tmp_path: Path) -> None:
    uri = world.put("models/a/model.tar.gz", b"m")
    assert fetch(world, tmp_path, uri) == ["model.tar.gz"]


def test_a_folder_marker_becomes_an_empty_folder(world: World, tmp_path: Path) -> None:
    world.put("marked/empty/", b"")
    world.put("marked/a", b"1")
    assert fetch(world, tmp_path, "s3://wildlife/marked") == ["a"]
    assert (tmp_path / "in/empty").is_dir()


def test_a_manifest_names_the_objects(world: World, tmp_path: Path) -> None:
    world.put("in/a.txt", "a")
    world.put("in/sub/b.txt", "b")
    world.put("in/c.txt", "c")
    uri = world.put("list.json", json.dumps([{"prefix": "s3://wildlife/in/"}, "a.txt", "sub/b.txt"]))
    assert fetch(world, tmp_path, uri, manifest=True) == ["a.txt", "sub/b.txt"]


@pytest.mark.parametrize("text", ["{}", "[]", "not json", '[{"prefix": "in/"}]', "[1, 2]"])
def test_a_manifest_of_another_form_is_named(world: World, tmp_path: Path, text: str) -> None:
    uri = world.put("list.json", text)
    assert f'S3 object "{uri}" is no manifest' in failure(world, tmp_path, uri, manifest=True)


def test_gzip_is_unpacked_and_what_is_none_is_named(world: World, tmp_path: Path) -> None:
    world.put("z/a.csv.gz", gzip.compress(b"1,2"))
    assert fetch(world, tmp_path / "1", "s3://wildlife/z", gunzip=True) == ["a.csv"]
    assert (tmp_path / "1/in/a.csv").read_bytes() == b"1,2"
    uri = world.put("z/b.gz", b"plain")
    assert f"{uri} is no gzip file" in failure(world, tmp_path / "2", uri, gunzip=True)


def test_nothing_under_a_prefix_names_the_prefix(world: World, tmp_path: Path) -> None:
    assert failure(world, tmp_path, "s3://wildlife/none").startswith(
        'ClientError: Data download failed: No S3 objects found under S3 URL "s3://wildlife/none"'
    )


def test_a_bucket_that_is_not_there_is_named(world: World, tmp_path: Path) -> None:
    assert 'NoSuchBucket for S3 URL "s3://nowhere/x"' in failure(world, tmp_path, "s3://nowhere/x")


def test_a_prefix_that_may_not_be_read_is_named(world: World, tmp_path: Path) -> None:
    world.s3.backend.create_bucket("secret", "us-east-1")
    world.account.objects.put("secret", "a", b"1")
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::secret/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    world.s3.backend.put_bucket_policy("secret", policy.encode())
    assert 'AccessDenied for S3 URL "s3://secret/a"' in failure(world, tmp_path, "s3://secret/a")


def test_an_object_that_is_a_folder_too_is_refused_as_by_sagemaker(world: World, tmp_path: Path) -> None:
    world.put("both/a", b"file")
    world.put("both/a/b", b"below it")
    said = failure(world, tmp_path, "s3://wildlife/both/")
    assert "a previously downloaded file/folder clashes with it" in said


def test_two_thousand_small_files_take_about_a_second(world: World, tmp_path: Path) -> None:
    """Seconds of this thread, for others may want the processor too: 0.2 were measured."""
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(lambda n: world.put(f"many/{n}.txt", b"x" * 100), range(2000)))
    began = time.thread_time()
    assert len(fetch(world, tmp_path, "s3://wildlife/many/")) == 2000
    assert time.thread_time() - began < 1.5


def test_staging_ends_when_the_job_is_to_stop(world: World, tmp_path: Path) -> None:
    world.put("in/a", b"1")

    def stop() -> None:
        raise JobStoppedError

    with pytest.raises(JobStoppedError):
        staging.fetch(
            world.account.objects, Input("a", S3Uri.parse("s3://wildlife/in/"), "in"), tmp_path, stop
        )


class FullDisk(ObjectStore):
    """S3 beside a disk with no room left: what the kernel says then cannot be had in a test otherwise."""

    def fetch(self, bucket: str, key: str, to: Path, version_id: str | None = None) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(to))

    def put(self, bucket: str, key: str, source: Path | bytes) -> str:
        raise AwsError("InternalError", "The disk is full", 500)


def test_a_full_disk_is_called_that(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world.put("in/a", b"1")
    monkeypatch.setattr(world.account, "objects", FullDisk(world.s3))
    assert failure(world, tmp_path, "s3://wildlife/in/").startswith(
        'ClientError: Data download of "s3://wildlife/in/" failed: the disk is full'
    )
    (tmp_path / "model.tar.gz").write_bytes(b"m")
    with pytest.raises(JobFailedError, match=r"Data upload to s3://wildlife/m failed: .*disk is full"):
        uploading.put_file(world.account.objects, tmp_path / "model.tar.gz", S3Uri.parse("s3://wildlife/m"))


def test_a_folder_is_put_under_the_relative_paths_of_its_files(world: World, tmp_path: Path) -> None:
    (tmp_path / "out/sub dir").mkdir(parents=True)
    (tmp_path / "out/sub dir/é.txt").write_text("1")
    (tmp_path / "out/a").write_text("2")
    (tmp_path / "out/link").symlink_to("a")
    (tmp_path / "out/dangling").symlink_to("gone")
    os.mkfifo(tmp_path / "out/pipe")
    uploading.put_folder(world.account.objects, tmp_path / "out", S3Uri.parse("s3://wildlife/res/"))
    assert world.keys("res/") == ["a", "link", "sub dir/é.txt"]


def test_a_file_name_that_no_key_can_be_is_named(world: World, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path / "out") + b"/\xff")).write_text("1")
    with pytest.raises(JobFailedError, match=r"the file name b'\\xff' is no UTF-8"):
        uploading.put_folder(world.account.objects, tmp_path / "out", S3Uri.parse("s3://wildlife/res"))
