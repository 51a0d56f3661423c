"""Endpoints outlive the server: after a stop, and after it was killed in the middle of an update."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hosting_world import SERVER, archive, until, variant
from job_world import ROLE
from own_server import BUCKET, OwnServer

from infra.local import images
from infra.local.processes import started


class Hosted:
    """A server with an endpoint of two models."""

    def __init__(self, home: Path, source: Path) -> None:
        (source / "toy").mkdir(parents=True)
        (source / "toy" / "__main__.py").write_text(SERVER)
        self.server = OwnServer(home)
        image = images.push(home, "toy", source, ("toy",), entrypoint=("python", "-m", "toy"))
        s3, sagemaker = self.server.client("s3"), self.server.client("sagemaker")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key="model.tar.gz", Body=archive({"weights": "1"}))
        for name in ("old", "new"):
            sagemaker.create_model(
                ModelName=name,
                ExecutionRoleArn=ROLE,
                PrimaryContainer={
                    "Image": image,
                    "ModelDataUrl": f"s3://{BUCKET}/model.tar.gz",
                    "Environment": {"NAME": name},
                },
            )
            sagemaker.create_endpoint_config(
                EndpointConfigName=name, ProductionVariants=[variant(name, count=2)]
            )
        sagemaker.create_endpoint(EndpointName="bear", EndpointConfigName="old")
        self.wait("InService")

    def describe(self) -> dict[str, Any]:
        return self.server.client("sagemaker").describe_endpoint(EndpointName="bear")

    def wait(self, status: str) -> dict[str, Any]:
        until(lambda: self.describe()["EndpointStatus"] == status, lambda: str(self.describe()))
        return self.describe()

    def ask(self) -> dict[str, Any]:
        runtime = self.server.client("sagemaker-runtime")
        return json.loads(runtime.invoke_endpoint(EndpointName="bear", Body=b"")["Body"].read())

    def pids(self) -> set[int]:
        return {self.ask()["pid"] for _ in range(4)}


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    """Start the server."""
    folder = tmp_path_factory.mktemp("hosted")
    opened = Hosted(folder / "home", folder / "source")
    yield opened
    opened.server.stop()


def test_a_stop_ends_all_processes_and_a_start_brings_them_back(hosted: Hosted) -> None:
    """Nothing runs while the server does not; the endpoint comes back by itself."""
    before = hosted.pids()
    hosted.server.stop()
    assert not any(started(pid) for pid in before)
    hosted.server.start()
    described = hosted.wait("InService")
    assert "FailureReason" not in described
    assert hosted.ask()["name"] == "old"


def test_a_killed_server_brings_endpoints_back_on_the_old_configuration(hosted: Hosted) -> None:
    """An update that was cut goes back, and the description says so; no process of before is left."""
    routing = {
        "Type": "CANARY",
        "WaitIntervalInSeconds": 600,
        "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 50},
    }
    hosted.server.client("sagemaker").update_endpoint(
        EndpointName="bear",
        EndpointConfigName="new",
        DeploymentConfig={"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}},
    )
    until(lambda: {hosted.ask()["name"] for _ in range(4)} == {"old", "new"})
    before = hosted.pids()
    hosted.server.kill()
    hosted.server.start()
    described = hosted.wait("InService")
    assert described["EndpointConfigName"] == "old"
    assert "stopped while the endpoint was being updated" in described["FailureReason"]
    assert {hosted.ask()["name"] for _ in range(4)} == {"old"}
    until(lambda: not any(started(pid) for pid in before))
    assert len(list((hosted.server.home / "endpoints" / "bear").iterdir())) == 1
