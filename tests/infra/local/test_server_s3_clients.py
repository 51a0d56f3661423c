"""S3 over HTTP as all sorts of clients speak it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError
from own_server import BUCKET, OwnServer

from infra.local import lifecycle

AWS = Path(sys.executable).with_name("aws")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServer]:
    """Run a server with one versioned bucket."""
    server = OwnServer(tmp_path_factory.mktemp("home"))
    s3 = server.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    yield server
    server.stop()


@pytest.fixture
def s3(server: OwnServer) -> Any:
    """Make a client of it."""
    return server.client("s3")


def aws(server: OwnServer, *words: str) -> str:
    """Run the AWS CLI against the server."""
    environment = {**os.environ, **lifecycle.environment(server.running), "AWS_PAGER": ""}
    done = subprocess.run([AWS, *words], env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def ask(server: OwnServer, method: str, path: str, **headers: str) -> tuple[int, bytes]:
    """Send a bare request."""
    connection = HTTPConnection("127.0.0.1", int(server.running.endpoint_url.rpartition(":")[2]))
    dashed = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers=dashed)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def test_the_aws_cli_lists_objects_and_versions(server: OwnServer, s3: Any, tmp_path: Path) -> None:
    """``s3 cp``, ``s3 ls`` and ``s3api list-object-versions`` work as they are."""
    photo = tmp_path / "a bear.jpg"
    photo.write_bytes(b"jpeg" * 100)
    for _ in range(2):
        aws(server, "s3", "cp", str(photo), f"s3://{BUCKET}/cli/bear/a bear.jpg")
    assert "a bear.jpg" in aws(server, "s3", "ls", f"s3://{BUCKET}/cli/bear/")
    listed = json.loads(aws(server, "s3api", "list-object-versions", "--bucket", BUCKET, "--prefix", "cli/"))[
        "Versions"
    ]
    assert [entry["IsLatest"] for entry in listed] == [True, False]


@pytest.mark.parametrize(
    "key", ["a//b", "a b+c&d=e", "100%25.txt", "ünïcode/ö.txt", "dir/", "a/../b", "q?x#y"]
)
def test_any_key_comes_back_as_it_was_put(s3: Any, key: str) -> None:
    """Keys are bytes to S3: nothing in them is folded, and their tags are kept by the same key."""
    s3.put_object(Bucket=BUCKET, Key=key, Body=key.encode(), Tagging="a=b")
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == key.encode()
    assert s3.get_object_tagging(Bucket=BUCKET, Key=key)["TagSet"] == [{"Key": "a", "Value": "b"}]
    assert key in [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]


def test_an_empty_object_is_stored_and_read(s3: Any) -> None:
    """An empty body, which clients announce as any other, is taken at once."""
    s3.put_object(Bucket=BUCKET, Key="empty", Body=b"")
    assert s3.get_object(Bucket=BUCKET, Key="empty")["Body"].read() == b""


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=part", "application/x-www-form-urlencoded"])
def test_a_form_is_an_object_like_any_other(s3: Any, kind: str) -> None:
    body = b'--part\r\nContent-Disposition: form-data; name="key"\r\n\r\na=b\r\n--part--\r\n'
    s3.put_object(Bucket=BUCKET, Key="form", Body=body, ContentType=kind)
    stored = s3.get_object(Bucket=BUCKET, Key="form")
    assert (stored["Body"].read(), stored["ContentType"]) == (body, kind)


def test_a_large_file_goes_up_in_parts_and_comes_down_in_ranges(
    server: OwnServer, s3: Any, tmp_path: Path
) -> None:
    """The transfer manager's defaults, and a stream whose length it does not know."""
    data = os.urandom(20 << 20)
    (tmp_path / "up").write_bytes(data)
    s3.upload_file(str(tmp_path / "up"), BUCKET, "large")
    s3.download_file(BUCKET, "large", str(tmp_path / "down"), Config=TransferConfig(max_concurrency=4))
    assert (tmp_path / "down").read_bytes() == data
    assert s3.get_object(Bucket=BUCKET, Key="large", Range="bytes=-5")["Body"].read() == data[-5:]
    assert s3.get_object(Bucket=BUCKET, Key="large")["Body"].read() == data
    s3.upload_fileobj(io.BytesIO(data[:100]), BUCKET, "stream")
    assert s3.head_object(Bucket=BUCKET, Key="stream")["ContentLength"] == 100


def test_a_body_in_signed_chunks_is_taken_apart(s3: Any, server: OwnServer) -> None:
    """``aws-chunked`` with a trailing checksum, which SDKs send for streams."""
    body = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"
    connection = HTTPConnection("127.0.0.1", int(server.running.endpoint_url.rpartition(":")[2]))
    headers = {
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "Content-Encoding": "aws-chunked",
        "x-amz-decoded-content-length": "5",
        "x-amz-trailer": "x-amz-checksum-crc32",
    }
    connection.request("PUT", f"/{BUCKET}/chunked", body=iter([body]), headers=headers, encode_chunked=True)
    assert connection.getresponse().status == 200
    connection.close()
    assert s3.get_object(Bucket=BUCKET, Key="chunked")["Body"].read() == b"hello"


def test_a_presigned_url_works_without_any_headers(s3: Any) -> None:
    """Also for a key with an underscore in its first part, by which moto's own server is led astray."""
    s3.put_object(Bucket=BUCKET, Key="a_b/c", Body=b"shared")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "a_b/c"})
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own server
        assert answer.read() == b"shared"


@pytest.mark.parametrize("host", [f"{BUCKET}.localhost", f"{BUCKET}.localhost:4577"])
def test_the_bucket_may_be_named_in_the_host(server: OwnServer, s3: Any, host: str) -> None:
    """Virtual-host style is path style in other words."""
    s3.put_object(Bucket=BUCKET, Key="in/host", Body=b"found", ACL="public-read")
    assert ask(server, "GET", "/in/host", Host=host) == (200, b"found")


def test_metadata_keeps_its_names(s3: Any) -> None:
    """Underscores stay underscores, and names come back in small letters."""
    metadata = {"data_digest": "1", "image-size": "2", "Mixed": "3"}
    s3.put_object(Bucket=BUCKET, Key="named", Body=b"", Metadata=metadata)
    found = s3.head_object(Bucket=BUCKET, Key="named")["Metadata"]
    assert found == {"data_digest": "1", "image-size": "2", "mixed": "3"}


def test_a_conditional_put_has_one_winner(s3: Any) -> None:
    """``If-None-Match: *`` is good as a lock."""
    s3.put_object(Bucket=BUCKET, Key="lock", Body=b"1", IfNoneMatch="*")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket=BUCKET, Key="lock", Body=b"2", IfNoneMatch="*")


def test_a_refused_put_leaves_no_object(s3: Any) -> None:
    """An object whose tags are refused is not there; moto alone would keep it."""
    with pytest.raises(ClientError, match="InvalidTag"):
        s3.put_object(Bucket=BUCKET, Key="ill-tagged", Body=b"x", Tagging="aws:x=1")
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET, Prefix="ill-tagged")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", f"/{BUCKET}?requestPayment"),
        ("PUT", f"/{BUCKET}?analytics&id=1"),
        ("DELETE", f"/{BUCKET}?inventory&id=1"),
        ("PUT", f"/{BUCKET}/named?renameObject"),
        ("GET", f"/{BUCKET}/named?torrent"),
    ],
)
def test_what_s3_here_does_not_do_is_refused(server: OwnServer, method: str, path: str) -> None:
    """Moto would take these for other requests, and make or overwrite something."""
    status, body = ask(server, method, path, Content_Length="0")
    assert status == 501
    assert b"<Code>NotImplemented</Code>" in body


def test_a_denied_prefix_can_be_neither_read_nor_listed(s3: Any) -> None:
    """A bucket policy's explicit deny holds for everyone, and nothing else is denied with it."""
    s3.create_bucket(Bucket="guarded")
    for key in ("private/a", "open/a"):
        s3.put_object(Bucket="guarded", Key=key, Body=b"x")
    arn = "arn:aws:s3:::guarded"
    deny = {"Effect": "Deny", "Principal": "*"}
    statements = [
        {**deny, "Action": ["s3:Get*"], "Resource": f"{arn}/private/*"},
        {
            **deny,
            "Action": "s3:ListBucket",
            "Resource": arn,
            "Condition": {"StringLike": {"s3:prefix": "private/*"}},
        },
        {
            **deny,
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]
    s3.put_bucket_policy(
        Bucket="guarded", Policy=json.dumps({"Version": "2012-10-17", "Statement": statements})
    )
    for read in (
        lambda: s3.get_object(Bucket="guarded", Key="private/a"),
        lambda: s3.copy_object(
            Bucket="guarded", Key="open/b", CopySource={"Bucket": "guarded", "Key": "private/a"}
        ),
        lambda: s3.list_objects_v2(Bucket="guarded", Prefix="private/"),
    ):
        with pytest.raises(ClientError) as caught:
            read()
        assert caught.value.response["Error"]["Code"] == "AccessDenied"
    assert s3.get_object(Bucket="guarded", Key="open/a")["Body"].read() == b"x"
    assert s3.list_objects_v2(Bucket="guarded", Prefix="open/")["KeyCount"] == 1


PAGE = "http://localhost:3000"


@pytest.fixture(params=["s3", "s3v4"])
def signing(server: OwnServer, request: pytest.FixtureRequest) -> Any:
    """Make a client that signs in the older way, and one that signs in the newer."""
    how = {"endpoint_url": server.running.endpoint_url, "region_name": "us-east-1"}
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    return boto3.client("s3", config=Config(signature_version=request.param), **how, **keys)


def signed(s3: Any, seconds: int = 60) -> dict[str, Any]:
    """Sign for one text of ten bytes at most, under texts/."""
    conditions = [
        {"Content-Type": "text/plain"},
        ["starts-with", "$key", "texts/"],
        ["content-length-range", 1, 10],
    ]
    made: dict[str, Any] = s3.generate_presigned_post(
        BUCKET, "texts/${filename}", {"Content-Type": "text/plain"}, conditions, seconds
    )
    return made


def post(form: dict[str, Any], data: bytes, **fields: str) -> httpx.Response:
    return httpx.post(form["url"], data=form["fields"] | fields, files={"file": ("a.txt", data)})


def test_a_form_that_fits_its_policy_is_an_object(s3: Any, signing: Any) -> None:
    assert 204 == post(signed(signing), b"0123456789", key="texts/a.txt").status_code
    found = s3.get_object(Bucket=BUCKET, Key="texts/a.txt")
    assert (b"0123456789", "text/plain") == (found["Body"].read(), found["ContentType"])


def test_what_a_policy_does_not_allow_is_refused(s3: Any) -> None:
    for data, fields, code in (
        (b"01234567890", {}, "EntityTooLarge"),
        (b"", {}, "EntityTooSmall"),
        (b"0", {"key": "elsewhere"}, "AccessDenied"),
        (b"0", {"Content-Type": "text/html"}, "AccessDenied"),
        (b"0", {"acl": "public-read"}, "AccessDenied"),
    ):
        assert f"<Code>{code}</Code>" in post(signed(s3), data, **{"key": "texts/b.txt", **fields}).text
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET, Prefix="texts/b")


def test_signed_addresses_end(s3: Any, signing: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="short", Body=b"x")
    which = {"Bucket": BUCKET, "Key": "short"}
    good, over = (signing.generate_presigned_url("get_object", which, seconds) for seconds in (60, -1))
    assert (b"x", True) == (httpx.get(good).content, "expired" in httpx.get(over).text)
    assert "Policy expired" in post(signed(signing, -1), b"x", key="texts/c.txt").text


def test_pages_read_what_a_rule_of_the_bucket_lets_them(s3: Any) -> None:
    """The local SageMaker itself answers no page of another machine, whatever the rule says."""
    rule = {"AllowedOrigins": ["http://localhost:*"], "AllowedMethods": ["POST", "GET"]}
    s3.put_bucket_cors(Bucket=BUCKET, CORSConfiguration={"CORSRules": [{**rule, "AllowedHeaders": ["*"]}]})
    form = signed(s3)
    asked = {
        "Origin": PAGE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-mine",
    }
    preflight = httpx.options(form["url"], headers=asked)
    assert (200, PAGE) == (preflight.status_code, preflight.headers["access-control-allow-origin"])
    assert "x-mine" == preflight.headers["access-control-allow-headers"]
    refused = httpx.options(form["url"], headers={**asked, "Access-Control-Request-Method": "DELETE"})
    assert 403 == refused.status_code
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "nothing"})
    assert PAGE == httpx.get(url, headers={"Origin": PAGE}).headers["access-control-allow-origin"]
    assert "access-control-allow-origin" not in httpx.get(url).headers
    assert 403 == httpx.get(url, headers={"Origin": "https://elsewhere.example"}).status_code
