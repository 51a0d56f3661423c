"""The serving program behind a local endpoint, as operators run it."""

import gzip
import io
import json
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from endpoints import ROOT, START_SECONDS, Endpoint
from serving_examples import photo

from infra.local import images, lifecycle
from infra.local.bootstrap import ENTRYPOINTS, IMAGES
from infra.local.client import REGION, client


@pytest.fixture
def running(tmp_path: Path) -> Iterator[lifecycle.Running]:
    """Start a local SageMaker of the test's own."""
    yield lifecycle.start(tmp_path / "home")
    lifecycle.stop(tmp_path / "home")


def packed(folder: Path) -> bytes:
    """Pack an artifact as a model.tar.gz."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.add(folder, ".")
    return gzip.compress(archive.getvalue(), 1)


def test_an_endpoint_gives_the_answers_of_the_program_itself(
    running: lifecycle.Running, endpoint: Endpoint, classifier_folder: Path, cache: Path
) -> None:
    """Two isolated instances, asked through boto3: the same bytes as from the program asked directly."""
    s3, sagemaker, runtime = (
        client(service, running.endpoint_url, REGION) for service in ("s3", "sagemaker", "sagemaker-runtime")
    )
    s3.create_bucket(Bucket="models")
    s3.put_object(Bucket="models", Key="7/model.tar.gz", Body=packed(classifier_folder))
    image = images.push(
        running.home, "bestiary-serving", ROOT, IMAGES["serving"], entrypoint=ENTRYPOINTS["serving"]
    )
    sagemaker.create_model(
        ModelName="seven",
        ExecutionRoleArn="arn:aws:iam::123456789012:role/bestiary-jobs",
        EnableNetworkIsolation=True,
        PrimaryContainer={
            "Image": image,
            "ModelDataUrl": "s3://models/7/model.tar.gz",
            "Environment": {"BESTIARY_MODEL_VERSION": "7", "BESTIARY_CACHE": str(cache)},
        },
    )
    variant = {"ModelName": "seven", "InitialInstanceCount": 2, "InstanceType": "ml.g4dn.xlarge"}
    sagemaker.create_endpoint_config(
        EndpointConfigName="seven", ProductionVariants=[{"VariantName": "AllTraffic", **variant}]
    )
    sagemaker.create_endpoint(EndpointName="animals", EndpointConfigName="seven")
    assert settled(sagemaker)["EndpointStatus"] == "InService"
    for seed in range(4):
        answer = runtime.invoke_endpoint(
            EndpointName="animals", Body=photo(seed), ContentType="image/jpeg", Accept="application/json"
        )
        assert endpoint.invoke(photo(seed)).content == answer["Body"].read()
    with pytest.raises(runtime.exceptions.ModelError) as refused:
        runtime.invoke_endpoint(EndpointName="animals", Body=b"no photo", ContentType="image/jpeg")
    assert refused.value.response["OriginalStatusCode"] == 400
    assert "not an image" in json.loads(refused.value.response["OriginalMessage"])["error"]


def settled(sagemaker: Any) -> dict[str, Any]:
    """Wait until the endpoint is there, or failed."""
    until = time.monotonic() + START_SECONDS
    while (found := sagemaker.describe_endpoint(EndpointName="animals"))["EndpointStatus"] == "Creating":
        assert time.monotonic() < until
        time.sleep(0.05)
    return found
