"""EventBridge Scheduler through boto3: schedules fire by the clock, once each, and tell when they cannot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from event_queues import Queue
from job_world import ROLE, World
from pipeline_definitions import processing

pytest_plugins = ("world_fixture",)

OFF = {"Mode": "OFF"}


@pytest.fixture
def queue(world: World) -> Iterator[Queue]:
    """Give each test a queue, and take its schedules away after it."""
    opened = Queue.open(world)
    yield opened
    scheduler = world.client("scheduler")
    for schedule in scheduler.list_schedules()["Schedules"]:
        scheduler.delete_schedule(Name=schedule["Name"], GroupName=schedule["GroupName"])


def _schedule(world: World, name: str, expression: str, target: dict[str, Any], **more: Any) -> str:
    request = {"ScheduleExpression": expression, "FlexibleTimeWindow": OFF, "Target": target, **more}
    return str(world.client("scheduler").create_schedule(Name=name, **request)["ScheduleArn"])


def _next_hour(world: World) -> None:
    """Move to a moment after the next full hour."""
    now = world.account.clock.now()
    hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    world.account.clock.advance(hour - now + timedelta(seconds=1))


def test_a_schedule_fires_when_the_clock_comes_to_it_and_not_before(world: World, queue: Queue) -> None:
    """Its target gets the input, with the scheduled time where it asks for it."""
    _schedule(world, "hourly", "cron(0 * * * ? *)", queue.target("<aws.scheduler.scheduled-time>"))
    assert [] == queue.within(0.7)
    _next_hour(world)
    assert [f"{world.account.clock.now():%Y-%m-%dT%H:00:00Z}"] == queue.messages(1)
    _next_hour(world)
    assert 1 == len(queue.messages(1))


def test_three_due_times_slept_through_are_caught_up_with_once(world: World, queue: Queue) -> None:
    """A laptop that was shut wakes to one run, of the last due time, not to three."""
    _schedule(world, "slept", "cron(0 * * * ? *)", queue.target("<aws.scheduler.scheduled-time>"))
    world.account.clock.advance(timedelta(hours=3))
    assert [f"{world.account.clock.now():%Y-%m-%dT%H:00:00Z}"] == queue.messages(1)
    assert [] == queue.within(0.7)


def test_a_rate_without_a_start_fires_at_once_and_again_after_its_pause(world: World, queue: Queue) -> None:
    """As the guide says of rate-based schedules."""
    _schedule(world, "rate", "rate(10 minutes)", queue.target("now"))
    assert ["now"] == queue.messages(1)
    world.account.clock.advance(timedelta(minutes=9))
    assert [] == queue.within(0.7)
    world.account.clock.advance(timedelta(minutes=1))
    assert ["now"] == queue.messages(1)


def test_start_and_end_bound_a_schedule(world: World, queue: Queue) -> None:
    """The first due time is at the start or later, none is after the end."""
    now = world.account.clock.now()
    bounds = {"StartDate": now + timedelta(minutes=30), "EndDate": now + timedelta(minutes=45)}
    _schedule(world, "bounded", "rate(10 minutes)", queue.target("in"), **bounds)
    world.account.clock.advance(timedelta(minutes=31))
    assert ["in"] == queue.messages(1)
    world.account.clock.advance(timedelta(minutes=10))
    assert ["in"] == queue.messages(1)
    world.account.clock.advance(timedelta(hours=2))
    assert [] == queue.within(0.7)


def test_a_one_time_schedule_goes_when_it_is_done_where_that_is_asked(world: World, queue: Queue) -> None:
    """ActionAfterCompletion DELETE removes it, in the change that fires it."""
    at = f"at({world.account.clock.now() + timedelta(minutes=5):%Y-%m-%dT%H:%M:%S})"
    _schedule(world, "once", at, queue.target("once"), ActionAfterCompletion="DELETE")
    _schedule(world, "kept", at, queue.target("kept"))
    world.account.clock.advance(timedelta(minutes=6))
    assert ["kept", "once"] == sorted(queue.messages(2))
    names = [each["Name"] for each in world.client("scheduler").list_schedules()["Schedules"]]
    assert ["kept"] == names


def test_a_flexible_window_delays_by_less_than_the_window(world: World, queue: Queue) -> None:
    """Within the window, no earlier than due and no later than its end."""
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 20}
    at = f"at({world.account.clock.now() + timedelta(minutes=5):%Y-%m-%dT%H:%M:%S})"
    _schedule(world, "flexible", at, queue.target("some time"), FlexibleTimeWindow=window)
    world.account.clock.advance(timedelta(minutes=4))
    assert [] == queue.within(0.7)
    world.account.clock.advance(timedelta(minutes=22))
    assert ["some time"] == queue.messages(1)


def test_a_disabled_schedule_is_silent_and_an_enabled_one_goes_on(world: World, queue: Queue) -> None:
    """What was due while it was disabled is not made up for."""
    scheduler = world.client("scheduler")
    _schedule(world, "quiet", "cron(0 * * * ? *)", queue.target("x"), State="DISABLED")
    _next_hour(world)
    assert [] == queue.within(0.7)
    request = {"FlexibleTimeWindow": OFF, "Target": queue.target("on"), "State": "ENABLED"}
    scheduler.update_schedule(Name="quiet", ScheduleExpression="cron(0 * * * ? *)", **request)
    assert [] == queue.within(0.7)
    _next_hour(world)
    assert ["on"] == queue.messages(1)


def test_a_schedule_starts_a_pipeline_with_its_parameters_once(world: World, queue: Queue) -> None:
    """One execution for one due time, with the values that the schedule gives."""
    arn = _pipeline(world, "retrain")
    target = {"Arn": arn, "RoleArn": ROLE, "SageMakerPipelineParameters": _given(Why="schedule")}
    _schedule(world, "weekly", "cron(0 * * * ? *)", target)
    _next_hour(world)
    world.until(lambda: _executions(world, "retrain"))
    (execution,) = _executions(world, "retrain")
    found = world.call("ListPipelineParametersForExecution", PipelineExecutionArn=execution)
    assert [{"Name": "Why", "Value": "schedule"}] == found["PipelineParameters"]
    world.account.engine.wait(execution)
    world.account.courier.tick()
    assert [execution] == _executions(world, "retrain")


def test_a_run_that_is_still_going_on_when_the_next_is_due_holds_it_up_in_nothing(
    world: World, queue: Queue
) -> None:
    """Scheduler starts what is due, and a pipeline's executions run beside each other, as in SageMaker."""
    arn = _pipeline(world, "overlapping", "import time; time.sleep(60)")
    target = {"Arn": arn, "RoleArn": ROLE, "SageMakerPipelineParameters": _given(Why="schedule")}
    _schedule(world, "often", "cron(0 * * * ? *)", target)
    for count in (1, 2):
        _next_hour(world)
        world.until(lambda count=count: len(_executions(world, "overlapping")) == count)
    found = world.call("ListPipelineExecutions", PipelineName="overlapping")["PipelineExecutionSummaries"]
    assert ["Executing"] * 2 == [each["PipelineExecutionStatus"] for each in found]
    for number, each in enumerate(_executions(world, "overlapping")):
        world.call(
            "StopPipelineExecution", PipelineExecutionArn=each, ClientRequestToken=f"stop-{number:-<32}"
        )
        world.account.engine.wait(each)


def test_a_deleted_pipeline_becomes_a_dead_letter_that_says_so(world: World, queue: Queue) -> None:
    """Trying again would not help: the queue hears which schedule, which target and why."""
    gone = world.account.arn("pipeline", "gone")
    dead = {"Arn": gone, "RoleArn": ROLE, "Input": "{}", "DeadLetterConfig": {"Arn": queue.arn}}
    arn = _schedule(world, "dead", "cron(0 * * * ? *)", dead)
    _next_hour(world)
    (letter,) = queue.letters(1)
    told = {name: each["StringValue"] for name, each in letter["MessageAttributes"].items()}
    assert (arn, gone, "0") == (told["SCHEDULE_ARN"], told["TARGET_ARN"], told["RETRY_ATTEMPTS"])
    assert "gone" in told["ERROR_MESSAGE"]


def test_schedules_and_groups_are_kept_as_the_api_says(world: World, queue: Queue) -> None:
    """Made, listed, found by group, and removed with their group; names are taken once."""
    scheduler = world.client("scheduler")
    scheduler.create_schedule_group(Name="bestiary", Tags=[{"Key": "project", "Value": "bestiary"}])
    _schedule(world, "one", "rate(1 day)", queue.target("x"), GroupName="bestiary", Description="daily")
    found = scheduler.get_schedule(Name="one", GroupName="bestiary")
    assert ("rate(1 day)", "daily", "UTC", "ENABLED") == tuple(
        found[name] for name in ("ScheduleExpression", "Description", "ScheduleExpressionTimezone", "State")
    )
    assert [found["Arn"]] == [
        each["Arn"] for each in scheduler.list_schedules(GroupName="bestiary", NamePrefix="o")["Schedules"]
    ]
    with pytest.raises(ClientError, match="ConflictException"):
        _schedule(world, "one", "rate(1 day)", queue.target("x"), GroupName="bestiary")
    scheduler.delete_schedule_group(Name="bestiary")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        scheduler.get_schedule(Name="one", GroupName="bestiary")
    assert ["default"] == [each["Name"] for each in scheduler.list_schedule_groups()["ScheduleGroups"]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ScheduleExpression": "cron(0 9 * * * *)"}, "has to be ?"),
        ({"ScheduleExpressionTimezone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "MaximumWindowInMinutes"),
        ({"Target": {"Arn": "arn:aws:lambda:us-east-1:1:function:f", "RoleArn": ROLE}}, "lambda"),
        ({"EndDate": datetime(2020, 1, 1, tzinfo=UTC)}, "past"),
    ],
)
def test_what_cannot_be_done_is_refused(
    world: World, queue: Queue, change: dict[str, Any], said: str
) -> None:
    """At once, with a reason, and nothing is made."""
    request = {"ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": OFF, "Target": queue.target("x")}
    with pytest.raises(ClientError, match="ValidationException") as refusal:
        world.client("scheduler").create_schedule(Name="bad", **{**request, **change})
    assert said in str(refusal.value)
    assert [] == world.client("scheduler").list_schedules()["Schedules"]


def _given(**values: str) -> dict[str, Any]:
    return {"PipelineParameterList": [{"Name": name, "Value": value} for name, value in values.items()]}


def _pipeline(world: World, name: str, code: str = "pass") -> str:
    definition = {
        "Version": "2020-12-01",
        "Parameters": [{"Name": "Why", "Type": "String", "DefaultValue": ""}],
        "Steps": [processing("work", code)],
    }
    made = world.call(
        "CreatePipeline",
        PipelineName=name,
        PipelineDefinition=json.dumps(definition),
        RoleArn=ROLE,
        ClientRequestToken=f"{name:-<32}",
    )
    return str(made["PipelineArn"])


def _executions(world: World, name: str) -> list[str]:
    found = world.call("ListPipelineExecutions", PipelineName=name)["PipelineExecutionSummaries"]
    return [each["PipelineExecutionArn"] for each in found]
