"""The requests that put a version behind the endpoint, as AWS gets them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.deployment.endpoint import VARIANT
from pipelines.names import CLASSIFIER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.deployment.defaults import Defaults
    from pipelines.registry import Version

CAPTURES = "bestiary/captures"
"""Prefix in the bucket under which SageMaker writes what the endpoint answered."""


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


def create_model(name: str, version: Version, role: str) -> Call:
    """Request of a Model by its package: the registry says which image and which archive."""
    return Call(
        "sagemaker",
        "create_model",
        {
            "ModelName": name,
            "ExecutionRoleArn": role,
            "PrimaryContainer": {
                "ModelPackageName": version.arn,
                "Environment": {"BESTIARY_MODEL_VERSION": str(version.version)},
            },
            # A model answers questions; it has nobody to call.
            "EnableNetworkIsolation": True,
            "Tags": _tags(version),
        },
    )


def create_endpoint_config(
    name: str, version: Version, defaults: Defaults, instances: int, bucket: str
) -> Call:
    """Request of an EndpointConfig over the Model of the same name.

    Every answer is captured, with the image's statistics that it carries; photos are not: as base64 they
    would be a third larger than they came, for a monitor that does not need them.
    """
    return Call(
        "sagemaker",
        "create_endpoint_config",
        {
            "EndpointConfigName": name,
            "ProductionVariants": [
                {
                    "VariantName": VARIANT,
                    "ModelName": name,
                    "InstanceType": defaults.instance_type,
                    "InitialInstanceCount": instances,
                    "InitialVariantWeight": 1.0,
                    "ContainerStartupHealthCheckTimeoutInSeconds": defaults.startup_seconds,
                }
            ],
            "DataCaptureConfig": {
                "EnableCapture": True,
                "InitialSamplingPercentage": 100,
                "DestinationS3Uri": f"s3://{bucket}/{CAPTURES}",
                "CaptureOptions": [{"CaptureMode": "Output"}],
                "CaptureContentTypeHeader": {
                    "CsvContentTypes": ["text/csv"],
                    "JsonContentTypes": ["application/json", "application/jsonlines"],
                },
            },
            "Tags": _tags(version),
        },
    )


def create_endpoint(config: str) -> Call:
    """Request of the endpoint."""
    request = {
        "EndpointName": CLASSIFIER,
        "EndpointConfigName": config,
        "Tags": [{"Key": "project", "Value": "bestiary"}],
    }
    return Call("sagemaker", "create_endpoint", request)


def update_endpoint(config: str, deployment: Mapping[str, Any], *, keep_size: bool) -> Call:
    """Request of an update.

    Parameters
    ----------
    config
        Name of the EndpointConfig to move to.
    deployment
        The ``DeploymentConfig``.
    keep_size
        Whether the fleet keeps the number of instances it has now, whatever the configuration says.
    """
    request: dict[str, Any] = {
        "EndpointName": CLASSIFIER,
        "EndpointConfigName": config,
        "DeploymentConfig": deployment,
    }
    return Call(
        "sagemaker", "update_endpoint", request | ({"RetainAllVariantProperties": True} if keep_size else {})
    )


def delete_endpoint() -> Call:
    """Request that removes the endpoint: all that can be done with one that Failed."""
    return Call("sagemaker", "delete_endpoint", {"EndpointName": CLASSIFIER})


def _tags(version: Version) -> list[dict[str, str]]:
    return [{"Key": "project", "Value": "bestiary"}, {"Key": "version", "Value": str(version.version)}]
