"""Compiling a graph into the definition that CreatePipeline takes."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3

if TYPE_CHECKING:
    from pipelines.network import Network

_TELEMETRY_OFF = {
    "SchemaVersion": "1.0",
    "SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}},
}


@dataclass(frozen=True)
class Surroundings:
    """What the graph stands on in an account.

    Attributes
    ----------
    bucket
        Where results go.
    jobs_role, pipeline_role
        ARNs of the roles that jobs and the pipeline take.
    jobs_image, serving_image
        Image URIs by digest.
    no_approved_uri
        S3 prefix that stands for "no version is approved yet".
    spot
        Whether trainings run on spot machines, and go on from checkpoints when these are taken back.
    network
        The VPC that isolated jobs and models run in, ``None`` for SageMaker's own.
    """

    bucket: str
    jobs_role: str
    pipeline_role: str
    jobs_image: str
    serving_image: str
    no_approved_uri: str
    spot: bool = True
    network: Network | None = None


def compile_training(
    around: Surroundings, region: str, *, own_backbone: bool, many_machines: bool = False
) -> str:
    """Definition of the training pipeline, as JSON.

    Parameters
    ----------
    around
        What the graph stands on.
    region
        AWS region; nothing is sent there.
    own_backbone
        Whether the transfer models start from the file at ``BackboneUri``.
    many_machines
        Whether the photos are decoded on ``ProcessingInstanceCount`` machines, which takes a step of its own.

    Returns
    -------
    str
        The same bytes for the same arguments, whenever and wherever it is compiled.
    """
    # The SDK looks for a region when it is imported, and takes three seconds to do so: hence here.
    os.environ.setdefault("AWS_DEFAULT_REGION", region)
    from sagemaker.core.workflow.pipeline_context import PipelineSession

    from pipelines.graph.training import training_pipeline

    logging.getLogger("sagemaker").setLevel(logging.ERROR)
    # Compiling sends nothing: these keys only keep the SDK from looking for real ones.
    boto_session = boto3.Session("compile", "compile", region_name=region)
    session = PipelineSession(
        boto_session=boto_session, default_bucket=around.bucket, sagemaker_config=_TELEMETRY_OFF
    )
    definition: str = training_pipeline(
        around, session, own_backbone=own_backbone, many_machines=many_machines
    ).definition()
    return definition
