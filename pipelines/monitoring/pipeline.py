"""The pipelines that run the monitor's jobs on schedule, in Model Monitor's contract.

They are written as AWS takes them: one step needs no SDK.
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipelines.deployment.endpoint import VARIANT, missing
from pipelines.deployment.requests import CAPTURES
from pipelines.monitoring import watched
from pipelines.monitoring.programs import CAPTURED, FOLDER, OUTPUT
from pipelines.names import CLASSIFIER
from pipelines.network import isolated

if TYPE_CHECKING:
    from pipelines.graph.compile import Surroundings
    from pipelines.monitoring.programs import Program
    from pipelines.monitoring.watched import Watched
    from pipelines.place import Place


def put(place: Place, program: Program) -> None:
    """Make a job's pipeline, or bring it up to date."""
    around = place.surroundings
    text = json.dumps(definition(around, program), indent=1)
    try:
        place.sagemaker.update_pipeline(
            PipelineName=program.pipeline, PipelineDefinition=text, RoleArn=around.pipeline_role
        )
    except ClientError as error:
        if not missing(error):
            raise
        place.sagemaker.create_pipeline(
            PipelineName=program.pipeline,
            PipelineDefinition=text,
            RoleArn=around.pipeline_role,
            ClientRequestToken=uuid.uuid4().hex,
            PipelineDescription=program.purpose,
        )


def definition(around: Surroundings, program: Program) -> dict[str, Any]:
    """Return the definition of a job's pipeline.

    A pipeline cannot write the hour's S3 prefix, so that the job gets all captures there are and takes its
    window's: the bucket's lifecycle keeps them few.
    """
    captures = f"s3://{around.bucket}/{CAPTURES}/{CLASSIFIER}/{VARIANT}/"
    results = f"s3://{around.bucket}/{watched.RESULTS}/{CLASSIFIER}/{program.schedule}"
    execution = {"Get": "Execution.PipelineExecutionId"}
    compared = [watched.given(each.name, _parameter(each.parameter), each.folder) for each in program.inputs]
    arguments = {
        "ProcessingResources": {"ClusterConfig": watched.CLUSTER},
        "AppSpecification": {"ImageUri": around.jobs_image, "ContainerEntrypoint": program.entrypoint},
        "RoleArn": around.jobs_role,
        "ProcessingInputs": [watched.given("endpoint", captures, CAPTURED), *compared],
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "result",
                    "S3Output": {
                        "S3Uri": {"Std:Join": {"On": "/", "Values": [results, execution]}},
                        "LocalPath": OUTPUT,
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
        "Environment": {
            "dataset_source": f"{FOLDER}/{CAPTURED}",
            "output_path": OUTPUT,
            **program.variables,
            "end_time": {"Get": "Execution.StartDateTime"},
            "BESTIARY_WINDOW_HOURS": _parameter("WindowHours"),
            "BESTIARY_MODEL_VERSION": _parameter("ModelVersion"),
            "publish_cloudwatch_metrics": "Enabled",
            "sagemaker_endpoint_name": CLASSIFIER,
            "sagemaker_monitoring_schedule_name": program.schedule,
        },
        "NetworkConfig": isolated(around.network),
        "StoppingCondition": watched.LONGEST,
    }
    names = (*(each.parameter for each in program.inputs), "ModelVersion", "WindowHours")
    return {
        "Version": "2020-12-01",
        "Metadata": {},
        "Parameters": [{"Name": name, "Type": "String"} for name in names],
        "Steps": [{"Name": program.name, "Type": "Processing", "Arguments": arguments}],
    }


def parameters(found: Watched, hours: int) -> dict[str, str]:
    """Return the values that a schedule starts the pipeline with."""
    return {**found.uris, "ModelVersion": str(found.version), "WindowHours": str(hours)}


def _parameter(name: str) -> Any:  # noqa: ANN401 - a reference, where a text would stand
    return {"Get": f"Parameters.{name}"}
