from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from pipeline_definitions import condition, equals, get, join, pipeline

if TYPE_CHECKING:
    from pipeline_account import World
    from pipeline_definitions import Json

pytest_plugins = ("pipeline_fixture",)

QUICK = pipeline(condition("c", [equals(1, 1)]), Epochs=15, Data="s3://bucket/data")


@pytest.mark.parametrize(
    "operation",
    ["DescribePipelineExecution", "DescribePipelineDefinitionForExecution", "ListPipelineExecutionSteps",
     "ListPipelineParametersForExecution", "StopPipelineExecution", "RetryPipelineExecution",
     "UpdatePipelineExecution"],
)  # fmt: skip
def test_an_unknown_execution_is_not_found(here: World, operation: str) -> None:
    """The error is ResourceNotFound and names the ARN."""
    arn = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/pipe/execution/abcdefghijkl"
    assert here.refused(operation, PipelineExecutionArn=arn) == (
        "ResourceNotFound",
        f"Pipeline execution '{arn}' does not exist.",
    )


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
    code, message = here.refused("StartPipelineExecution", PipelineName="pipe", **request_)
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
    _, message = here.refused("StartPipelineExecution", PipelineName="pipe")
    assert message == "PipelineExperimentConfig: 's3://bucket/data' is no ExperimentName."
