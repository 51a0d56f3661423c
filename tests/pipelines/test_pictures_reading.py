"""Pictures from files and S3, and which addresses are public."""

from __future__ import annotations

import time
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from bestiary.sample import draw_photo
from pipelines.errors import OperatorError, UsageError
from pipelines.pictures import read_picture
from pipelines.pictures.addresses import why_not_public
from pipelines.pictures.connection import look_up
from pipelines.pictures.web import MOST_BYTES
from pipelines.place import Place
from pipelines.settings import Settings

LATER = time.monotonic() + 3600
PHOTO = draw_photo("crab", 1, 64)


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a photo.txt"
    path.write_bytes(PHOTO)
    assert PHOTO == read_picture(str(path), None)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty file"),
        (b"hello", "not an image (it looks like text)"),
        (PHOTO[:100], "truncated or damaged"),
        (bytes(MOST_BYTES + 1), "more than 25 MB"),
    ],
)
def test_a_file_that_is_no_picture_is_refused(tmp_path: Path, data: bytes, why: str) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    with pytest.raises(OperatorError) as caught:
        read_picture(str(path), None)
    assert f"{path}: " in str(caught.value)
    assert why in str(caught.value)


def test_what_is_not_there_was_used_wrongly(tmp_path: Path) -> None:
    for where, why in {
        str(tmp_path / "none.jpg"): "there is no such file",
        str(tmp_path): "is a folder",
        "ftp://example.org/a.jpg": "a picture is a file",
        "s3://bucket": "s3://bucket/key",
    }.items():
        with pytest.raises(UsageError, match=why):
            read_picture(where, None)


def test_an_object_is_read_from_s3(tmp_path: Path) -> None:
    with mock_aws():
        place = Place(
            Settings("aws", tmp_path, "us-east-1"), boto3.Session("a", "b", region_name="us-east-1")
        )
        place.s3.create_bucket(Bucket="photos")
        place.s3.put_object(Bucket="photos", Key="day 1/a.jpg", Body=PHOTO)
        place.s3.put_object(Bucket="photos", Key="huge.jpg", Body=bytes(MOST_BYTES + 1))
        assert PHOTO == read_picture("s3://photos/day 1/a.jpg", place)
        with pytest.raises(OperatorError, match=r"s3://photos/b\.jpg: GetObject: The specified key"):
            read_picture("s3://photos/b.jpg", place)
        with pytest.raises(OperatorError, match="more than 25 MB"):
            read_picture("s3://photos/huge.jpg", place)
    with pytest.raises(OperatorError, match="S3 cannot be asked here"):
        read_picture("s3://photos/day 1/a.jpg", None)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.8.8.8", "loopback"),
        ("0.1.2.3", "this machine"),
        ("10.1.2.3", "private"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.168.0.1", "private"),
        ("169.254.169.254", "metadata"),
        ("168.63.129.16", "metadata"),
        ("100.64.0.1", "CGNAT"),
        ("100.100.100.200", "CGNAT"),
        ("224.0.0.1", "multicast"),
        ("198.18.0.1", "reserved"),
        ("203.0.113.7", "documentation"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "reserved"),
        ("::1", "loopback"),
        ("::", "reserved"),
        ("::7f00:1", "reserved"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:10.0.0.1", "private"),
        ("::ffff:0:7f00:1", "reserved"),
        ("64:ff9b::7f00:1", "loopback"),
        ("64:ff9b:1::1", "reserved"),
        ("2002:7f00:1::", "6to4"),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo"),
        ("2001:db8::1", "documentation"),
        ("2606:4700::5efe:10.0.0.1", "private"),
        ("fc00::1", "private"),
        ("fd00:ec2::254", "private"),
        ("fe80::1%1", "link-local"),
        ("fec0::1", "reserved"),
        ("ff02::1", "multicast"),
    ],
)
def test_an_address_that_is_not_public_says_what_it_is(address: str, kind: str) -> None:
    assert kind in why_not_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.1", "100.63.255.255", "100.128.0.1",
        "223.255.255.255",
        "2606:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8", "64:ff9b::808:808",
    ],
)  # fmt: skip
def test_public_addresses_are_public(address: str) -> None:
    assert why_not_public(address) == ""


def test_a_look_up_keeps_to_its_deadline() -> None:
    """What has passed already is not even asked for."""
    assert "127.0.0.1" in look_up("127.0.0.1", 443, LATER)
    with pytest.raises(TimeoutError):
        look_up("localhost", 443, 0.0)
    with pytest.raises(OSError, match=r".+"):
        look_up("no such host..", 443, LATER)
