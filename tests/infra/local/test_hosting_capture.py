"""Data capture: what an independent reader finds in S3."""

from __future__ import annotations

import base64
import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
import sdk_settings
from botocore.exceptions import ClientError
from hosting_world import Endpoints, capture, until, variant
from job_world import BUCKET, PATIENT, World

from infra.local.client import REGION

pytest_plugins = ("world_fixture",)


@pytest.fixture(scope="module")
def endpoints(world: World, tmp_path_factory: pytest.TempPathFactory) -> Endpoints:
    """Open an account with a model."""
    opened = Endpoints(world, tmp_path_factory.mktemp("source"))
    opened.model("bear")
    return opened


def lines(endpoints: Endpoints, prefix: str) -> list[dict[str, Any]]:
    """Read all captured lines as any reader of JSON Lines would."""
    world = endpoints.world
    return [
        json.loads(line)
        for key in world.keys(f"{prefix}/")
        for line in world.read(f"{prefix}/{key}").decode().splitlines()
    ]


def test_the_layout_is_sagemakers(endpoints: Endpoints) -> None:
    """File names, members, encodings by content type, and the inference id where one was given."""
    header = {"JsonContentTypes": ["application/json"], "CsvContentTypes": ["text/csv"]}
    config = capture("all", "Input", "Output", CaptureContentTypeHeader=header)
    endpoints.config("all", variant("bear"), DataCaptureConfig=config)
    described = endpoints.create("all", "all")
    assert described["DataCaptureConfig"] == {
        "EnableCapture": True,
        "CaptureStatus": "Started",
        "CurrentSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{BUCKET}/all",
        "KmsKeyId": "",
    }
    before = datetime.now(UTC).replace(microsecond=0)
    endpoints.ask("all", b" a photo", ContentType="image/jpeg", InferenceId="p1")
    endpoints.ask("all", b"1,2", ContentType="text/csv; charset=utf-8")
    with pytest.raises(ClientError):
        endpoints.ask("all", b"fail")
    until(lambda: len(lines(endpoints, "all")) == 2)
    photo, row = lines(endpoints, "all")
    assert list(photo) == ["captureData", "eventMetadata", "eventVersion"]
    assert photo["eventVersion"] == "0"
    given, answered = photo["captureData"]["endpointInput"], photo["captureData"]["endpointOutput"]
    assert (given["observedContentType"], given["mode"], given["encoding"]) == (
        "image/jpeg",
        "INPUT",
        "BASE64",
    )
    assert base64.b64decode(given["data"]) == b" a photo"
    assert (answered["mode"], answered["encoding"]) == ("OUTPUT", "JSON")
    assert json.loads(answered["data"])["name"] == "bear"
    assert photo["eventMetadata"]["inferenceId"] == "p1"
    assert "inferenceId" not in row["eventMetadata"]
    assert photo["eventMetadata"]["eventId"] != row["eventMetadata"]["eventId"]
    moment = datetime.strptime(photo["eventMetadata"]["inferenceTime"], "%Y-%m-%dT%H:%M:%SZ").replace(
        tzinfo=UTC
    )
    assert moment >= before
    assert row["captureData"]["endpointInput"]["data"] == "1,2"
    assert row["captureData"]["endpointInput"]["encoding"] == "CSV"
    (name, *_) = endpoints.world.keys("all/")
    assert re.fullmatch(r"all/AllTraffic/\d{4}/\d\d/\d\d/\d\d/\d\d-\d\d-\d{3}-[0-9a-f-]{36}\.jsonl", name)
    endpoints.delete("all")


def test_only_what_was_asked_for_is_captured(endpoints: Endpoints) -> None:
    """One side, a share of the requests, nothing where it is off; what waits is put at the end."""
    for name, config in (
        ("outputs", capture("outputs", "Output")),
        ("half", capture("half", "InputAndOutput", share=50)),
        ("none", capture("none", "Input", EnableCapture=False)),
    ):
        endpoints.config(name, variant("bear"), DataCaptureConfig=config)
        endpoints.create(name, name)
        for _ in range(40):
            endpoints.ask(name)
        endpoints.delete(name)
    outputs = lines(endpoints, "outputs")
    assert len(outputs) == 40
    assert {tuple(line["captureData"]) for line in outputs} == {("endpointOutput",)}
    assert 5 < len(lines(endpoints, "half")) < 35
    assert lines(endpoints, "none") == []


def test_captures_are_put_as_soon_as_the_requests_pause(endpoints: Endpoints) -> None:
    """Whoever asks and then looks finds it all; who goes on asking finds it after `capture_seconds`."""
    endpoints.config("pause", variant("bear"), DataCaptureConfig=capture("pause", "Output"))
    endpoints.create("pause", "pause")
    for count in (3, 5):
        before = time.monotonic()
        for _ in range(count):
            endpoints.ask("pause")
        until(lambda count=count: len(lines(endpoints, "pause")) >= 3 + 5 * (count == 5))
        assert time.monotonic() - before < PATIENT / 2
    assert len(lines(endpoints, "pause")) == 8
    assert len(endpoints.world.keys("pause/")) == 2, "the requests of one time are one file"
    endpoints.delete("pause")


def test_the_sagemaker_sdk_asks_for_captures_and_finds_them(
    endpoints: Endpoints, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SDK v3 has a class that asks for the files and one that fetches them; it has none that reads a line."""
    keys = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": REGION}
    where = {**keys, "AWS_ENDPOINT_URL": endpoints.world.url}
    for name, value in {**where, **sdk_settings.environment(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    from sagemaker.core.helper.session_helper import Session
    from sagemaker.core.model_monitor import DataCaptureConfig
    from sagemaker.core.s3 import S3Downloader

    session = Session(boto3.Session(region_name=REGION), default_bucket=BUCKET)
    destination = f"s3://{BUCKET}/sdk"
    wanted = DataCaptureConfig(True, 100, destination, sagemaker_session=session)  # noqa: FBT003 - the SDK's
    request = wanted._to_request_dict()  # noqa: SLF001 - what the SDK sends
    endpoints.config("sdk", variant("bear"), DataCaptureConfig=request)
    endpoints.create("sdk", "sdk")
    endpoints.ask("sdk", b"1,2", ContentType="text/csv")
    endpoints.delete("sdk")
    (file,) = S3Downloader.list(destination, sagemaker_session=session)
    (line,) = S3Downloader.read_file(file, sagemaker_session=session).splitlines()
    given = json.loads(line)["captureData"]["endpointInput"]
    assert (given["data"], given["encoding"]) == ("1,2", "CSV")


def test_answers_come_also_when_nothing_can_be_captured(endpoints: Endpoints) -> None:
    """A bucket that is not there costs the capture, not the answer."""
    config = {**capture("x", "Input"), "DestinationS3Uri": "s3://no-such-bucket/x"}
    endpoints.config("lost", variant("bear"), DataCaptureConfig=config)
    endpoints.create("lost", "lost")
    assert endpoints.ask("lost")["name"] == "bear"
    endpoints.delete("lost")
