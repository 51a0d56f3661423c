"""CloudWatch's alarms: judged from metrics, heard of through SNS, and lasting."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError
from job_world import World
from own_server import OwnServer

pytest_plugins = ("world_fixture",)

WHICH = {"EndpointName": "zoo", "VariantName": "AllTraffic"}
DIMENSIONS = [{"Name": name, "Value": value} for name, value in WHICH.items()]
ALARM: dict[str, Any] = {
    "Namespace": "AWS/SageMaker",
    "MetricName": "Invocation5XXErrors",
    "Dimensions": DIMENSIONS,
    "Statistic": "Average",
    "Period": 10,
    "EvaluationPeriods": 1,
    "Threshold": 0.05,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
}


@pytest.fixture
def fresh(world: World) -> Iterator[World]:
    """The account without alarms."""
    yield world
    cloudwatch = world.client("cloudwatch")
    cloudwatch.delete_alarms(AlarmNames=[alarm["AlarmName"] for alarm in world.account.alarms.all()])


def test_an_alarm_hears_of_errors_and_tells_a_queue_through_sns(fresh: World) -> None:
    """From metric to message: ALARM while errors come, OK when they have gone, both told as AWS tells it."""
    queue, topic = _queue_on_topic(fresh)
    cloudwatch = fresh.client("cloudwatch")
    cloudwatch.put_metric_alarm(AlarmName="errors", AlarmActions=[topic], OKActions=[topic], **ALARM)
    fresh.until(lambda: _state(fresh, "errors") == "OK")
    assert "no datapoints were received for 1 period" in _described(fresh, "errors")["StateReason"]
    _put(fresh, 1.0)
    fresh.until(lambda: _state(fresh, "errors") == "ALARM")
    reason = _described(fresh, "errors")["StateReason"]
    assert reason.startswith("Threshold Crossed: 1 out of the last 1 datapoint [1.0 (")
    assert "was greater than the threshold (0.05) (minimum 1 datapoint for OK -> ALARM transition)." in reason
    fresh.account.clock.advance(timedelta(seconds=60))
    fresh.until(lambda: _state(fresh, "errors") == "OK")
    messages = _messages(fresh, queue, 3)
    told = [(message["OldStateValue"], message["NewStateValue"]) for message in messages]
    assert [("INSUFFICIENT_DATA", "OK"), ("OK", "ALARM"), ("ALARM", "OK")] == told
    trigger = messages[1]["Trigger"]
    assert ("Invocation5XXErrors", "Statistic", "AVERAGE") == (
        trigger["MetricName"],
        trigger["StatisticType"],
        trigger["Statistic"],
    )
    items = cloudwatch.describe_alarm_history(AlarmName="errors", ScanBy="TimestampAscending")
    kinds = [item["HistoryItemType"] for item in items["AlarmHistoryItems"]]
    assert ["ConfigurationUpdate", *["StateUpdate", "Action"] * 3] == kinds


def test_two_out_of_three_percentiles_make_an_alarm(fresh: World) -> None:
    """DatapointsToAlarm and ExtendedStatistic count."""
    latency = {
        **ALARM,
        "MetricName": "ModelLatency",
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 2,
        "Threshold": 1000.0,
        "ExtendedStatistic": "p99",
    }
    del latency["Statistic"]
    fresh.client("cloudwatch").put_metric_alarm(AlarmName="slow", **latency)
    now = fresh.account.clock.now()
    for seconds, value in ((25, 5000.0), (15, 5.0), (5, 6000.0)):
        moment = now - timedelta(seconds=seconds)
        fresh.account.metrics.put("AWS/SageMaker", "ModelLatency", value, WHICH, "Microseconds", moment)
    fresh.until(lambda: _state(fresh, "slow") == "ALARM")
    assert "2 out of the last 3 datapoints" in _described(fresh, "slow")["StateReason"]


def test_data_that_came_just_before_a_new_alarm_are_not_missing(fresh: World) -> None:
    """Within the same second, at any part of it: the alarm's first state is what they say."""
    cloudwatch = fresh.client("cloudwatch")
    missing = {"Statistic": "SampleCount", "Threshold": 1, "ComparisonOperator": "LessThanThreshold"}
    missing |= {"TreatMissingData": "breaching", "Period": 3600}
    for turn in range(4):
        fresh.account.metrics.put("AWS/SageMaker", f"Photos{turn}", 0.0, WHICH, "Count")
        name = f"missing-{turn}"
        cloudwatch.put_metric_alarm(**ALARM | missing | {"AlarmName": name, "MetricName": f"Photos{turn}"})
        fresh.account.alarms.tick()
        fresh.until(lambda name=name: _state(fresh, name) != "INSUFFICIENT_DATA")
        assert "OK" == _state(fresh, name)
        time.sleep(0.3)


def test_an_alarm_watches_a_share_by_metric_math(fresh: World) -> None:
    """Errors by invocations."""
    cloudwatch = fresh.client("cloudwatch")
    queries = [
        {"Id": "errors", "MetricStat": _stat("Broken"), "ReturnData": False},
        {"Id": "calls", "MetricStat": _stat("Calls"), "ReturnData": False},
        {"Id": "share", "Expression": "100 * FILL(errors, 0) / calls"},
    ]
    kept = ("EvaluationPeriods", "ComparisonOperator", "TreatMissingData")
    cloudwatch.put_metric_alarm(
        AlarmName="share", Metrics=queries, Threshold=5.0, **{name: ALARM[name] for name in kept}
    )
    for _ in range(10):
        fresh.account.metrics.put("AWS/SageMaker", "Calls", 1.0, WHICH, "None")
    fresh.until(lambda: _state(fresh, "share") == "OK")
    fresh.account.metrics.put("AWS/SageMaker", "Broken", 1.0, WHICH, "None")
    fresh.until(lambda: _state(fresh, "share") == "ALARM")
    assert "[10.0 (" in _described(fresh, "share")["StateReason"]


def test_a_state_that_was_set_tells_sns_and_lasts_until_the_next_evaluation(fresh: World) -> None:
    """As one tests an alarm's way; with its actions disabled, nobody is told."""
    queue, topic = _queue_on_topic(fresh)
    cloudwatch = fresh.client("cloudwatch")
    cloudwatch.put_metric_alarm(AlarmName="set", AlarmActions=[topic], **ALARM)
    fresh.until(lambda: _state(fresh, "set") == "OK")
    cloudwatch.set_alarm_state(AlarmName="set", StateValue="ALARM", StateReason="a drill")
    assert ("ALARM", "a drill") == (_state(fresh, "set"), _described(fresh, "set")["StateReason"])
    fresh.account.alarms.tick()
    assert "ALARM" == _state(fresh, "set")
    assert ["a drill"] == [message["NewStateReason"] for message in _messages(fresh, queue, 1)]
    fresh.account.clock.advance(timedelta(seconds=11))
    fresh.until(lambda: _state(fresh, "set") == "OK")
    cloudwatch.disable_alarm_actions(AlarmNames=["set"])
    cloudwatch.set_alarm_state(AlarmName="set", StateValue="ALARM", StateReason="a quiet drill")
    newest = cloudwatch.describe_alarm_history(AlarmName="set", MaxRecords=1)["AlarmHistoryItems"]
    assert ["StateUpdate"] == [item["HistoryItemType"] for item in newest]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Statistic": None, "ExtendedStatistic": "tm90"}, "p0 to p100, not 'tm90'"),
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "compares by"),
        ({"AlarmActions": ["arn:aws:lambda:us-east-1:123456789012:function:f"]}, "runs SNS topics"),
        ({"DatapointsToAlarm": 2}, "DatapointsToAlarm"),
        ({"Period": 7}, "Period must be"),
        ({"Period": 60, "EvaluationPeriods": 1441}, "must be <= 86400"),
        ({"Period": 3600, "EvaluationPeriods": 169}, "must be <= 604800"),
        ({"MetricName": None}, "needs MetricName"),
        ({"EvaluateLowSampleCountPercentile": "ignore"}, "few values"),
        ({"TreatMissingData": "never"}, "Option never is not supported"),
        ({"Statistic": None}, "needs Statistic"),
    ],
)
def test_what_is_not_done_is_refused_when_it_is_put(
    fresh: World, changes: dict[str, Any], words: str
) -> None:
    """Never an alarm that is silent for ever."""
    request = {name: value for name, value in {**ALARM, **changes}.items() if value is not None}
    with pytest.raises(ClientError, match=words):
        fresh.client("cloudwatch").put_metric_alarm(AlarmName="refused", **request)
    assert [] == fresh.account.alarms.all()


def test_composite_alarms_are_refused(fresh: World) -> None:
    """Clearly, as they would never change."""
    with pytest.raises(ClientError, match="does not do PutCompositeAlarm"):
        fresh.client("cloudwatch").put_composite_alarm(AlarmName="both", AlarmRule="ALARM(a)")


def test_alarms_are_listed_tagged_and_deleted(fresh: World) -> None:
    """By name, prefix, state and metric, in pages."""
    cloudwatch = fresh.client("cloudwatch")
    for name in ("a-1", "a-2", "b-1"):
        tags = [{"Key": "project", "Value": "bestiary"}]
        cloudwatch.put_metric_alarm(AlarmName=name, Tags=tags, **ALARM)
    pages = cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix="a-", PaginationConfig={"PageSize": 1}
    )
    assert ["a-1", "a-2"] == [alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"]]
    for_metric = cloudwatch.describe_alarms_for_metric(
        Namespace=ALARM["Namespace"], MetricName=ALARM["MetricName"], Dimensions=DIMENSIONS
    )
    assert 3 == len(for_metric["MetricAlarms"])
    arn = for_metric["MetricAlarms"][0]["AlarmArn"]
    assert "bestiary" == cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"][0]["Value"]
    cloudwatch.delete_alarms(AlarmNames=["a-1", "a-2"])
    assert ["b-1"] == [alarm["AlarmName"] for alarm in cloudwatch.describe_alarms()["MetricAlarms"]]
    with pytest.raises(ClientError, match="does not exist"):
        cloudwatch.set_alarm_state(AlarmName="a-1", StateValue="OK", StateReason="gone")


def test_every_wire_protocol_of_cloudwatch_is_spoken(fresh: World) -> None:
    """Older clients, such as the AWS CLI 1, speak query or JSON."""
    fresh.client("cloudwatch").put_metric_alarm(AlarmName="spoken", **ALARM)
    signed = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/monitoring/aws4_request"
    by_json = ("application/x-amz-json-1.0", "{}", "GraniteServiceVersion20100801.DescribeAlarms")
    by_query = ("application/x-www-form-urlencoded", "Action=DescribeAlarms&Version=2010-08-01", "")
    for kind, body, target in (by_json, by_query):
        connection = HTTPConnection(urlsplit(fresh.url).netloc)
        headers = {"Authorization": signed, "Content-Type": kind}
        connection.request("POST", "/", body, headers | ({"X-Amz-Target": target} if target else {}))
        answer = connection.getresponse()
        assert (200, True) == (answer.status, b"spoken" in answer.read())
        connection.close()


def test_alarms_topics_and_subscriptions_outlive_a_killed_server(tmp_path: Any) -> None:
    """After ``kill -9`` the alarm is there with its history, and still tells a queue made anew."""
    server = OwnServer(tmp_path / "home")
    try:
        sns, cloudwatch = server.client("sns"), server.client("cloudwatch")
        topic = sns.create_topic(Name="lasting", Attributes={"DisplayName": "Rangers"})["TopicArn"]
        queue_arn = "arn:aws:sqs:us-east-1:123456789012:rangers"
        subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)["SubscriptionArn"]
        sns.set_subscription_attributes(
            SubscriptionArn=subscription, AttributeName="RawMessageDelivery", AttributeValue="true"
        )
        cloudwatch.put_metric_alarm(AlarmName="lasting", AlarmActions=[topic], **ALARM)
        cloudwatch.set_alarm_state(AlarmName="lasting", StateValue="OK", StateReason="before")
        server.kill()
        server.start()
        sns, cloudwatch, sqs = (server.client(name) for name in ("sns", "cloudwatch", "sqs"))
        assert "Rangers" == sns.get_topic_attributes(TopicArn=topic)["Attributes"]["DisplayName"]
        [kept] = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        assert (subscription, queue_arn) == (kept["SubscriptionArn"], kept["Endpoint"])
        [alarm] = cloudwatch.describe_alarms(AlarmNames=["lasting"])["MetricAlarms"]
        assert ([topic], 0.05) == (alarm["AlarmActions"], alarm["Threshold"])
        queue = sqs.create_queue(QueueName="rangers")["QueueUrl"]
        cloudwatch.set_alarm_state(AlarmName="lasting", StateValue="ALARM", StateReason="after")
        [message] = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]
        assert "after" == json.loads(message["Body"])["NewStateReason"]
    finally:
        server.stop()


def _queue_on_topic(world: World) -> tuple[str, str]:
    sqs, sns = world.client("sqs"), world.client("sns")
    name = f"alarms-{time.time_ns()}"
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    topic = sns.create_topic(Name=name)["TopicArn"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=attributes["QueueArn"])
    return queue, topic


def _messages(world: World, queue: str, count: int) -> list[dict[str, Any]]:
    sqs = world.client("sqs")
    found: list[dict[str, Any]] = []

    def enough() -> bool:
        for message in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", []):
            found.append(json.loads(json.loads(message["Body"])["Message"]))
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return len(found) >= count

    world.until(enough)
    return sorted(found, key=lambda message: message["StateChangeTime"])


def _put(world: World, value: float) -> None:
    world.account.metrics.put("AWS/SageMaker", "Invocation5XXErrors", value, WHICH, "None")


def _state(world: World, name: str) -> str | None:
    return world.account.alarms.states([name]).get(name)


def _described(world: World, name: str) -> dict[str, Any]:
    [alarm] = world.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return dict(alarm)


def _stat(name: str) -> dict[str, Any]:
    metric = {"Namespace": "AWS/SageMaker", "MetricName": name, "Dimensions": DIMENSIONS}
    return {"Metric": metric, "Period": 10, "Stat": "Sum"}
