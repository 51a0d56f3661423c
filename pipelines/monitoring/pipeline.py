"""The monitoring pipeline: one job in Model Monitor's contract, for accounts that have no Model Monitor.

It is written as AWS takes it: one step needs no SDK.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.deployment.endpoint import VARIANT
from pipelines.deployment.requests import CAPTURES
from pipelines.monitoring import watched
from pipelines.names import CLASSIFIER

if TYPE_CHECKING:
    from pipelines.graph.compile import Surroundings
    from pipelines.monitoring.watched import Watched

PIPELINE = "bestiary-monitoring"
_SCHEDULE = f"{CLASSIFIER}-monitor"
_OUTPUT = "/opt/ml/processing/output/result"


def definition(around: Surroundings) -> dict[str, Any]:
    """Return the pipeline's definition.

    A pipeline cannot write the hour's S3 prefix, so that the job gets all captures there are and takes its
    window's: the bucket's lifecycle keeps them few.
    """
    captures = f"s3://{around.bucket}/{CAPTURES}/{CLASSIFIER}/{VARIANT}/"
    results = f"s3://{around.bucket}/{watched.RESULTS}/{CLASSIFIER}/{_SCHEDULE}"
    execution = {"Get": "Execution.PipelineExecutionId"}
    arguments = {
        "ProcessingResources": {"ClusterConfig": watched.CLUSTER},
        "AppSpecification": {"ImageUri": around.jobs_image, "ContainerEntrypoint": watched.ENTRYPOINT},
        "RoleArn": around.jobs_role,
        "ProcessingInputs": [
            watched.given("endpoint", captures, "input/endpoint"),
            watched.given("baseline", _parameter("StatisticsUri"), "baseline/stats"),
            watched.given("constraints", _parameter("ConstraintsUri"), "baseline/constraints"),
        ],
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "result",
                    "S3Output": {
                        "S3Uri": {"Std:Join": {"On": "/", "Values": [results, execution]}},
                        "LocalPath": _OUTPUT,
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
        "Environment": {
            "dataset_source": "/opt/ml/processing/input/endpoint",
            "output_path": _OUTPUT,
            "baseline_statistics": "/opt/ml/processing/baseline/stats/statistics.json",
            "baseline_constraints": "/opt/ml/processing/baseline/constraints/constraints.json",
            "end_time": {"Get": "Execution.StartDateTime"},
            "BESTIARY_WINDOW_HOURS": _parameter("WindowHours"),
            "BESTIARY_MODEL_VERSION": _parameter("ModelVersion"),
            "publish_cloudwatch_metrics": "Enabled",
            "sagemaker_endpoint_name": CLASSIFIER,
            "sagemaker_monitoring_schedule_name": _SCHEDULE,
        },
        "NetworkConfig": {"EnableNetworkIsolation": True},
        "StoppingCondition": watched.LONGEST,
    }
    names = ("StatisticsUri", "ConstraintsUri", "ModelVersion", "WindowHours")
    return {
        "Version": "2020-12-01",
        "Metadata": {},
        "Parameters": [{"Name": name, "Type": "String"} for name in names],
        "Steps": [{"Name": "monitor", "Type": "Processing", "Arguments": arguments}],
    }


def parameters(found: Watched, hours: int) -> dict[str, str]:
    """Return the values that a schedule starts the pipeline with."""
    return {
        "StatisticsUri": found.statistics,
        "ConstraintsUri": found.constraints,
        "ModelVersion": str(found.version),
        "WindowHours": str(hours),
    }


def _parameter(name: str) -> Any:  # noqa: ANN401 - a reference, where a text would stand
    return {"Get": f"Parameters.{name}"}
