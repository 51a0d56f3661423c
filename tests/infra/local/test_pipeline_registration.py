from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from pipeline_definitions import condition, equals, get, join, pipeline, processing

if TYPE_CHECKING:
    from pipeline_account import World

pytest_plugins = ("pipeline_fixture",)

REGISTER = {
    "Name": "register",
    "Type": "RegisterModel",
    "Arguments": {
        "ModelPackageGroupName": "animals",
        "ModelApprovalStatus": "PendingManualApproval",
        "InferenceSpecification": {
            "Containers": [
                {
                    "Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/serve:1",
                    "ModelDataUrl": get("Steps.make.ProcessingOutputConfig.Outputs['model'].S3Output.S3Uri"),
                }
            ],
            "SupportedContentTypes": ["image/jpeg"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    },
}
MAKE = processing(
    "make",
    "open('/opt/ml/processing/output/model/model.tar.gz', 'w').write('x')",
    outputs=[
        {
            "OutputName": "model",
            "S3Output": {
                "S3Uri": join("s3://bucket/", get("Execution.PipelineExecutionId"), "/model"),
                "LocalPath": "/opt/ml/processing/output/model",
                "S3UploadMode": "EndOfJob",
            },
        }
    ],
    CacheConfig={"Enabled": True},
)


def versions(here: World) -> list[int]:
    listed = here.call("ListModelPackages", ModelPackageGroupName="animals", SortOrder="Ascending")
    return [found["ModelPackageVersion"] for found in listed["ModelPackageSummaryList"]]


def test_a_model_is_registered_once(here: World) -> None:
    """The group is made; the same run again registers nothing; a deleted package is registered anew."""
    later = condition("c", [equals(get("Steps.register.ModelApprovalStatus"), "PendingManualApproval")])
    first = here.run(pipeline(MAKE, REGISTER, later))
    assert first["PipelineExecutionStatus"] == "Succeeded", here.steps(first)
    step = here.steps(first)["register"]
    package = step["Metadata"]["RegisterModel"]["Arn"]
    assert package.endswith("model-package/animals/1")
    assert here.steps(first)["c"]["Metadata"]["Condition"]["Outcome"] == "True"
    second = here.run()
    assert versions(here) == [1]
    assert here.steps(second)["register"]["Metadata"] == step["Metadata"]
    assert "CacheHitResult" in here.steps(second)["register"]
    here.call("DeleteModelPackage", ModelPackageName=package)
    third = here.run()
    assert versions(here) == [2]
    assert here.why(third)["register"].startswith("ran: what the cached run made is gone")


def test_a_new_model_is_a_new_version(here: World) -> None:
    """Without cached steps before it a model is registered each time, as in AWS."""
    uncached = {name: value for name, value in MAKE.items() if name != "CacheConfig"}
    here.run(pipeline(uncached, REGISTER))
    time.sleep(0.01)
    assert here.why(here.run())["register"] == "ran: step 'make' before it ran anew"
    assert versions(here) == [1, 2]


def test_a_refused_package_fails_its_step(here: World) -> None:
    """What CreateModelPackage says is the step's reason."""
    step = json.loads(json.dumps(REGISTER))
    step["Arguments"]["ModelPackageGroupName"] = join(get("Parameters.Group"))
    ran = here.steps(here.run(pipeline(MAKE, step, Group="no such name!")))
    assert ran["register"]["FailureReason"].startswith(
        "ClientError: Failed to invoke sagemaker:CreateModelPackage"
    )
