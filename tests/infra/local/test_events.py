"""EventBridge through boto3: what happens in the account reaches the targets of rules."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from event_queues import Queue
from hosting_world import Endpoints
from job_world import ROLE, World
from pipeline_definitions import processing

from infra.local.errors import AwsError
from infra.local.events import targets

pytest_plugins = ("world_fixture",)


@pytest.fixture
def queue(world: World) -> Iterator[Queue]:
    """Give each test a queue, and take its rules away after it."""
    opened = Queue.open(world)
    yield opened
    events = world.client("events")
    for rule in events.list_rules()["Rules"]:
        ids = [each["Id"] for each in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]]
        if ids:
            events.remove_targets(Rule=rule["Name"], Ids=ids)
        events.delete_rule(Name=rule["Name"])


def _rule(world: World, queue: Queue, pattern: dict[str, Any], **target: Any) -> str:
    events = world.client("events")
    arn = events.put_rule(Name="rule", EventPattern=json.dumps(pattern))["RuleArn"]
    events.put_targets(Rule="rule", Targets=[{"Id": "1", "Arn": queue.arn, **target}])
    return str(arn)


def test_a_jobs_states_are_heard_of_with_all_that_describes_it(world: World, queue: Queue) -> None:
    """Every state once, in order, moments in milliseconds."""
    _rule(
        world, queue, {"source": ["aws.sagemaker"], "detail-type": ["SageMaker Processing Job State Change"]}
    )
    job = world.process("heard", "print('done')")
    events = [json.loads(each) for each in queue.messages(2)]
    assert ["InProgress", "Completed"] == [each["detail"]["ProcessingJobStatus"] for each in events]
    assert [job["ProcessingJobArn"]] == events[1]["resources"]
    assert int(job["CreationTime"].timestamp() * 1000) == events[1]["detail"]["CreationTime"]


def test_an_alarms_change_is_heard_of_and_starts_a_pipeline_with_what_it_says(
    world: World, queue: Queue
) -> None:
    """The way from drift to retraining: a pattern on the alarm, a pipeline, parameters out of the event."""
    definition = {
        "Version": "2020-12-01",
        "Parameters": [{"Name": "Why", "Type": "String"}, {"Name": "At", "Type": "String"}],
        "Steps": [processing("work")],
    }
    made = world.call(
        "CreatePipeline",
        PipelineName="on-drift",
        PipelineDefinition=json.dumps(definition),
        RoleArn=ROLE,
        ClientRequestToken="o" * 32,
    )
    pattern = {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": [{"prefix": "drift"}], "state": {"value": ["ALARM"]}},
    }
    _rule(world, queue, pattern)
    given = {"Why": "$.detail.alarmName", "At": "$.detail.state.timestamp"}
    parameters = [{"Name": name, "Value": value} for name, value in given.items()]
    world.client("events").put_targets(
        Rule="rule",
        Targets=[
            {
                "Id": "2",
                "Arn": made["PipelineArn"],
                "RoleArn": ROLE,
                "SageMakerPipelineParameters": {"PipelineParameterList": parameters},
            }
        ],
    )
    cloudwatch = world.client("cloudwatch")
    metric = {"Namespace": "zoo", "MetricName": "drift", "Statistic": "Sum", "Period": 60, "Threshold": 0}
    alarm = {**metric, "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold"}
    for name in ("drift-seen", "other"):
        cloudwatch.put_metric_alarm(AlarmName=name, TreatMissingData="ignore", **alarm)
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="night has come")
    (event,) = (json.loads(each) for each in queue.messages(1))
    assert ("drift-seen", "night has come") == (
        event["detail"]["alarmName"],
        event["detail"]["state"]["reason"],
    )
    assert "zoo" == event["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]["namespace"]
    world.until(lambda: _executions(world, "on-drift"))
    (execution,) = _executions(world, "on-drift")
    found = world.call("ListPipelineParametersForExecution", PipelineExecutionArn=execution)
    values = {each["Name"]: each["Value"] for each in found["PipelineParameters"]}
    assert {"Why": "drift-seen", "At": event["detail"]["state"]["timestamp"]} == values
    world.account.engine.wait(execution)
    cloudwatch.delete_alarms(AlarmNames=["drift-seen", "other"])


def test_an_executions_end_is_told_in_words_through_a_template(world: World, queue: Queue) -> None:
    """An input transformer makes a message for people of an event."""
    definition = {"Version": "2020-12-01", "Steps": [processing("work", "raise SystemExit(1)")]}
    world.call(
        "CreatePipeline",
        PipelineName="fails",
        PipelineDefinition=json.dumps(definition),
        RoleArn=ROLE,
        ClientRequestToken="f" * 32,
    )
    kind = "SageMaker Model Building Pipeline Execution Status Change"
    failed = {"currentPipelineExecutionStatus": ["Failed"], "previousPipelineExecutionStatus": ["Executing"]}
    transformer = {
        "InputPathsMap": {
            "arn": "$.detail.pipelineExecutionArn",
            "now": "$.detail.currentPipelineExecutionStatus",
        },
        "InputTemplate": '"<arn> is <now>."\n"Look: bestiary show"',
    }
    _rule(world, queue, {"detail-type": [kind], "detail": failed}, InputTransformer=transformer)
    arn = world.call("StartPipelineExecution", PipelineName="fails", ClientRequestToken="s" * 32)
    assert [f"{arn['PipelineExecutionArn']} is Failed.\nLook: bestiary show"] == queue.messages(1)


def test_an_endpoints_life_is_heard_of(
    world: World, queue: Queue, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Statuses are spelled as SageMaker's events spell them."""
    _rule(
        world,
        queue,
        {"detail-type": ["SageMaker Endpoint State Change"]},
        InputPath="$.detail.EndpointStatus",
    )
    toys = Endpoints(world, tmp_path_factory.mktemp("toys"))
    toys.simple("heard")
    assert ["CREATING", "IN_SERVICE"] == queue.messages(2)
    toys.delete("heard")
    assert ["DELETING"] == queue.messages(1)


def test_ones_own_events_reach_rules_and_what_is_none_is_named(world: World, queue: Queue) -> None:
    """PutEvents counts entry by entry."""
    _rule(world, queue, {"detail": {"species": ["bear"]}}, Input="a bear")
    entries = [
        {"Source": "camera", "DetailType": "Sighting", "Detail": json.dumps({"species": species})}
        for species in ("bear", "hare")
    ]
    bad = {"Source": "camera", "DetailType": "Sighting", "Detail": "no JSON"}
    forged = {"Source": "aws.sagemaker", "DetailType": "Sighting", "Detail": "{}"}
    done = world.client("events").put_events(Entries=[*entries, bad, forged])
    assert 2 == done["FailedEntryCount"]
    assert "MalformedDetail" == done["Entries"][2]["ErrorCode"]
    assert ["a bear"] == queue.messages(1)
    assert [] == queue.within(0.5)


def test_a_disabled_rule_waits_for_nothing(world: World, queue: Queue) -> None:
    """Until it is enabled again."""
    events = world.client("events")
    _rule(world, queue, {"source": ["camera"]}, Input="seen")
    entry = {"Source": "camera", "DetailType": "Sighting", "Detail": "{}"}
    events.disable_rule(Name="rule")
    events.put_events(Entries=[entry])
    assert [] == queue.within(0.5)
    events.enable_rule(Name="rule")
    events.put_events(Entries=[entry])
    assert ["seen"] == queue.messages(1)


def test_a_passing_failure_is_tried_again_and_a_lasting_one_is_buried(
    world: World, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice after growing pauses, as the retry policy says, then the dead-letter queue hears of it."""
    tried: list[str] = []

    def busy(_: object, delivery: dict[str, Any]) -> None:
        tried.append(delivery["Id"])
        raise AwsError("InternalFailure", "the target is busy", 503)

    monkeypatch.setattr(targets, "send", busy)
    policy = {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600}
    dead = {"DeadLetterConfig": {"Arn": queue.arn}, "RetryPolicy": policy, "Input": "lost"}
    arn = _rule(world, queue, {"source": ["camera"]}, **dead)
    world.client("events").put_events(
        Entries=[{"Source": "camera", "DetailType": "Sighting", "Detail": "{}"}]
    )
    for number in (1, 2, 3):
        world.until(lambda number=number: len(tried) == number)
        world.account.clock.advance(_pause(number))
    (letter,) = queue.letters(1)
    told = {name: each["StringValue"] for name, each in letter["MessageAttributes"].items()}
    assert ("lost", arn, "MaximumRetryAttempts", "2") == (
        letter["Body"],
        told["RULE_ARN"],
        told["EXHAUSTED_RETRY_CONDITION"],
        told["RETRY_ATTEMPTS"],
    )


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("{", "Invalid JSON"),
        ("[]", "not an object"),
        ('{"source": [{"prefix": 5}]}', "prefix does not take 5"),
        ('{"detail": {"x": [{"numeric": ["<"]}]}}', "numeric does not take"),
        ('{"source": "camera"}', "object or an array"),
        ('{"source": [{"sounds-like": "camera"}]}', "sounds-like"),
    ],
)
def test_a_pattern_that_could_match_nothing_is_refused(world: World, pattern: str, said: str) -> None:
    """Rather than never match."""
    events = world.client("events")
    with pytest.raises(ClientError, match="InvalidEventPatternException") as refusal:
        events.put_rule(Name="bad", EventPattern=pattern)
    assert said in str(refusal.value)


def test_a_rule_without_targets_lists_none(world: World, queue: Queue) -> None:
    """Though AWS's model of the answer wants one at least."""
    events = world.client("events")
    events.put_rule(Name="alone", EventPattern='{"source": ["camera"]}')
    assert [] == events.list_targets_by_rule(Rule="alone")["Targets"]


def test_rules_on_a_schedule_and_strange_targets_are_refused(world: World, queue: Queue) -> None:
    """With what to do instead."""
    events = world.client("events")
    with pytest.raises(ClientError, match="EventBridge Scheduler"):
        events.put_rule(Name="bad", ScheduleExpression="rate(1 day)")
    _rule(world, queue, {"source": ["camera"]})
    with pytest.raises(ClientError, match="lambda"):
        events.put_targets(Rule="rule", Targets=[{"Id": "2", "Arn": "arn:aws:lambda:us-east-1:1:function:f"}])
    with pytest.raises(ClientError, match="has targets"):
        events.delete_rule(Name="rule")


def _pause(attempt: int) -> timedelta:
    return timedelta(seconds=2**attempt + 1)


def _executions(world: World, name: str) -> list[str]:
    found = world.call("ListPipelineExecutions", PipelineName=name)["PipelineExecutionSummaries"]
    return [each["PipelineExecutionArn"] for each in found]
