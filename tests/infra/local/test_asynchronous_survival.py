"""Asynchronous requests outlive a killed server: with a real one, and its real serving process."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hosting_world import Endpoints, until, variant
from job_world import BUCKET
from own_server import OwnServer


class Account:
    """What `Endpoints` needs of a `World`, over HTTP."""

    def __init__(self, server: OwnServer) -> None:
        self.server = server
        self.account = SimpleNamespace(home=server.home)

    def client(self, service: str) -> Any:
        """Make a boto3 client."""
        return self.server.client(service)

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """Call an operation of SageMaker."""
        client = self.client("sagemaker")
        method = next(
            name for name, spelled in client.meta.method_to_api_mapping.items() if spelled == operation
        )
        return dict(getattr(client, method)(**request))

    def put(self, key: str, body: bytes | str) -> str:
        """Put an object and return its URI."""
        self.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)
        return f"s3://{BUCKET}/{key}"


@pytest.mark.slow
def test_requests_under_way_and_waiting_are_answered_after_a_kill(tmp_path: Path) -> None:
    """The endpoint comes back by itself, and what the killed server had accepted is answered."""
    server = OwnServer(tmp_path / "home")
    try:
        account = Account(server)
        account.client("s3").create_bucket(Bucket=BUCKET)
        toys = Endpoints(account, tmp_path / "toys")
        toys.model("lasting")
        output = {"S3OutputPath": f"s3://{BUCKET}/out"}
        config = {"OutputConfig": output, "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 1}}
        toys.config("lasting", variant("lasting"), AsyncInferenceConfig=config)
        toys.create("lasting", "lasting")
        runtime = account.client("sagemaker-runtime")
        said = [
            runtime.invoke_endpoint_async(EndpointName="lasting", Body=body)["OutputLocation"]
            for body in (b"sleep 2", b"waiting")
        ]
        server.kill()
        server.start()
        bodies = [_read(server, uri) for uri in said]
        assert ["sleep 2", "waiting"] == [json.loads(body)["body"] for body in bodies]
    finally:
        server.stop()


def _read(server: OwnServer, uri: str) -> bytes:
    s3, key = server.client("s3"), uri.removeprefix(f"s3://{BUCKET}/")
    until(lambda: s3.list_objects_v2(Bucket=BUCKET, Prefix=key)["KeyCount"])
    body: bytes = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return body
