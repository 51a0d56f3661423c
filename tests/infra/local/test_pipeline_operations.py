from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from pipeline_account import World, world
from pipeline_definitions import ROLE, condition, equals, get, join, pipeline, processing

from infra.local.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline_definitions import Json

QUICK = pipeline(condition("c", [equals(1, 1)]), Epochs=15, Data="s3://bucket/data")
TOKEN = "t" * 32


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as opened:
        yield opened


def refused(here: World, operation: str, **request: Json) -> tuple[str, str]:
    with pytest.raises(AwsError) as error:
        here.call(operation, **request)
    return error.value.code, error.value.message


def test_a_pipeline_is_described_as_it_was_created(here: World) -> None:
    """All that Create was given comes back, with a display name and the times."""
    before = datetime.now(UTC)
    created = here.call(
        "CreatePipeline",
        PipelineName="pipe",
        PipelineDefinition=QUICK,
        PipelineDescription="Learns",
        RoleArn=ROLE,
        Tags=[{"Key": "project", "Value": "bestiary"}],
        ParallelismConfiguration={"MaxParallelExecutionSteps": 3},
    )
    described = here.call("DescribePipeline", PipelineName=created["PipelineArn"])
    assert created == {"PipelineArn": "arn:aws:sagemaker:us-east-1:123456789012:pipeline/pipe"}
    assert before <= described.pop("CreationTime") == described.pop("LastModifiedTime")
    assert described.pop("CreatedBy") == described.pop("LastModifiedBy")
    assert described == {
        "PipelineArn": created["PipelineArn"],
        "PipelineName": "pipe",
        "PipelineDisplayName": "pipe",
        "PipelineDefinition": QUICK,
        "PipelineDescription": "Learns",
        "RoleArn": ROLE,
        "PipelineStatus": "Active",
        "ParallelismConfiguration": {"MaxParallelExecutionSteps": 3},
    }
    tags = here.call("ListTags", ResourceArn=created["PipelineArn"])["Tags"]
    assert tags == [{"Key": "project", "Value": "bestiary"}]


def test_a_name_is_taken_once(here: World) -> None:
    """The words are the ones by which SDK v3 knows to update instead."""
    here.create(QUICK)
    code, message = refused(
        here, "CreatePipeline", PipelineName="pipe", PipelineDefinition=QUICK, RoleArn=ROLE
    )
    assert code == "ValidationException"
    assert message == (
        "Pipeline names must be unique within an AWS account and region. "
        "Pipeline with name (pipe) already exists."
    )


def test_the_same_request_twice_counts_once(here: World) -> None:
    """One ClientRequestToken, one pipeline, one execution; with another request it is a conflict."""
    request = {"PipelineName": "pipe", "PipelineDefinition": QUICK, "RoleArn": ROLE}
    both = [here.call("CreatePipeline", ClientRequestToken=TOKEN, **request) for _ in range(2)]
    assert both[0] == both[1]
    starts = [
        here.call("StartPipelineExecution", ClientRequestToken=TOKEN, PipelineName="pipe") for _ in "12"
    ]
    assert starts[0] == starts[1]
    assert len(here.call("ListPipelineExecutions", PipelineName="pipe")["PipelineExecutionSummaries"]) == 1
    other = request | {"PipelineDescription": "another"}
    code, _ = refused(here, "CreatePipeline", ClientRequestToken=TOKEN, **other)
    assert code == "ConflictException"


def test_a_definition_may_lie_in_s3(here: World) -> None:
    """The object's text is the definition; both or neither are refused."""
    where = {"Bucket": "bucket", "ObjectKey": "definition.json"}
    here.account.objects.put("bucket", "definition.json", QUICK.encode())
    request = {"PipelineName": "pipe", "RoleArn": ROLE}
    here.call("CreatePipeline", PipelineDefinitionS3Location=where, **request)
    assert here.call("DescribePipeline", PipelineName="pipe")["PipelineDefinition"] == QUICK
    both = {"PipelineDefinition": QUICK, "PipelineDefinitionS3Location": where}
    assert "shouldn't be present" in refused(here, "UpdatePipeline", PipelineName="pipe", **both)[1]
    assert "should be provided" in refused(here, "CreatePipeline", **request | {"PipelineName": "b"})[1]
    gone = {"PipelineDefinitionS3Location": where | {"ObjectKey": "gone"}}
    assert refused(here, "UpdatePipeline", PipelineName="pipe", **gone)[0] == "NoSuchKey"


def test_a_bad_definition_changes_nothing(here: World) -> None:
    """Neither Create nor Update takes one."""
    bad = {"PipelineName": "pipe", "PipelineDefinition": "{}", "RoleArn": ROLE}
    assert refused(here, "CreatePipeline", **bad)[0] == "ValidationException"
    assert here.call("ListPipelines")["PipelineSummaries"] == []
    here.create(QUICK)
    assert refused(here, "UpdatePipeline", **bad)[0] == "ValidationException"
    assert here.call("DescribePipeline", PipelineName="pipe")["PipelineDefinition"] == QUICK


def test_each_definition_is_a_version(here: World) -> None:
    """Updates count up; an earlier version can be described and started."""
    here.create(QUICK)
    other = pipeline(condition("d", [equals(1, 1)]))
    updated = here.call("UpdatePipeline", PipelineName="pipe", PipelineDefinition=other)
    assert updated["PipelineVersionId"] == 2
    named = here.call(
        "UpdatePipeline", PipelineName="pipe", PipelineDisplayName="other", PipelineDefinition=other
    )
    assert named["PipelineVersionId"] == 2
    first = here.call("DescribePipeline", PipelineName="pipe", PipelineVersionId=1)
    assert [first["PipelineDefinition"], first["PipelineDisplayName"]] == [QUICK, "other"]
    listed = here.call("ListPipelineVersions", PipelineName="pipe")["PipelineVersionSummaries"]
    assert [version["PipelineVersionId"] for version in listed] == [2, 1]
    arn = here.call("StartPipelineExecution", PipelineName="pipe", PipelineVersionId=1)[
        "PipelineExecutionArn"
    ]
    assert here.ended(arn)["PipelineVersionId"] == 1
    assert list(here.steps(arn)) == ["c"]
    assert (
        refused(here, "DescribePipeline", PipelineName="pipe", PipelineVersionId=3)[0] == "ResourceNotFound"
    )


@pytest.mark.parametrize(
    "operation",
    ["DescribePipeline", "UpdatePipeline", "DeletePipeline", "StartPipelineExecution",
     "ListPipelineExecutions", "ListPipelineVersions"],
)  # fmt: skip
def test_an_unknown_pipeline_is_not_found(here: World, operation: str) -> None:
    """The error is ResourceNotFound and names the ARN."""
    code, message = refused(here, operation, PipelineName="nope")
    assert code == "ResourceNotFound"
    assert message == "Pipeline 'arn:aws:sagemaker:us-east-1:123456789012:pipeline/nope' does not exist."


@pytest.mark.parametrize(
    "operation",
    ["DescribePipelineExecution", "DescribePipelineDefinitionForExecution", "ListPipelineExecutionSteps",
     "ListPipelineParametersForExecution", "StopPipelineExecution", "RetryPipelineExecution",
     "UpdatePipelineExecution"],
)  # fmt: skip
def test_an_unknown_execution_is_not_found(here: World, operation: str) -> None:
    """The error is ResourceNotFound and names the ARN."""
    arn = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/pipe/execution/abcdefghijkl"
    assert refused(here, operation, PipelineExecutionArn=arn) == (
        "ResourceNotFound",
        f"Pipeline execution '{arn}' does not exist.",
    )


def test_pipelines_are_listed_by_prefix_order_and_page(here: World) -> None:
    """Newest first by default; a prefix, names in order, and pages that meet without gaps."""
    names = ["b-two", "a-one", "b-one"]
    for name in names:
        here.create(QUICK, name)
    listed = [p["PipelineName"] for p in here.call("ListPipelines")["PipelineSummaries"]]
    assert listed == names[::-1]
    request = {"PipelineNamePrefix": "b", "SortBy": "Name", "SortOrder": "Ascending", "MaxResults": 1}
    first = here.call("ListPipelines", **request)
    second = here.call("ListPipelines", NextToken=first["NextToken"], **request)
    both = [page["PipelineSummaries"][0]["PipelineName"] for page in (first, second)]
    assert [*both, "NextToken" in second] == ["b-one", "b-two", False]
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert here.call("ListPipelines", CreatedAfter=later)["PipelineSummaries"] == []


def test_a_pipeline_is_deleted_with_its_executions(here: World) -> None:
    """A running execution keeps it; afterwards nothing of it is left."""
    here.create(pipeline(processing("nap", "import time; time.sleep(60)")))
    arn = here.start()
    code, message = refused(here, "DeletePipeline", PipelineName="pipe")
    assert [code, arn in message] == ["ConflictException", True]
    here.call("StopPipelineExecution", PipelineExecutionArn=arn)
    here.ended(arn)
    here.call("DeletePipeline", PipelineName="pipe")
    assert refused(here, "DescribePipeline", PipelineName="pipe")[0] == "ResourceNotFound"
    assert refused(here, "DescribePipelineExecution", PipelineExecutionArn=arn)[0] == "ResourceNotFound"


def test_an_execution_is_described_as_it_was_started(here: World) -> None:
    """Names, parameters with their defaults, and the definition that it runs come back."""
    here.create(QUICK)
    arn = here.call(
        "StartPipelineExecution",
        PipelineName="pipe",
        PipelineExecutionDisplayName="mine",
        PipelineExecutionDescription="Try",
        PipelineParameters=[{"Name": "Epochs", "Value": "3"}],
        ParallelismConfiguration={"MaxParallelExecutionSteps": 2},
    )["PipelineExecutionArn"]
    described = here.ended(arn)
    assert arn.rpartition("/")[0].endswith("pipeline/pipe/execution")
    assert len(arn.rpartition("/")[2]) == 12
    shown = ("PipelineExecutionDisplayName", "PipelineExecutionDescription", "PipelineExecutionStatus")
    assert [described[name] for name in shown] == ["mine", "Try", "Succeeded"]
    assert described["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 2}
    listed = here.call("ListPipelineParametersForExecution", PipelineExecutionArn=arn)
    assert listed["PipelineParameters"] == [
        {"Name": "Epochs", "Value": "3"},
        {"Name": "Data", "Value": "s3://bucket/data"},
    ]
    here.create(pipeline(condition("d", [equals(1, 1)])))
    definition = here.call("DescribePipelineDefinitionForExecution", PipelineExecutionArn=arn)
    assert definition["PipelineDefinition"] == QUICK
    assert here.call("DescribePipeline", PipelineName="pipe")["LastRunTime"] == described["CreationTime"]


def test_an_execution_can_be_renamed(here: World) -> None:
    """Update changes what is given and nothing else."""
    execution = here.run(QUICK)
    arn = execution["PipelineExecutionArn"]
    assert execution["PipelineExecutionDisplayName"].startswith("execution-")
    here.call("UpdatePipelineExecution", PipelineExecutionArn=arn, PipelineExecutionDescription="Again")
    renamed = here.describe(arn)
    assert renamed.pop("LastModifiedTime") > execution.pop("LastModifiedTime")
    assert renamed == execution | {"PipelineExecutionDescription": "Again"}


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"PipelineParameters": [{"Name": "X", "Value": "1"}]}, "Unknown pipeline parameters: [X]"),
        ({"PipelineParameters": [{"Name": "Epochs", "Value": "x"}]}, "is of type Integer; 'x' is not"),
        ({"SelectiveExecutionConfig": {"SelectedSteps": [{"StepName": "c"}]}}, "SelectiveExec"),
        ({"PipelineVersionAlias": "live"}, "PipelineVersionAlias is not available"),
    ],
)  # fmt: skip
def test_a_start_that_cannot_be_obeyed_is_refused(here: World, request_: Json, expected: str) -> None:
    """Nothing is started."""
    here.create(QUICK)
    code, message = refused(here, "StartPipelineExecution", PipelineName="pipe", **request_)
    assert code == "ValidationException"
    assert expected in message
    assert here.call("ListPipelineExecutions", PipelineName="pipe")["PipelineExecutionSummaries"] == []


def test_executions_are_listed_newest_first_and_by_page(here: World) -> None:
    """Summaries carry the failure's reason; pages meet without gaps in either order."""
    here.create(QUICK)
    arns = [here.ended(here.start())["PipelineExecutionArn"] for _ in range(3)]
    request = {"PipelineName": "pipe"}
    listed = here.call("ListPipelineExecutions", **request)["PipelineExecutionSummaries"]
    assert [found["PipelineExecutionArn"] for found in listed] == arns[::-1]
    assert {found["PipelineExecutionStatus"] for found in listed} == {"Succeeded"}
    ascending = request | {"SortOrder": "Ascending", "MaxResults": 2}
    first = here.call("ListPipelineExecutions", **ascending)
    second = here.call("ListPipelineExecutions", NextToken=first["NextToken"], **ascending)
    pages = first["PipelineExecutionSummaries"] + second["PipelineExecutionSummaries"]
    assert [found["PipelineExecutionArn"] for found in pages] == arns
    until = {"CreatedBefore": listed[1]["StartTime"]}
    assert len(here.call("ListPipelineExecutions", **request, **until)["PipelineExecutionSummaries"]) == 1


def test_steps_are_listed_newest_first_and_by_page(here: World) -> None:
    """As AWS: the last that started comes first unless Ascending is asked for."""
    steps = [condition(f"s{n}", [equals(1, 1)], DependsOn=[f"s{n - 1}"] if n else []) for n in range(5)]
    arn = here.run(pipeline(*steps))["PipelineExecutionArn"]
    request = {"PipelineExecutionArn": arn, "MaxResults": 2}
    names: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = here.call("ListPipelineExecutionSteps", **request, **token)
        names += [step["StepName"] for step in page["PipelineExecutionSteps"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert names == ["s4", "s3", "s2", "s1", "s0"]
    (step,) = here.call("ListPipelineExecutionSteps", PipelineExecutionArn=arn, MaxResults=1)[
        "PipelineExecutionSteps"
    ]
    assert step["StartTime"] <= step["EndTime"]
    assert step["Metadata"] == {"Condition": {"Outcome": "True"}}
    assert step["AttemptCount"] == 1


def test_an_experiment_is_resolved_at_start(here: World) -> None:
    """PipelineExperimentConfig names experiment and trial, in lower case as AWS writes them."""
    text = json.loads(QUICK)
    text["PipelineExperimentConfig"] = {
        "ExperimentName": join(get("Execution.PipelineName"), "-E", get("Parameters.Epochs")),
        "TrialName": get("Execution.PipelineExecutionId"),
    }
    execution = here.run(json.dumps(text))
    number = execution["PipelineExecutionArn"].rpartition("/")[2]
    assert execution["PipelineExperimentConfig"] == {"ExperimentName": "pipe-e15", "TrialName": number}
    text["PipelineExperimentConfig"]["ExperimentName"] = get("Parameters.Data")
    here.create(json.dumps(text))
    _, message = refused(here, "StartPipelineExecution", PipelineName="pipe")
    assert message == "PipelineExperimentConfig: 's3://bucket/data' is no ExperimentName."


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
