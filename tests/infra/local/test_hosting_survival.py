"""Endpoints outlive the server: after a stop, and after it was killed under load or amid an update."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from hosting_world import SERVER, archive, until, variant
from job_world import LONG, ROLE
from own_server import BUCKET, OwnServer

from infra.local import images, lifecycle
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

    def unforgiving(self) -> Any:
        """Make a client that tries each request once."""
        keys = lifecycle.environment(self.server.running)
        return boto3.client(
            "sagemaker-runtime",
            keys["AWS_DEFAULT_REGION"],
            endpoint_url=self.server.running.endpoint_url,
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"total_max_attempts": 1}),
        )

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


def test_a_server_killed_under_load_costs_what_was_under_way(hosted: Hosted) -> None:
    """Eight clients lose a request each at most; once the endpoint is back nothing more is lost."""
    hosted.wait("InService")
    back, over = threading.Event(), threading.Event()
    answered: list[float] = []
    lost: list[str] = []

    def ask() -> None:
        runtime = hosted.unforgiving()
        while not over.is_set():
            try:
                runtime.invoke_endpoint(EndpointName="bear", Body=b"sleep 0.05")["Body"].read()
                answered.append(back.is_set())
            except (BotoCoreError, ClientError) as error:
                lost.append(f"{back.is_set()} {error}")
                back.wait(LONG)
                runtime = hosted.unforgiving()

    clients = [threading.Thread(target=ask, daemon=True) for _ in range(8)]
    for client in clients:
        client.start()
    until(lambda: len(answered) > 40)
    hosted.server.kill()
    hosted.server.start()
    hosted.wait("InService")
    back.set()
    until(lambda: sum(answered) > 40)
    over.set()
    for client in clients:
        client.join()
    assert 1 <= len(lost) <= len(clients)
    assert not [told for told in lost if told.startswith("True")]


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
