"""The requests of the pipeline's jobs, as CreateProcessingJob and CreateTrainingJob take them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sagemaker.core.workflow.execution_variables import ExecutionVariables
from sagemaker.core.workflow.functions import Join

from pipelines.network import vpc_config

if TYPE_CHECKING:
    from pipelines.network import Network

INPUT = "/opt/ml/processing/input"
OUTPUT = "/opt/ml/processing/output"

METRIC_DEFINITIONS = [
    {"Name": "train:loss", "Regex": r"(?<![a-z_])loss=([0-9.]+)"},
    {"Name": "train:accuracy", "Regex": r"(?<![a-z_])accuracy=([0-9.]+)"},
    {"Name": "validation:loss", "Regex": r"val_loss=([0-9.]+)"},
    {"Name": "validation:accuracy", "Regex": r"val_accuracy=([0-9.]+)"},
]

_TWO_HOURS = {"MaxRuntimeInSeconds": 7200}
# Two hours of work, and as long again until there is a machine for it.
_ON_SPOT = {**_TWO_HOURS, "MaxWaitTimeInSeconds": 14400}


def place(bucket: str, *parts: str) -> Join:
    """S3 prefix of this execution's results: every execution writes once, under its own id."""
    base = f"s3://{bucket}/bestiary/executions"
    return Join(on="/", values=[base, ExecutionVariables.PIPELINE_EXECUTION_ID, *parts])


def processing_input(
    name: str, uri: object, folder: str | None = None, *, shared_out: bool = False
) -> dict[str, Any]:
    """One S3 prefix or object, copied into the job's input folder before it starts.

    Parameters
    ----------
    shared_out
        Whether each of the job's machines gets a part of the objects, and not all of them.
    """
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": f"{INPUT}/{folder or name}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "ShardedByS3Key" if shared_out else "FullyReplicated",
        },
    }


def processing_job(  # noqa: PLR0913 - a request has this many parts; all but the first are named
    program: str,
    *,
    image: str,
    role: str,
    instances: tuple[object, object, object],
    arguments: list[object],
    inputs: list[dict[str, Any]],
    outputs: dict[str, Join],
    network: dict[str, object],
    environment: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Request of one processing job: a program of `training_scripts` in the jobs image.

    Parameters
    ----------
    program
        Module under ``training_scripts``.
    image
        Image URI by digest.
    role
        ARN of the role that the job takes.
    instances
        Instance type, count, and GB of disk of each.
    arguments
        Command-line words.
    inputs
        From `processing_input`.
    outputs
        Name of the output folder to the S3 prefix it goes to.
    network
        The ``NetworkConfig``.
    environment
        Variables that the program reads; none unless told.
    """
    instance_type, count, disk = instances
    return {
        **({"Environment": environment} if environment else {}),
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": instance_type, "InstanceCount": count, "VolumeSizeInGB": disk}
        },
        "AppSpecification": {
            "ImageUri": image,
            "ContainerEntrypoint": ["python", "-m", f"training_scripts.{program}"],
            "ContainerArguments": arguments,
        },
        "RoleArn": role,
        "ProcessingInputs": inputs,
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": name,
                    "S3Output": {
                        "S3Uri": uri,
                        "LocalPath": f"{OUTPUT}/{name}",
                        "S3UploadMode": "EndOfJob",
                    },
                }
                for name, uri in outputs.items()
            ]
        },
        "StoppingCondition": _TWO_HOURS,
        "NetworkConfig": network,
    }


def training_job(  # noqa: PLR0913 - as above
    *,
    image: str,
    role: str,
    instances: tuple[object, object, object],
    hyperparameters: dict[str, object],
    channels: dict[str, object],
    output: Join,
    checkpoints: Join,
    spot: bool,
    network: Network | None,
) -> dict[str, Any]:
    """Request of one training job: ``training_scripts.train`` in the jobs image, isolated.

    Parameters
    ----------
    hyperparameters
        Values are text, as SageMaker hands them to the container.
    channels
        Name of the channel to the S3 prefix that it holds.
    output
        S3 prefix under which SageMaker puts the model archive.
    checkpoints
        S3 prefix from which an interrupted job goes on.
    spot
        Whether it runs on machines that AWS may take back, for about a third of the price. No pipeline
        parameter can say so: SageMaker refuses ``MaxWaitTimeInSeconds`` where it is off.
    network
        The VPC, if there is one.
    """
    instance_type, count, disk = instances
    return {
        "AlgorithmSpecification": {
            "TrainingImage": image,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["python", "-m", "training_scripts.train"],
            "MetricDefinitions": METRIC_DEFINITIONS,
        },
        "RoleArn": role,
        "HyperParameters": hyperparameters,
        "InputDataConfig": [
            {
                "ChannelName": name,
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": uri,
                        "S3DataDistributionType": "FullyReplicated",
                    }
                },
            }
            for name, uri in channels.items()
        ],
        "OutputDataConfig": {"S3OutputPath": output},
        "CheckpointConfig": {"S3Uri": checkpoints},
        "ResourceConfig": {"InstanceType": instance_type, "InstanceCount": count, "VolumeSizeInGB": disk},
        "EnableManagedSpotTraining": spot,
        "StoppingCondition": _ON_SPOT if spot else _TWO_HOURS,
        "EnableNetworkIsolation": True,
        **vpc_config(network),
    }
