"""Images pushed and registered by digest; the AWS calls are checked against the service model."""

from __future__ import annotations

import base64
import importlib.util
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import docker
import pytest
from botocore.stub import Stubber
from small_registry import PASSWORD, USER, registry

pytestmark = pytest.mark.docker

PROGRAM = Path(__file__).parents[2] / "containers" / "push.py"
VARIANT = "pushtest"


@pytest.fixture
def push() -> ModuleType:
    """Load the program, which lies in no package."""
    spec = importlib.util.spec_from_file_location("bestiary_push", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bestiary_push"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def engine() -> Iterator[docker.DockerClient]:
    """Give an engine with a tiny image under a name of ours."""
    try:
        client = docker.from_env()
        client.ping()
    except docker.errors.DockerException:
        pytest.skip("no Docker engine")
    name = f"bestiary-jobs:{VARIANT}"
    client.images.build(fileobj=io.BytesIO(b"FROM scratch\nLABEL bestiary=push\n"), tag=name, rm=True)
    yield client
    client.images.remove(name, force=True)
    client.close()


def account(push: ModuleType, address: str, password: str) -> tuple[Any, Stubber, Stubber]:
    """Give an account whose repository is at an address; its answers and our requests fit AWS's model."""
    keys: Any = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
    ecr, ssm = boto3.client("ecr", **keys), boto3.client("ssm", **keys)
    calls, parameters = Stubber(ecr), Stubber(ssm)
    found = {"repositories": [{"repositoryUri": f"{address}/bestiary-jobs"}]}
    calls.add_response("describe_repositories", found, {"repositoryNames": ["bestiary-jobs"]})
    token = base64.b64encode(f"{USER}:{password}".encode()).decode()
    data = {"authorizationData": [{"authorizationToken": token}]}
    calls.add_response("get_authorization_token", data, {})
    calls.activate()
    parameters.activate()
    return push.Account(ecr, ssm), calls, parameters


def test_what_is_registered_is_the_digest_of_what_the_registry_got(
    push: ModuleType, engine: docker.DockerClient
) -> None:
    """The parameter that jobs are made from names the very manifest that was sent."""
    with registry() as server:
        address = f"127.0.0.1:{server.server_port}"
        where, _, parameters = account(push, address, PASSWORD)
        registered = {}
        parameters.add_response("put_parameter", {"Version": 1})
        where.ssm.meta.events.register(
            "provide-client-params.ssm.PutParameter", lambda params, **_: registered.update(params)
        )

        uri = push.push(engine, where, "jobs", VARIANT)

    digest = uri.partition("@")[2]
    manifest = json.loads(server.manifests[digest])
    assert ("/bestiary/images/jobs", uri) == (registered["Name"], registered["Value"])
    assert manifest["config"]["digest"] in server.blobs
    assert [] == [tag for tag in engine.images.get(f"bestiary-jobs:{VARIANT}").tags if address in tag]


def test_what_the_registry_refused_is_not_registered(push: ModuleType, engine: docker.DockerClient) -> None:
    """A wrong password ends in one error; the parameter stays as it was."""
    with registry() as server:
        where, _, parameters = account(push, f"127.0.0.1:{server.server_port}", "wrong")

        with pytest.raises(push.PushError, match="was not pushed"):
            push.push(engine, where, "jobs", VARIANT)

    parameters.assert_no_pending_responses()
    assert {} == server.manifests
