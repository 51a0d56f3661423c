"""The server as a whole: routes, errors, and what a job runs in."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from own_server import OwnServer

from infra.local import lifecycle
from infra.local.processes import started

SLEEP = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
ROLE = "arn:aws:iam::123456789012:role/bestiary-jobs"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServer]:
    """Run a server."""
    server = OwnServer(tmp_path_factory.mktemp("home"))
    yield server
    server.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[OwnServer]:
    """Run a server that a test may break."""
    server = OwnServer(tmp_path / "home")
    yield server
    server.stop()


def post(server: OwnServer, target: str, body: bytes) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Send a bare JSON 1.1 request; return status, headers and document."""
    request = urllib.request.Request(  # noqa: S310 - our own server
        server.running.endpoint_url, data=body, headers={"X-Amz-Target": target}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own server
            return answer.status, dict(answer.headers), json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), json.load(error)


def test_health_says_whose_server_it_is(server: OwnServer) -> None:
    """Home, process and whether it is set up."""
    url = f"{server.running.endpoint_url}/_bestiary/health"
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own server
        said = json.load(answer)
    assert said["home"] == str(server.home)
    assert said["pid"] == server.running.pid
    assert said["ready"] is True


def test_an_operation_nobody_does_here_is_named(server: OwnServer) -> None:
    """In the error's code, its header and its text."""
    status, headers, document = post(server, "SageMaker.CreateDomain", b"{}")
    assert status == 400
    assert headers["X-Amzn-Errortype"] == document["__type"] == "UnknownOperationException"
    assert document["message"] == "The local SageMaker does not do CreateDomain."
    assert headers["X-Amzn-Requestid"]


@pytest.mark.parametrize(("service", "operation"), [("dynamodb", "list_tables"), ("ec2", "describe_vpcs")])
def test_a_service_nobody_does_here_is_named(server: OwnServer, service: str, operation: str) -> None:
    """Moto would do some of them, and lose what they hold; nothing here pretends."""
    with pytest.raises(ClientError, match=f"does not do .*{service}"):
        getattr(server.client(service), operation)()


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"PipelineName": 7}', b"\xff"])
def test_a_body_that_cannot_be_read_is_the_clients_fault(server: OwnServer, body: bytes) -> None:
    """Whatever it is, it is answered with 400 and in one line."""
    status, _, document = post(server, "SageMaker.DescribePipeline", body)
    assert status == 400
    assert document["__type"] in {"SerializationException", "ValidationException"}
    assert "\n" not in document["message"]


@pytest.mark.parametrize("service", ["sts", "iam", "cloudwatch", "sns", "sqs", "events", "scheduler", "logs"])
def test_services_beside_sagemaker_answer(server: OwnServer, service: str) -> None:
    """Those that the operator's commands use."""
    ask = {
        "sts": lambda c: c.get_caller_identity()["Account"] == "123456789012",
        "iam": lambda c: c.get_role(RoleName="bestiary-jobs")["Role"]["Arn"] == ROLE,
        "cloudwatch": lambda c: c.list_metrics(Namespace="none")["Metrics"] == [],
        "sns": lambda c: c.create_topic(Name="t")["TopicArn"],
        "sqs": lambda c: c.create_queue(QueueName="q")["QueueUrl"],
        "events": lambda c: c.list_rules()["Rules"] == [],
        "scheduler": lambda c: c.list_schedules()["Schedules"] == [],
        "logs": lambda c: c.describe_log_groups()["logGroups"] == [],
    }
    assert ask[service](server.client(service))


def test_any_credentials_are_accepted(server: OwnServer) -> None:
    """Also none at all where the protocol allows it."""
    import boto3
    from botocore import UNSIGNED

    unsigned = boto3.client(
        "sagemaker",
        endpoint_url=server.running.endpoint_url,
        region_name="eu-central-1",
        config=Config(signature_version=UNSIGNED),
    )
    assert unsigned.list_pipelines()["PipelineSummaries"] == []


def processing_job(server: OwnServer, name: str, code: str) -> None:
    """Create a job that runs a line of Python."""
    server.client("sagemaker").create_processing_job(
        ProcessingJobName=name,
        RoleArn=ROLE,
        AppSpecification={
            "ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/any:1",
            "ContainerEntrypoint": ["python", "-c", code],
        },
        ProcessingResources={
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
        },
    )


def log_lines(server: OwnServer, job: str) -> list[str]:
    """Read a processing job's log as clients do."""
    logs = server.client("logs")
    group = "/aws/sagemaker/ProcessingJobs"
    try:
        streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{job}/")["logStreams"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [
        event["message"]
        for stream in streams
        for event in logs.get_log_events(
            logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
        )["events"]
    ]


def wait_for_line(server: OwnServer, job: str) -> list[str]:
    """Wait until a job said something."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if lines := log_lines(server, job):
            return lines
        time.sleep(0.1)
    raise AssertionError(f"{job} said nothing")


def test_stopping_ends_the_jobs_that_run(own_server: OwnServer) -> None:
    """Their log is read while they run; after the stop no process is left, and the records say why."""
    server = own_server
    processing_job(server, "sleeper", SLEEP)
    said = wait_for_line(server, "sleeper")[0]
    job = server.client("sagemaker").describe_processing_job(ProcessingJobName="sleeper")
    assert job["ProcessingJobStatus"] == "InProgress"
    assert started(int(said))
    server.stop()
    assert ends(int(said))
    server.start()
    job = server.client("sagemaker").describe_processing_job(ProcessingJobName="sleeper")
    assert job["ProcessingJobStatus"] == "Failed"
    assert "stopped" in job["FailureReason"]
    assert log_lines(server, "sleeper")[0] == said


def test_stopping_a_server_that_hangs_leaves_no_job(
    own_server: OwnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is killed after a while, and what it ran with it."""
    processing_job(own_server, "sleeper", SLEEP)
    said = wait_for_line(own_server, "sleeper")[0]
    os.kill(own_server.running.pid, signal.SIGSTOP)
    monkeypatch.setattr(lifecycle, "_STOP_SECONDS", 1.0)
    own_server.stop()
    assert started(own_server.running.pid) is None
    assert ends(int(said))


def test_a_server_whose_home_is_removed_ends(own_server: OwnServer) -> None:
    """Nobody could find it any more."""
    own_server.home.rename(own_server.home.with_name("elsewhere"))
    assert ends(own_server.running.pid, 15)


def ends(pid: int, seconds: float = 5) -> bool:
    """Wait some seconds for the end of a process."""
    deadline = time.monotonic() + seconds
    while started(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return started(pid) is None
