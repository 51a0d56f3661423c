from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipeline_definitions import condition, equals, fail, get, pipeline, processing

from infra.local.errors import AwsError
from infra.local.pipeline import definition, graph, schedule
from infra.local.pipeline.model import RetryPolicy
from infra.local.pipeline.retries import of_call, of_job, pause
from infra.local.pipeline.schedule import FAILED, SKIPPED, STOPPED, SUCCEEDED, Ending

if TYPE_CHECKING:
    from infra.local.pipeline.model import Definition


@st.composite
def dags(draw: st.DrawFn) -> tuple[Definition, dict[str, set[str]]]:
    """Draw a pipeline, steps listed in any order, and what each of its steps waits for."""
    count = draw(st.integers(1, 8))
    waits = {
        f"s{number}": set(draw(st.lists(st.sampled_from([f"s{n}" for n in range(number)]), max_size=3)))
        if number
        else set()
        for number in range(count)
    }
    order = draw(st.permutations(list(waits)))
    steps = [processing(name, DependsOn=sorted(waits[name])) for name in order]
    return definition.load(pipeline(*steps)), waits


@given(dags(), st.data())
def test_every_step_runs_once_after_what_it_waits_for(
    dag: tuple[Definition, dict[str, set[str]]], data: st.DataObject
) -> None:
    """Whichever running step ends next, no step starts early, twice or never."""
    pipe, waits = dag
    needed = graph.dependencies(pipe)
    endings: dict[str, Ending] = {}
    running: list[str] = []
    started: list[str] = []
    while True:
        ready, skipped = schedule.settle(pipe, needed, endings, running)
        assert skipped == []
        for name in ready:
            assert waits[name] <= endings.keys()
        started += ready
        running += ready
        if not running:
            break
        done = data.draw(st.sampled_from(running))
        running.remove(done)
        endings[done] = Ending(SUCCEEDED)
    assert sorted(waits) == sorted(started)
    assert schedule.summary(pipe, needed, endings) == SUCCEEDED


@given(dags(), st.data())
def test_nothing_behind_a_failure_runs_and_everything_else_does(
    dag: tuple[Definition, dict[str, set[str]]], data: st.DataObject
) -> None:
    """A failure keeps exactly the steps behind it from running."""
    pipe, waits = dag
    needed = graph.dependencies(pipe)
    culprit = data.draw(st.sampled_from(sorted(waits)))
    behind = {culprit}
    for name, before in waits.items():  # in an order in which what is waited for comes first
        if before & behind:
            behind.add(name)
    endings: dict[str, Ending] = {}
    while True:
        ready, skipped = schedule.settle(pipe, needed, endings, ())
        endings |= {name: Ending(SKIPPED) for name in skipped}
        if not ready:
            break
        endings |= {name: Ending(FAILED if name == culprit else SUCCEEDED) for name in ready}
    ran = {name for name, ending in endings.items() if ending.status != SKIPPED}
    assert set(waits) - behind | {culprit} == ran
    assert schedule.summary(pipe, needed, endings) == FAILED


def test_only_the_side_that_a_condition_takes_runs() -> None:
    """Steps of the other side, and what waits for them there, are never started."""
    gate = condition(
        "gate",
        [equals(1, 1)],
        [processing("yes"), processing("then", DependsOn=["yes"])],
        [processing("no"), processing("else", DependsOn=["no"])],
    )
    pipe = definition.load(pipeline(gate, processing("after", DependsOn=["gate"])))
    needed = graph.dependencies(pipe)
    ready, skipped = schedule.settle(pipe, needed, {"gate": Ending(SUCCEEDED, outcome=False)}, ())
    assert ready == ["no", "after"]
    assert {"yes", "then"} == set(skipped)


@pytest.mark.parametrize(
    ("trigger", "status", "starts"),
    [
        ("Completed", SUCCEEDED, True),
        ("Completed", FAILED, False),
        ("Failed", FAILED, True),
        ("Failed", SUCCEEDED, False),
        ("Stopped", STOPPED, True),
        ("Stopped", FAILED, False),
        ("Any", FAILED, True),
        ("Any", SUCCEEDED, True),
    ],
)
def test_run_conditions_start_a_step_on_the_ending_they_name(
    trigger: str,
    status: str,
    starts: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """SDK v3's run conditions: a step may run because another failed."""
    notify = processing("notify", DependsOn=[{"Step": "train", "Trigger": trigger}])
    pipe = definition.load(pipeline(processing("train"), notify))
    ready, skipped = schedule.settle(pipe, graph.dependencies(pipe), {"train": Ending(status)}, ())
    assert (ready, skipped) == (["notify"], []) if starts else (ready, skipped) == ([], ["notify"])


def test_a_failure_that_was_waited_for_is_completed_with_failures() -> None:
    """When a step ran on the failure of another, the execution did what it was told to."""
    notify = processing("notify", DependsOn=[{"Step": "train", "Trigger": "Failed"}])
    pipe = definition.load(pipeline(processing("train"), notify, processing("other")))
    endings = {"train": Ending(FAILED), "notify": Ending(SUCCEEDED), "other": Ending(SUCCEEDED)}
    needed = graph.dependencies(pipe)
    assert schedule.summary(pipe, needed, endings) == "CompletedWithFailures"
    assert schedule.summary(pipe, needed, endings | {"other": Ending(FAILED)}) == FAILED


def test_references_are_waited_for() -> None:
    """A step that uses another's properties waits for it without saying so."""
    pipe = definition.load(pipeline(processing("a"), fail("b", get("Steps.a.ProcessingJobName"))))
    ready, _ = schedule.settle(pipe, graph.dependencies(pipe), {}, ())
    assert ready == ["a"]


def test_retries_wait_longer_each_time_and_end() -> None:
    """The interval grows by the backoff rate up to the last attempt."""
    policy = RetryPolicy(frozenset({"SageMaker.JOB_INTERNAL_ERROR"}), interval=2, backoff=3.0, attempts=3)
    pauses = [pause([policy], "SageMaker.JOB_INTERNAL_ERROR", retry, 0) for retry in (1, 2, 3, 4)]
    assert pauses == [2, 6, 18, None]
    assert pause([policy], "SageMaker.CAPACITY_ERROR", 1, 0) is None
    assert pause([], None, 1, 0) is None


def test_retries_end_when_their_time_is_over() -> None:
    """ExpireAfterMin bounds retries by the clock."""
    policy = RetryPolicy(frozenset({"Step.THROTTLING"}), interval=10, attempts=None, expire_after=1)
    assert pause([policy], "Step.THROTTLING", 1, 49) == 10
    assert pause([policy], "Step.THROTTLING", 1, 51) is None


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (AwsError("InternalFailure", "x", 500), "Step.SERVICE_FAULT"),
        (AwsError("ThrottlingException", "x"), "Step.THROTTLING"),
        (AwsError("ResourceLimitExceeded", "x"), "SageMaker.RESOURCE_LIMIT"),
        (AwsError("ValidationException", "x"), None),
    ],
)
def test_failed_calls_are_told_apart(error: AwsError, expected: str | None) -> None:
    """Faults and throttling are retried without a policy; a bad request never is."""
    failure = of_call("CreateTrainingJob", error)
    assert expected == failure.exception
    assert failure.reason == "ClientError: Failed to invoke sagemaker:CreateTrainingJob. Error Details: x"
    service = expected is not None and expected.startswith("Step.")
    assert service == (pause([], failure.exception, 1, 0) is not None)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("InternalServerError: x", "SageMaker.JOB_INTERNAL_ERROR"),
        ("CapacityError: x", "SageMaker.CAPACITY_ERROR"),
        ("AlgorithmError: x", None),
    ],
)
def test_failed_jobs_are_told_apart(reason: str, expected: str | None) -> None:
    """A job's FailureReason says which policy is for it; the program's own errors have none."""
    assert expected == of_job(reason).exception
