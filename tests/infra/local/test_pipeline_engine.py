from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pipeline_account import World, world
from pipeline_definitions import (
    condition,
    equals,
    fail,
    get,
    join,
    output,
    pipeline,
    processing,
    training,
)

from infra.local import operations
from infra.local.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline_definitions import Json

pytest_plugins = ("pipeline_fixture",)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("account")) as opened:
        yield opened


@st.composite
def dags(draw: st.DrawFn) -> dict[str, set[str]]:
    """Draw steps and what each waits for."""
    names = [f"s{number}" for number in range(draw(st.integers(1, 7)))]
    return {
        name: draw(st.sets(st.sampled_from(names[:position]), max_size=3)) if position else set()
        for position, name in enumerate(names)
    }


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(waits=dags(), data=st.data())
def test_random_pipelines_run_in_order_and_each_step_once(
    shared: World, waits: dict[str, set[str]], data: st.DataObject
) -> None:
    """In a real execution no step starts before what it names or refers to has ended."""
    steps = []
    for name in data.draw(st.permutations(list(waits))):
        named = data.draw(st.sets(st.sampled_from(sorted(waits[name])))) if waits[name] else set()
        referred = [equals(get(f"Steps.{other}.Outcome"), right=True) for other in waits[name] - named]
        steps.append(condition(name, [equals(1, 1), *referred], DependsOn=sorted(named)))
    execution = shared.run(pipeline(*steps))
    ran = shared.steps(execution)
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    assert set(ran) == set(waits)
    for name, before in waits.items():
        assert all(ran[other]["EndTime"] <= ran[name]["StartTime"] for other in before)


def test_values_pass_from_step_to_step(here: World) -> None:
    """Properties, property files, parameters and variables arrive as the steps' arguments."""
    write = "import json; json.dump({'a': {'b': [1, 7]}}, open('/opt/ml/processing/output/out/f.json', 'w'))"
    uri = join("s3:/", "bucket", get("Execution.PipelineName"), get("Execution.PipelineExecutionId"), on="/")
    first = processing(
        "first",
        write,
        outputs=[output("out", uri)],
        PropertyFiles=[{"PropertyFileName": "f", "OutputName": "out", "FilePath": "f.json"}],
    )
    seven = {"Std:JsonGet": {"PropertyFile": get("Steps.first.PropertyFiles.f"), "Path": "a.b[1]"}}
    again = {
        "Std:JsonGet": {
            "S3Uri": join(get("Steps.first.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri"), "/f.json"),
            "Path": "a['b'][0]",
        }
    }
    values = {"x": join(seven), "y": join(get("Parameters.Rate")), "z": join(again)}
    second = training("second", arguments={"HyperParameters": values})
    third = fail("third", join(get("Steps.second.HyperParameters['x']"), get("Steps.second.TrainingJobName")))
    execution = here.run(pipeline(first, second, third, Rate=0.5), Rate="0.25")
    steps = here.steps(execution)
    name = steps["second"]["Metadata"]["TrainingJob"]["Arn"].rpartition("/")[2]
    job = here.call("DescribeTrainingJob", TrainingJobName=name)
    assert job["HyperParameters"] == {"x": "7", "y": "0.25", "z": "1"}
    assert job["RoleArn"] == "arn:aws:iam::123456789012:role/pipeline"
    assert steps["third"]["FailureReason"] == f"7{name}"
    number = execution["PipelineExecutionArn"].rpartition("/")[2]
    assert name.startswith(f"pipelines-{number}-second-")
    assert list(here.objects(f"pipe/{number}")) == [f"pipe/{number}/f.json"]


def test_jobs_have_names_that_aws_takes(here: World) -> None:
    """Long and odd step names are cut; a step's own prefix comes first."""
    long = "an_odd-name_" * 5
    own = processing("own", arguments={"ProcessingJobName": "mine"})
    execution = here.run(pipeline(processing(long), own))
    number = execution["PipelineExecutionArn"].rpartition("/")[2]
    arns = [step["Metadata"]["ProcessingJob"]["Arn"] for step in here.steps(execution).values()]
    names = [arn.rpartition("/")[2] for arn in arns]
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    assert names[0].startswith(f"pipelines-{number}-an-odd-name-")
    assert len(names[0]) == 63
    assert names[1].startswith(f"mine-{number}-")


def overlap(steps: dict[str, Json]) -> bool:
    one, other = steps.values()
    return bool(one["EndTime"] > other["StartTime"] and other["EndTime"] > one["StartTime"])


def test_steps_run_side_by_side_unless_told_otherwise(here: World) -> None:
    """Independent steps overlap; with MaxParallelExecutionSteps of 1 they take turns."""
    nap = "import time; time.sleep(0.4)"
    assert overlap(here.steps(here.run(pipeline(processing("a", nap), processing("b", nap)))))
    here.call(
        "UpdatePipeline", PipelineName="pipe", ParallelismConfiguration={"MaxParallelExecutionSteps": 1}
    )
    assert not overlap(here.steps(here.run()))


def test_a_failure_ends_what_is_behind_it_and_nothing_else(here: World) -> None:
    """Downstream steps never start, a running one ends by itself, and the reason names the culprit."""
    nap = processing("nap", "import time; time.sleep(0.5)")
    steps = pipeline(
        processing("bad", "raise SystemExit('out of luck')"),
        processing("never", DependsOn=["bad"]),
        nap,
        processing("after", DependsOn=["nap"]),
    )
    execution = here.run(steps)
    ran = here.steps(execution)
    assert {name: step["StepStatus"] for name, step in ran.items()} == {
        "bad": "Failed",
        "nap": "Succeeded",
        "after": "Succeeded",
    }
    assert ran["bad"]["FailureReason"] == "ClientError: AlgorithmError: out of luck, exit code: 1"
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert execution["FailureReason"] == (
        "Step failure: One or multiple steps failed. "
        "Failed: bad (ClientError: AlgorithmError: out of luck, exit code: 1)."
    )


def test_a_refused_job_fails_its_step(here: World) -> None:
    """What CreateProcessingJob says is the step's reason."""
    bad = {"ProcessingResources": {"ClusterConfig": {
        "InstanceType": "ml.m5.large", "InstanceCount": 90, "VolumeSizeInGB": 1}}}  # fmt: skip
    ran = here.steps(here.run(pipeline(processing("bad", arguments=bad))))
    assert ran["bad"]["FailureReason"].startswith(
        "ClientError: Failed to invoke sagemaker:CreateProcessingJob. Error Details: The account-level "
        "service limit 'ml.m5.large for processing job usage' is 20 Instances"
    )


def test_a_missing_property_file_fails_the_step_that_reads_it(here: World) -> None:
    """The reason names the file and its place."""
    first = processing(
        "first",
        outputs=[output("out", "s3://bucket/out")],
        PropertyFiles=[{"PropertyFileName": "f", "OutputName": "out", "FilePath": "f.json"}],
    )
    read = {"Std:JsonGet": {"PropertyFile": get("Steps.first.PropertyFiles.f"), "Path": "a"}}
    ran = here.steps(here.run(pipeline(first, condition("c", [equals(read, 1)]))))
    assert ran["c"]["FailureReason"] == (
        "ClientError: Cannot read property file 'f' of step 'first': s3://bucket/out/f.json: "
        "The specified key does not exist: s3://bucket/out/f.json"
    )


@pytest.mark.parametrize("message", ["enough is enough", ""])
def test_a_fail_step_ends_the_execution_with_its_message(here: World, message: str) -> None:
    """Its message, resolved, is reason and metadata; an empty one is no reason; nothing starts after it."""
    gate = condition("gate", [equals(1, 2)], [], [fail("stop", join(message, ""))])
    execution = here.run(pipeline(gate, processing("nap", "import time; time.sleep(0.4)"),
                                  processing("later", DependsOn=["nap"])))  # fmt: skip
    ran = here.steps(execution)
    assert ran["gate"]["Metadata"] == {"Condition": {"Outcome": "False"}}
    assert ran["stop"]["Metadata"] == {"Fail": {"ErrorMessage": message}}
    assert ran["stop"].get("FailureReason", "") == message
    assert ran["nap"]["StepStatus"] == "Succeeded"
    assert "later" not in ran
    assert execution["FailureReason"].startswith("Step failure: One or multiple steps failed. Failed: stop")


def test_an_outcome_joins_as_lower_case_text(here: World) -> None:
    """As AWS: the Outcome property of a condition is false where its metadata says False."""
    steps = pipeline(condition("c", [equals(1, 2)]), fail("f", join("it is ", get("Steps.c.Outcome"))))
    assert here.steps(here.run(steps))["f"]["FailureReason"] == "it is false"


def test_a_step_may_run_because_another_failed(here: World) -> None:
    """SDK v3's run conditions end in CompletedWithFailures."""
    notify = processing("notify", DependsOn=[{"Step": "bad", "Trigger": "Failed"}])
    execution = here.run(pipeline(processing("bad", "raise SystemExit(1)"), notify))
    assert here.steps(execution)["notify"]["StepStatus"] == "Succeeded"
    assert execution["PipelineExecutionStatus"] == "CompletedWithFailures"


def test_a_throttled_call_is_tried_again(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Throttling passes without a policy of the step's; AttemptCount tells how often it took."""
    real = operations.HANDLERS["sagemaker", "CreateProcessingJob"]
    left = iter([AwsError("ThrottlingException", "slow down")])

    def throttled(account: Json, request: Json) -> Json:
        error = next(left, None)
        if error:
            raise error
        return real(account, request)

    monkeypatch.setitem(operations.HANDLERS, ("sagemaker", "CreateProcessingJob"), throttled)
    execution = here.run(pipeline(processing("a")))
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    assert here.steps(execution)["a"]["AttemptCount"] == 2


def test_two_executions_at_once_do_not_meddle(here: World) -> None:
    """Each ends by itself: one fails, the other does not notice."""
    leave = "import sys; raise SystemExit(int(sys.argv[1]))"
    here.create(pipeline(processing("a", leave, command=[get("Parameters.Code")]), Code="0"))
    arns = [here.start(Code=code) for code in ("0", "1", "0")]
    statuses = [here.ended(arn)["PipelineExecutionStatus"] for arn in arns]
    assert statuses == ["Succeeded", "Failed", "Succeeded"]
