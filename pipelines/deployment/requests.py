"""The requests that put a version behind the endpoint, as AWS gets them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.deployment.endpoint import VARIANT
from pipelines.names import PICTURES
from pipelines.network import vpc_config

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.deployment.defaults import Defaults
    from pipelines.deployment.served import Served
    from pipelines.network import Network
    from pipelines.registry import Version

CAPTURES = "bestiary/captures"
"""Prefix in the bucket under which SageMaker writes what the endpoint answered."""
AT_ONCE = 4
"""Asynchronous requests at an instance: one is worked on, others are there already, a cancel gets through."""


@dataclass(frozen=True)
class Call:
    """One request.

    Attributes
    ----------
    service, operation
        As boto3 names them: ``sagemaker``, ``create_model``.
    request
        The operation's arguments.
    """

    service: str
    operation: str
    request: Mapping[str, Any]


def create_model(
    name: str, version: Version, role: str, served: Served, network: Network | None = None
) -> Call:
    """Request of a Model by its package: the registry says which image and which archive."""
    return Call(
        "sagemaker",
        "create_model",
        {
            "ModelName": name,
            "ExecutionRoleArn": role,
            "PrimaryContainer": {
                "ModelPackageName": version.arn,
                "Environment": {**served.environment, "BESTIARY_MODEL_VERSION": str(version.version)},
            },
            # A model answers questions; it has nobody to call.
            "EnableNetworkIsolation": True,
            **vpc_config(network),
            "Tags": _tags(version),
        },
    )


def create_endpoint_config(
    name: str, version: Version, defaults: Defaults, bucket: str, served: Served
) -> Call:
    """Request of an EndpointConfig over the Model of the same name."""
    request: dict[str, Any] = {
        "EndpointConfigName": name,
        "ProductionVariants": [
            {
                "VariantName": VARIANT,
                "ModelName": name,
                "InstanceType": defaults.instance_type,
                "InitialInstanceCount": defaults.instance_count,
                "InitialVariantWeight": 1.0,
                "ContainerStartupHealthCheckTimeoutInSeconds": defaults.startup_seconds,
            }
        ],
        "Tags": _tags(version),
    }
    if served.captured:
        request["DataCaptureConfig"] = _capture(bucket)
    if served.asynchronous:
        request["AsyncInferenceConfig"] = {
            "ClientConfig": {"MaxConcurrentInvocationsPerInstance": AT_ONCE},
            "OutputConfig": {
                "S3OutputPath": f"s3://{bucket}/{PICTURES}/pictures",
                "S3FailurePath": f"s3://{bucket}/{PICTURES}/failures",
            },
        }
    return Call("sagemaker", "create_endpoint_config", request)


def _capture(bucket: str) -> dict[str, Any]:
    """Capture every answer, with the image's statistics that it carries, and no photo.

    As base64 photos would be a third larger than they came, for a monitor that does not need them.
    """
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{bucket}/{CAPTURES}",
        "CaptureOptions": [{"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {
            "CsvContentTypes": ["text/csv"],
            "JsonContentTypes": ["application/json", "application/jsonlines"],
        },
    }


def create_endpoint(config: str, served: Served) -> Call:
    """Request of the endpoint."""
    request = {
        "EndpointName": served.endpoint,
        "EndpointConfigName": config,
        "Tags": [{"Key": "project", "Value": "bestiary"}],
    }
    return Call("sagemaker", "create_endpoint", request)


def update_endpoint(config: str, deployment: Mapping[str, Any], served: Served, *, keep_size: bool) -> Call:
    """Request of an update.

    Parameters
    ----------
    config
        Name of the EndpointConfig to move to.
    deployment
        The ``DeploymentConfig``.
    served
        Which endpoint.
    keep_size
        Whether the fleet keeps the number of instances it has now, whatever the configuration says.
    """
    request: dict[str, Any] = {
        "EndpointName": served.endpoint,
        "EndpointConfigName": config,
        "DeploymentConfig": deployment,
    }
    return Call(
        "sagemaker", "update_endpoint", request | ({"RetainAllVariantProperties": True} if keep_size else {})
    )


def delete_endpoint(served: Served) -> Call:
    """Request that removes the endpoint: all that can be done with one that Failed."""
    return Call("sagemaker", "delete_endpoint", {"EndpointName": served.endpoint})


def _tags(version: Version) -> list[dict[str, str]]:
    return [{"Key": "project", "Value": "bestiary"}, {"Key": "version", "Value": str(version.version)}]
