"""Invocations: real processes, asked through boto3."""

from __future__ import annotations

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hosting_updates import Load
from hosting_world import Endpoints, until
from job_world import World

from infra.local.hosting import embedded_metrics
from infra.local.processes import started

pytest_plugins = ("world_fixture",)


@pytest.fixture(scope="module")
def endpoints(world: World, tmp_path_factory: pytest.TempPathFactory) -> Endpoints:
    """Open an account with an endpoint of two instances."""
    opened = Endpoints(world, tmp_path_factory.mktemp("source"))
    opened.simple("bear", count=2)
    return opened


def refused(endpoints: Endpoints, **request: Any) -> dict[str, Any]:
    """Invoke an endpoint and return the error that comes."""
    with pytest.raises(ClientError) as raised:
        endpoints.runtime.invoke_endpoint(**request)
    return {**raised.value.response, **raised.value.response["Error"]}


def pids(endpoints: Endpoints, name: str) -> set[int]:
    """Return the processes that answer; one that is just dying may take a request with it."""
    found = set()
    for _ in range(4):
        with suppress(ClientError):
            found.add(endpoints.ask(name)["pid"])
    return found


def kill_one(endpoints: Endpoints, name: str) -> int:
    """Kill one of the processes that answer, and wait until it is gone."""
    victim: int = endpoints.ask(name)["pid"]
    os.kill(victim, signal.SIGKILL)
    until(lambda: started(victim) is None)
    return victim


def test_a_request_reaches_the_program_and_its_answer_the_caller(endpoints: Endpoints) -> None:
    """Body, content type, accept, custom attributes and inference id go in; type and attributes come back."""
    answer = endpoints.runtime.invoke_endpoint(
        EndpointName="bear",
        Body=b"a photo",
        ContentType="image/jpeg",
        Accept="application/json",
        CustomAttributes="trace=1",
        InferenceId="photo-1",
    )
    said = json.loads(answer["Body"].read())
    assert (said["body"], said["content_type"], said["accept"]) == (
        "a photo",
        "image/jpeg",
        "application/json",
    )
    assert said["inference_id"] == "photo-1"
    assert said["files"] == {"weights.txt": "1 2 3"}
    assert answer["ContentType"] == "application/json"
    assert answer["CustomAttributes"] == "trace=1"
    assert answer["InvokedProductionVariant"] == "AllTraffic"


def test_instances_share_the_requests(endpoints: Endpoints) -> None:
    """Two processes answer, each at a port of its own, and many requests at a time are no trouble."""
    one_by_one = [endpoints.ask("bear")["pid"] for _ in range(4)]
    assert len(set(one_by_one)) == 2
    with ThreadPoolExecutor(32) as clients:
        answers = list(clients.map(lambda number: endpoints.ask("bear", b"%d" % number), range(200)))
    assert [answer["body"] for answer in answers] == [str(number) for number in range(200)]


def test_a_large_answer_and_request_come_whole(endpoints: Endpoints) -> None:
    """Six megabytes are the most that a request may have; what is larger is refused before it is sent on."""
    assert len(endpoints.ask("bear", b"x" * 6_000_000)["body"]) == 6_000_000
    error = refused(endpoints, EndpointName="bear", Body=b"x" * 6_291_457)
    assert error["Code"] == "ValidationError"
    assert "less than or equal to 6291456" in error["Message"]


def test_the_programs_errors_are_model_errors(endpoints: Endpoints) -> None:
    """Its status and words are told, and where its log is; a program that says nothing counts as status 0."""
    error = refused(endpoints, EndpointName="bear", Body=b"fail")
    assert (error["Code"], error["OriginalStatusCode"]) == ("ModelError", 500)
    assert error["OriginalMessage"] == "no such species"
    assert 'Received server error (500) from primary with message "no such species"' in error["Message"]
    assert error["LogStreamArn"].endswith("log-group:/aws/sagemaker/Endpoints/bear")
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 424
    error = refused(endpoints, EndpointName="bear", Body=b"client")
    assert "Received client error (415)" in error["Message"]
    error = refused(endpoints, EndpointName="bear", Body=b"sleep 3.5")
    assert (error["Code"], error["OriginalStatusCode"]) == ("ModelError", 0)
    assert "timed out while waiting for a response" in error["Message"]


def test_what_cannot_be_asked_is_a_validation_error(endpoints: Endpoints) -> None:
    """An endpoint or variant that is not there, and what the local SageMaker does not know."""
    for request, words in (
        ({"EndpointName": "nobody"}, "Endpoint nobody of account 123456789012 not found."),
        ({"EndpointName": "bear", "TargetVariant": "Other"}, "Variant Other not found"),
        ({"EndpointName": "bear", "TargetModel": "m.tar.gz"}, "does not know TargetModel"),
        ({"EndpointName": "bear", "EnableExplanations": "`true`"}, "does not know EnableExplanations"),
        ({"EndpointName": "bear", "InferenceComponentName": "c"}, "does not know InferenceComponentName"),
    ):
        error = refused(endpoints, Body=b"", **request)
        assert (error["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == ("ValidationError", 400)
        assert words in error["Message"]


def test_a_server_that_dies_is_started_again(endpoints: Endpoints) -> None:
    """What it had is an error, the other instance answers meanwhile, and the log and a metric count it."""
    error = refused(endpoints, EndpointName="bear", Body=b"die")
    assert (error["Code"], error["OriginalStatusCode"]) == ("ModelError", 0)
    assert "before it answered" in error["Message"]
    until(lambda: len(pids(endpoints, "bear")) == 2)
    victim = kill_one(endpoints, "bear")
    assert victim not in pids(endpoints, "bear")
    until(lambda: len(pids(endpoints, "bear")) == 2)
    log = endpoints.world.log("/aws/sagemaker/Endpoints/bear", "AllTraffic")
    assert any("status 3 and is started again (restart 1)" in line for line in log)
    assert any("status 137 and is started again" in line for line in log)
    cloudwatch = endpoints.world.client("cloudwatch")
    found = cloudwatch.list_metrics(Namespace="/aws/sagemaker/Endpoints", MetricName="ContainerRestarts")
    assert {"Name": "EndpointName", "Value": "bear"} in found["Metrics"][0]["Dimensions"]
    assert endpoints.describe("bear")["EndpointStatus"] == "InService"


def test_a_server_killed_under_load_costs_what_it_had(endpoints: Endpoints) -> None:
    """Of eight clients' requests half are at each of two; the rest is answered by the other one."""
    load = Load(endpoints, "bear", clients=8)
    load.see("bear", 40)
    victim = kill_one(endpoints, "bear")
    until(lambda: len(pids(endpoints, "bear") - {victim}) == 2)
    load.see("bear", len(load.names) + 40)
    load.end()
    assert len(load.errors) <= 5, load.errors


def test_a_server_that_hung_up_is_asked_last_until_it_is_well(endpoints: Endpoints) -> None:
    """It has the least to do while it is ill, and would draw all requests to itself."""
    assert refused(endpoints, EndpointName="bear", Body=b"sulk")["OriginalStatusCode"] == 0
    until(lambda: len({endpoints.ask("bear")["pid"] for _ in range(4)}) == 1)
    until(lambda: len(pids(endpoints, "bear")) == 2)


def test_every_request_is_counted(endpoints: Endpoints) -> None:
    """Errors by kind as rates, latencies in microseconds, per endpoint and variant."""
    endpoints.simple("counted")
    for body in (b"", b"", b"client", b"fail"):
        try:
            endpoints.ask("counted", body)
        except ClientError:
            continue
    now = endpoints.world.account.clock.now()

    def statistics(metric: str) -> dict[str, Any]:
        return endpoints.world.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName=metric,
            Dimensions=[
                {"Name": "EndpointName", "Value": "counted"},
                {"Name": "VariantName", "Value": "AllTraffic"},
            ],
            StartTime=now.timestamp() - 600,
            EndTime=now.timestamp() + 600,
            Period=3600,
            Statistics=["Sum", "SampleCount", "Average"],
        )["Datapoints"][0]

    sums = {
        metric: statistics(metric)["Sum"]
        for metric in ("Invocations", "Invocation4XXErrors", "Invocation5XXErrors", "InvocationModelErrors")
    }
    assert list(sums.values()) == [4, 1, 1, 2]
    assert statistics("InvocationModelErrors")["Average"] == 0.5
    assert 100 < statistics("ModelLatency")["Average"] < 3e6
    endpoints.delete("counted")


def test_metrics_in_the_log_become_cloudwatchs(endpoints: Endpoints) -> None:
    """A line in the embedded metric format is read; one that only looks like it harms nothing."""
    metrics = endpoints.world.account.metrics
    directive = {
        "Namespace": "Zoo",
        "Dimensions": [["Task"]],
        "Metrics": [{"Name": "Latency", "Unit": "Milliseconds"}],
    }
    about = {"Timestamp": 1_800_000_000_000, "CloudWatchMetrics": [directive]}
    embedded_metrics.read(json.dumps({"_aws": about, "Task": "feeding", "Latency": [1, 2.5]}), metrics)
    embedded_metrics.read('{"_aws": {"Timestamp": "then"', metrics)
    embedded_metrics.read(json.dumps({"_aws": about, "Task": "feeding"}), metrics)
    assert [metric.dimensions for metric in metrics.names() if metric.namespace == "Zoo"] == [
        (("Task", "feeding"),)
    ]


def test_an_isolated_model_has_no_network_and_answers(endpoints: Endpoints) -> None:
    """It listens on SageMaker's port in a network of its own; two of them do not meet."""
    endpoints.simple("alone", isolated=True, count=2)
    answers = [endpoints.ask("alone", b"%d" % number) for number in range(8)]
    assert [answer["body"] for answer in answers] == [str(number) for number in range(8)]
    assert len({answer["pid"] for answer in answers}) == 2
    assert {answer["endpoint_url"] for answer in answers} == {None}
    if _namespaces(endpoints):
        assert {answer["port"] for answer in answers} == {"8080"}
    kill_one(endpoints, "alone")
    until(lambda: len(pids(endpoints, "alone")) == 2)
    endpoints.delete("alone")


def _namespaces(endpoints: Endpoints) -> bool:
    """Say whether the kernel gives a job a network of its own."""
    done = endpoints.world.process(
        "probe", "import socket; print(socket.if_nameindex())", NetworkConfig={"EnableNetworkIsolation": True}
    )
    lines = endpoints.world.log("/aws/sagemaker/ProcessingJobs", "probe")
    return done["ProcessingJobStatus"] == "Completed" and lines[-1] == "[(1, 'lo')]"
