"""Asynchronous endpoints: a queue that lasts, answers in S3, notices by SNS, metrics of the backlog."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError
from hosting_world import Endpoints, until, variant
from job_world import BUCKET, World

from infra.local.asynchronous.inference import AsyncInference
from infra.local.metric import Metric

pytest_plugins = ("world_fixture",)


class Asking:
    """An asynchronous endpoint and short ways to ask it."""

    def __init__(self, toys: Endpoints, name: str, count: int = 1, **config: Any) -> None:
        self.toys = toys
        self.world = toys.world
        self.name = name
        toys.model(name)
        output = {
            "S3OutputPath": f"s3://{BUCKET}/async/{name}",
            "S3FailurePath": f"s3://{BUCKET}/failed/{name}",
            **config.pop("OutputConfig", {}),
        }
        toys.config(name, variant(name, count=count), AsyncInferenceConfig={"OutputConfig": output, **config})
        toys.create(name, name)

    def ask(self, body: str, **request: Any) -> dict[str, Any]:
        """Put an input to S3 and ask about it."""
        location = self.world.put(f"inputs/{self.name}/{body}", body)
        return dict(
            self.toys.runtime.invoke_endpoint_async(
                EndpointName=self.name, InputLocation=location, ContentType="text/plain", **request
            )
        )

    def scale(self, count: int) -> None:
        """Give the endpoint another number of instances."""
        wanted = [{"VariantName": "AllTraffic", "DesiredInstanceCount": count}]
        self.world.call(
            "UpdateEndpointWeightsAndCapacities", EndpointName=self.name, DesiredWeightsAndCapacities=wanted
        )
        until(lambda: self.current() == count)

    def current(self) -> int:
        """How many instances the endpoint has."""
        return int(self.toys.describe(self.name)["ProductionVariants"][0]["CurrentInstanceCount"])

    def has(self, uri: str) -> bool:
        """Tell whether there is an object."""
        return bool(self.world.keys(uri.removeprefix(f"s3://{BUCKET}/")))

    def read(self, uri: str) -> bytes:
        """Wait for an object and read it."""
        until(lambda: self.has(uri))
        return self.world.read(uri.removeprefix(f"s3://{BUCKET}/"))

    def metric(self, name: str) -> float | None:
        """The greatest value that a metric had of late."""
        now = self.world.account.clock.now()
        metric = Metric.of("AWS/SageMaker", name, {"EndpointName": self.name})
        found = self.world.account.metrics.read(metric, now - timedelta(hours=1), now + timedelta(1), 172_800)
        return max((summary.greatest for summary in found.values()), default=None)


@pytest.fixture(scope="module")
def toys(world: World, tmp_path_factory: pytest.TempPathFactory) -> Endpoints:
    return Endpoints(world, tmp_path_factory.mktemp("toys"))


@pytest.fixture(scope="module")
def topics(world: World) -> dict[str, str]:
    """A topic for successes and one for errors, both heard by one queue."""
    sns, sqs = world.client("sns"), world.client("sqs")
    queue = sqs.create_queue(QueueName="notices")["QueueUrl"]
    found = {"queue": queue}
    for name in ("SuccessTopic", "ErrorTopic"):
        found[name] = sns.create_topic(Name=name)["TopicArn"]
        arn = "arn:aws:sqs:us-east-1:123456789012:notices"
        sns.subscribe(TopicArn=found[name], Protocol="sqs", Endpoint=arn)
    return found


@pytest.fixture(scope="module")
def asking(toys: Endpoints, topics: dict[str, str]) -> Iterator[Asking]:
    notices = {name: topics[name] for name in ("SuccessTopic", "ErrorTopic")}
    notices["IncludeInferenceResponseIn"] = ["ERROR_NOTIFICATION_TOPIC"]
    asking = Asking(
        toys,
        "later",
        OutputConfig={"NotificationConfig": notices},
        ClientConfig={"MaxConcurrentInvocationsPerInstance": 2},
    )
    yield asking
    toys.delete("later")


def notice(world: World, queue: str) -> dict[str, Any]:
    sqs = world.client("sqs")
    [message] = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return dict(json.loads(json.loads(message["Body"])["Message"]))


def test_an_answer_goes_to_s3_and_sns_tells_of_it(asking: Asking, topics: dict[str, str]) -> None:
    """Where it will be is said at once; the notice has AWS's shape."""
    said = asking.ask("hello", InferenceId="mine", Accept="application/json", CustomAttributes="a=1")
    assert (202, "mine") == (said["ResponseMetadata"]["HTTPStatusCode"], said["InferenceId"])
    answer = json.loads(asking.read(said["OutputLocation"]))
    assert ("hello", "text/plain", "mine") == (
        answer["body"],
        answer["content_type"],
        answer["inference_id"],
    )
    told = notice(asking.world, topics["queue"])
    times = told.pop("receivedTime"), told.pop("eventTime")
    assert times[0] < times[1]
    assert {
        "awsRegion": "us-east-1",
        "invocationStatus": "Completed",
        "requestParameters": {
            "accept": "application/json",
            "contentType": "text/plain",
            "customAttributes": "a=1",
            "endpointName": "later",
            "inputLocation": f"s3://{BUCKET}/inputs/later/hello",
        },
        "responseParameters": {
            "contentType": "application/json",
            "outputLocation": said["OutputLocation"],
        },
        "inferenceId": "mine",
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    } == told
    assert not asking.world.account.store.list("async-request")


def test_a_failure_goes_to_its_own_place_and_topic(asking: Asking, topics: dict[str, str]) -> None:
    """With what the container said, in S3 and, as asked for, in the notice."""
    said = asking.ask("fail")
    assert b"no such species" == asking.read(said["FailureLocation"])
    assert not asking.has(said["OutputLocation"])
    told = notice(asking.world, topics["queue"])
    assert "Failed" == told["invocationStatus"]
    assert told["failureReason"].startswith("ClientError: Received server error (500) from model.")
    assert "BASE64" == told["responseBody"]["encoding"]
    UUID(said["InferenceId"])


def test_an_input_that_is_not_there_fails(asking: Asking, topics: dict[str, str]) -> None:
    """When its turn comes, as the request is accepted before."""
    said = asking.toys.runtime.invoke_endpoint_async(
        EndpointName="later", InputLocation=f"s3://{BUCKET}/nothing/there"
    )
    assert b"NoSuchKey" in asking.read(said["FailureLocation"])
    assert "NoSuchKey" in notice(asking.world, topics["queue"])["failureReason"]


def test_a_container_that_dies_is_asked_again_but_not_for_ever(
    asking: Asking, topics: dict[str, str]
) -> None:
    """Three times; the others are answered."""
    said, other = asking.ask("die"), asking.ask("after")
    assert json.loads(asking.read(other["OutputLocation"]))["body"] == "after"
    assert b"the container" in asking.read(said["FailureLocation"])
    kinds = [notice(asking.world, topics["queue"])["invocationStatus"] for _ in range(2)]
    assert {"Completed", "Failed"} == set(kinds)


def test_a_small_input_may_come_along(asking: Asking, topics: dict[str, str]) -> None:
    """And the caller may name the object of the answer."""
    said = asking.toys.runtime.invoke_endpoint_async(
        EndpointName="later", Body=b"inline", Filename="mine.json", S3OutputPathExtension="deep/er"
    )
    assert f"s3://{BUCKET}/async/later/deep/er/mine.json" == said["OutputLocation"]
    assert "inline" == json.loads(asking.read(said["OutputLocation"]))["body"]
    assert "inputLocation" not in notice(asking.world, topics["queue"])["requestParameters"]


def test_without_instances_requests_wait_and_are_answered_in_their_order(toys: Endpoints) -> None:
    """Scaled to zero: the backlog is measured; scaled back: it is worked off, one by one as configured."""
    asking = Asking(toys, "sleepy", ClientConfig={"MaxConcurrentInvocationsPerInstance": 1})
    asking.scale(0)
    assert "InService" == toys.describe("sleepy")["EndpointStatus"]
    said = [asking.ask(f"number {number}") for number in range(5)]
    until(lambda: asking.metric("HasBacklogWithoutCapacity") == 1.0)
    until(lambda: asking.metric("ApproximateBacklogSize") == 5.0)
    assert not any(asking.has(each["OutputLocation"]) for each in said)
    asking.scale(2)
    bodies = [json.loads(asking.read(each["OutputLocation"]))["body"] for each in said]
    assert [f"number {number}" for number in range(5)] == bodies
    until(lambda: asking.metric("TimeInBacklog") is not None)
    toys.delete("sleepy")


def test_a_request_that_waits_too_long_expires(toys: Endpoints) -> None:
    """By the account's clock, even without an instance."""
    asking = Asking(toys, "patient")
    asking.scale(0)
    said = asking.ask("late", RequestTTLSeconds=60)
    asking.world.account.clock.advance(timedelta(seconds=61))
    assert b"expired" in asking.read(said["FailureLocation"])
    until(lambda: asking.metric("ExpiredRequests") == 1.0)
    toys.delete("patient")


def test_a_container_has_as_long_as_the_request_says(toys: Endpoints) -> None:
    """Longer than a real-time request's, or shorter."""
    asking = Asking(toys, "slow")
    said = asking.ask("sleep 20", InvocationTimeoutSeconds=1)
    assert b"timed out" in asking.read(said["FailureLocation"])
    patient = asking.ask("sleep 3.5")  # a real-time request has 3 s in this account
    assert "sleep 3.5" == json.loads(asking.read(patient["OutputLocation"]))["body"]
    toys.delete("slow")


def test_the_queue_outlives_its_server(toys: Endpoints) -> None:
    """A new server reads what waited; a deleted endpoint's queue goes with it."""
    asking = Asking(toys, "durable")
    asking.scale(0)
    said = asking.ask("kept")
    account = asking.world.account
    account.asynchronous.close()
    account.asynchronous = AsyncInference(account)  # all that a killed server leaves is in the store
    asking.scale(1)
    assert "kept" == json.loads(asking.read(said["OutputLocation"]))["body"]
    asking.scale(0)
    asking.ask("dropped")
    toys.delete("durable")
    until(lambda: not account.store.list("async-request"))


def test_wrong_requests_are_refused(asking: Asking) -> None:
    """As AWS refuses them, before anything is queued."""
    runtime = asking.toys.runtime
    asking.toys.simple("realtime")
    where = f"s3://{BUCKET}/x"
    with pytest.raises(ClientError, match="not asynchronous: use InvokeEndpoint"):
        runtime.invoke_endpoint_async(EndpointName="realtime", InputLocation=where)
    with pytest.raises(ClientError, match="asynchronous: use InvokeEndpointAsync"):
        runtime.invoke_endpoint(EndpointName="later", Body=b"x")
    with pytest.raises(ClientError, match="Endpoint nobody of account 123456789012 not found"):
        runtime.invoke_endpoint_async(EndpointName="nobody", InputLocation=where)
    with pytest.raises(ClientError, match="InputLocation"):
        runtime.invoke_endpoint_async(EndpointName="later", InputLocation="https://example.org/x")
    with pytest.raises(ClientError, match="exactly one of them"):
        runtime.invoke_endpoint_async(EndpointName="later", InputLocation=where, Body=b"x")
    asking.toys.delete("realtime")
