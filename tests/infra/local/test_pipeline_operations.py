from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from pipeline_definitions import ROLE, condition, equals, pipeline, processing

if TYPE_CHECKING:
    from pipeline_account import World

pytest_plugins = ("pipeline_fixture",)

QUICK = pipeline(condition("c", [equals(1, 1)]), Epochs=15, Data="s3://bucket/data")
TOKEN = "t" * 32


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
    code, message = here.refused(
        "CreatePipeline", PipelineName="pipe", PipelineDefinition=QUICK, RoleArn=ROLE
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
    code, _ = here.refused("CreatePipeline", ClientRequestToken=TOKEN, **other)
    assert code == "ConflictException"


def test_a_definition_may_lie_in_s3(here: World) -> None:
    """The object's text is the definition; both or neither are refused."""
    where = {"Bucket": "bucket", "ObjectKey": "definition.json"}
    here.account.objects.put("bucket", "definition.json", QUICK.encode())
    request = {"PipelineName": "pipe", "RoleArn": ROLE}
    here.call("CreatePipeline", PipelineDefinitionS3Location=where, **request)
    assert here.call("DescribePipeline", PipelineName="pipe")["PipelineDefinition"] == QUICK
    both = {"PipelineDefinition": QUICK, "PipelineDefinitionS3Location": where}
    assert "shouldn't be present" in here.refused("UpdatePipeline", PipelineName="pipe", **both)[1]
    assert "should be provided" in here.refused("CreatePipeline", **request | {"PipelineName": "b"})[1]
    gone = {"PipelineDefinitionS3Location": where | {"ObjectKey": "gone"}}
    assert here.refused("UpdatePipeline", PipelineName="pipe", **gone)[0] == "NoSuchKey"


def test_a_bad_definition_changes_nothing(here: World) -> None:
    """Neither Create nor Update takes one."""
    bad = {"PipelineName": "pipe", "PipelineDefinition": "{}", "RoleArn": ROLE}
    assert here.refused("CreatePipeline", **bad)[0] == "ValidationException"
    assert here.call("ListPipelines")["PipelineSummaries"] == []
    here.create(QUICK)
    assert here.refused("UpdatePipeline", **bad)[0] == "ValidationException"
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
    assert here.refused("DescribePipeline", PipelineName="pipe", PipelineVersionId=3)[0] == "ResourceNotFound"


@pytest.mark.parametrize(
    "operation",
    ["DescribePipeline", "UpdatePipeline", "DeletePipeline", "StartPipelineExecution",
     "ListPipelineExecutions", "ListPipelineVersions"],
)  # fmt: skip
def test_an_unknown_pipeline_is_not_found(here: World, operation: str) -> None:
    """The error is ResourceNotFound and names the ARN."""
    code, message = here.refused(operation, PipelineName="nope")
    assert code == "ResourceNotFound"
    assert message == "Pipeline 'arn:aws:sagemaker:us-east-1:123456789012:pipeline/nope' does not exist."


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
    code, message = here.refused("DeletePipeline", PipelineName="pipe")
    assert [code, arn in message] == ["ConflictException", True]
    here.call("StopPipelineExecution", PipelineExecutionArn=arn)
    here.ended(arn)
    here.call("DeletePipeline", PipelineName="pipe")
    assert here.refused("DescribePipeline", PipelineName="pipe")[0] == "ResourceNotFound"
    assert here.refused("DescribePipelineExecution", PipelineExecutionArn=arn)[0] == "ResourceNotFound"
