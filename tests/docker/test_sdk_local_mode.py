"""The images under the SageMaker SDK's own local mode: docker compose, and the requests AWS would get."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from conftest import Learned
from contract_runs import JOBS, SERVING, Host, free_port

from pipelines.graph.jobs import processing_input, processing_job, training_job
from pipelines.network import isolated

pytestmark = pytest.mark.docker

ROLE = "arn:aws:iam::123456789012:role/bestiary-jobs"


@pytest.fixture(scope="module")
def session(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Give the SDK's local session; its data are files, so that nothing of it reaches out."""
    with pytest.MonkeyPatch.context() as environment:
        # The SDK looks for a region when it is imported, and would tell AWS about its use.
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        from sagemaker.core.local import LocalSession

        telemetry_off = {
            "SchemaVersion": "1.0",
            "SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}},
        }
        opened = LocalSession(
            boto3.Session("local", "local", region_name="us-east-1"),
            default_bucket="bestiary-local",
            s3_endpoint_url="http://127.0.0.1:9",
            sagemaker_config=telemetry_off,
        )
        opened.config = {
            "local": {
                "container_root": str(tmp_path_factory.mktemp("compose")),
                "serving_port": free_port(),
                "container_config": {"mem_limit": "3g", "labels": [host.label]},
            }
        }
        yield opened


def test_processing_job(session: Any, photos: Path, tmp_path: Path) -> None:
    """The pipeline's own request of prepare, with files in place of S3."""
    outputs = {name: f"file://{tmp_path / name}" for name in ("train", "test", "exploration")}
    request = processing_job(
        "prepare",
        image=JOBS,
        role=ROLE,
        instances=("local", 1, 30),
        arguments=["--image-size", "32", "--transfer-image-size", "32"],
        inputs=[processing_input("data", f"file://{photos}")],
        outputs=outputs,
        network=isolated(None),
    )

    session.sagemaker_client.create_processing_job(ProcessingJobName="prepare", **request)

    told = session.sagemaker_client.describe_processing_job("prepare")
    dataset = json.loads((tmp_path / "train" / "dataset.json").read_text())
    assert "Completed" == told["ProcessingJobStatus"]
    assert 10 == len(dataset["classes"])


def test_training_job(session: Any, learned: Learned, tmp_path: Path) -> None:
    """The pipeline's own request of a training job; its archive is a model."""
    view = learned.preparing / "processing" / "output" / "train" / "custom_cnn"
    request = training_job(
        image=JOBS,
        role=ROLE,
        instances=("local", 1, 30),
        hyperparameters={"model": "custom_cnn", "epochs": "1"},
        channels={"train": f"file://{view}"},
        output=f"file://{tmp_path}",
        checkpoints=f"file://{tmp_path / 'checkpoints'}",
        spot=False,
        network=None,
    )

    session.sagemaker_client.create_training_job(TrainingJobName="train", **request)

    archive = session.sagemaker_client.describe_training_job("train")["ModelArtifacts"]["S3ModelArtifacts"]
    with tarfile.open(archive.removeprefix("file://")) as tar:
        assert "manifest.json" in tar.getnames()


def test_failed_job_is_told_as_failed(session: Any, tmp_path: Path) -> None:
    """The exit code comes through: local mode calls nothing a success that was none."""
    request = training_job(
        image=JOBS,
        role=ROLE,
        instances=("local", 1, 30),
        hyperparameters={"model": "unicorn"},
        channels={},
        output=f"file://{tmp_path}",
        checkpoints=f"file://{tmp_path / 'checkpoints'}",
        spot=False,
        network=None,
    )

    with pytest.raises(RuntimeError, match="exited with code: 1"):
        session.sagemaker_client.create_training_job(TrainingJobName="unicorn", **request)


def test_endpoint(session: Any, champion: Path, photos: Path) -> None:
    """Model, configuration and endpoint, as three calls; the endpoint names the animal in a photo.

    The SDK is given the unpacked model: it leaves an archive in the folder that it unpacks it into, and an
    artifact with a file that its manifest does not know is refused.
    """
    sagemaker = session.sagemaker_client
    container = {"Image": SERVING, "ModelDataUrl": f"file://{champion / 'model'}", "Environment": {}}
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": "classifier",
        "InstanceType": "local",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_model("classifier", container)
    sagemaker.create_endpoint_config("classifier", [variant])
    sagemaker.create_endpoint("classifier", "classifier")
    try:
        photo = io.BytesIO(next(photos.glob("*/*.jpg")).read_bytes())
        answer = session.sagemaker_runtime_client.invoke_endpoint(
            photo.read(), "classifier", ContentType="image/jpeg", Accept="application/json"
        )

        assert "InService" == sagemaker.describe_endpoint("classifier")["EndpointStatus"]
        assert 10 == len(json.loads(answer["Body"].read())["scores"])
    finally:
        sagemaker.delete_endpoint("classifier")
