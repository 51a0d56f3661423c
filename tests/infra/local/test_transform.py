"""Batch transform: objects in, results out, by real serving processes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hosting_world import Endpoints
from job_world import BUCKET, LONG, ROLE, World
from pipeline_definitions import pipeline, processing

pytest_plugins = ("world_fixture",)

Run = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def toys(world: World, tmp_path_factory: pytest.TempPathFactory) -> Endpoints:
    toys = Endpoints(world, tmp_path_factory.mktemp("toys"))
    toys.model("echo")
    return toys


@pytest.fixture
def transform(toys: Endpoints) -> Run:
    """Run a transform job of objects below a prefix, and describe it."""

    def run(name: str, objects: dict[str, bytes], *, wait: bool = True, **changes: Any) -> dict[str, Any]:
        for key, body in objects.items():
            toys.world.put(f"in/{name}/{key}", body)
        toys.world.call("CreateTransformJob", **request(name, **changes))
        if wait:
            assert toys.world.account.jobs.wait("transform-job", name, LONG)
        return toys.world.call("DescribeTransformJob", TransformJobName=name)

    return run


def request(name: str, **changes: Any) -> dict[str, Any]:
    given = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/in/{name}/"}}
    whole: dict[str, Any] = {
        "TransformJobName": name,
        "ModelName": "echo",
        "TransformInput": {"DataSource": given, "ContentType": "image/jpeg"},
        "TransformOutput": {"S3OutputPath": f"s3://{BUCKET}/out/{name}", "Accept": "application/json"},
        "TransformResources": {"InstanceType": "ml.g4dn.xlarge", "InstanceCount": 1},
        "ModelClientConfig": {"InvocationsMaxRetries": 1},
    }
    for member, value in changes.items():
        old = whole.get(member)
        whole[member] = {**old, **value} if isinstance(old, dict) else value
    return whole


def results(world: World, name: str) -> dict[str, bytes]:
    return {key: world.read(f"out/{name}/{key}") for key in world.keys(f"out/{name}/")}


def logged(world: World, name: str) -> str:
    return "\n".join(world.log("/aws/sagemaker/TransformJobs", name))


def test_every_object_of_a_prefix_gets_its_result(world: World, transform: Run) -> None:
    """Subfolders stay, markers of folders are no objects, headers go along, two instances share the work."""
    objects = {f"{group}/{number}.jpg": f"{group}{number}".encode() for group in "ab" for number in range(6)}
    described = transform(
        "prefix",
        {**objects, "empty/": b""},
        MaxConcurrentTransforms=2,
        TransformResources={"InstanceCount": 2},
    )
    assert "Completed" == described["TransformJobStatus"]
    assert described["TransformStartTime"] <= described["TransformEndTime"]
    found = {key: json.loads(body) for key, body in results(world, "prefix").items()}
    assert {f"{key}.out" for key in objects} == found.keys()
    assert {body.decode() for body in objects.values()} == {said["body"] for said in found.values()}
    assert {("image/jpeg", "application/json")} == {
        (said["content_type"], said["accept"]) for said in found.values()
    }
    assert 2 == len({said["pid"] for said in found.values()})
    assert "MaxConcurrentTransforms=2, MaxPayloadInMB=6, BatchStrategy=MULTI_RECORD" in logged(
        world, "prefix"
    )
    assert not (world.account.home / "jobs" / "transform-job" / "prefix").exists()


def test_lines_are_sent_one_by_one_and_assembled_in_order(world: World, transform: Run) -> None:
    """SingleRecord: a line a request, several under way, the answers in the lines' order, a line each."""
    lines = [f"line {number}" for number in range(20)]
    transform(
        "lines",
        {"all.jsonl.gz": gzip.compress("\n".join(lines).encode())},
        BatchStrategy="SingleRecord",
        MaxConcurrentTransforms=4,
        TransformInput={"SplitType": "Line", "CompressionType": "Gzip"},
        TransformOutput={"AssembleWith": "Line"},
    )
    [(key, body)] = results(world, "lines").items()
    assert "all.jsonl.gz.out" == key
    assert lines == [json.loads(line)["body"] for line in body.decode().splitlines()]


def test_as_many_lines_go_together_as_the_payload_allows(world: World, transform: Run) -> None:
    """MultiRecord: whole lines, up to MaxPayloadInMB a request."""
    lines = ["x" * 299_999] * 7
    transform(
        "batches",
        {"all.txt": "\n".join(lines).encode()},
        BatchStrategy="MultiRecord",
        MaxPayloadInMB=1,
        TransformInput={"SplitType": "Line"},
        TransformOutput={"AssembleWith": "Line"},
    )
    [body] = results(world, "batches").values()
    sent = [json.loads(line)["body"] for line in body.decode().splitlines()]
    assert [3, 3, 1] == [len(each.split("\n")) for each in sent]
    assert "\n".join(lines) == "\n".join(sent)


def test_a_manifest_names_the_objects(world: World, transform: Run) -> None:
    """Only those of the manifest are transformed."""
    manifest = [{"prefix": f"s3://{BUCKET}/in/manifest/"}, "one.txt", "deep/two.txt"]
    where = world.put("manifests/m.json", json.dumps(manifest))
    source = {"S3DataSource": {"S3DataType": "ManifestFile", "S3Uri": where}}
    objects = {"one.txt": b"1", "deep/two.txt": b"2", "three.txt": b"3"}
    assert (
        "Completed"
        == transform("manifest", objects, TransformInput={"DataSource": source})["TransformJobStatus"]
    )
    assert {"one.txt.out", "deep/two.txt.out"} == results(world, "manifest").keys()


def test_what_fails_is_named_and_the_others_have_results(world: World, transform: Run) -> None:
    """A container's error, a fault of the request or an object too large fail the job, not the others."""
    objects = {"good": b"fine", "server": b"fail", "caller": b"client", "large": b"x" * (1 << 20 | 1)}
    described = transform("faults", objects, MaxPayloadInMB=1)
    assert "Failed" == described["TransformJobStatus"]
    assert described["FailureReason"].startswith("AlgorithmError: 3 of 4 objects have no result")
    assert {"good.out"} == results(world, "faults").keys()
    log = logged(world, "faults")
    assert f"{BUCKET}/in/faults/server: Bad HTTP status received from algorithm: 500: no such species" in log
    assert f"{BUCKET}/in/faults/caller: Bad HTTP status received from algorithm: 415: not that" in log
    assert f"{BUCKET}/in/faults/large: a record is larger than MaxPayloadInMB (1)" in log


def test_a_container_that_dies_is_started_again(world: World, transform: Run) -> None:
    """What it was asked then fails, all else goes on."""
    described = transform("dying", {"a": b"die", "b": b"fine"})
    assert "Failed" == described["TransformJobStatus"]
    assert "in/dying/a: Unable to get response from algorithm" in described["FailureReason"]
    assert {"b.out"} == results(world, "dying").keys()


def test_a_container_that_cannot_start_fails_the_job(toys: Endpoints, transform: Run) -> None:
    """Its last words are the reason."""
    toys.model("crashes", MODE="crash")
    described = transform("unable", {"a": b"1"}, ModelName="crashes")
    assert "Failed" == described["TransformJobStatus"]
    assert "did not pass the ping health check" in described["FailureReason"]
    assert "the weights are gone" in described["FailureReason"]
    assert not (toys.world.account.home / "jobs" / "transform-job" / "unable").exists()


def test_a_job_stops_and_leaves_no_process(world: World, transform: Run) -> None:
    """Stopped while a request is under way: no result, no process, no folder."""
    transform("stopped", {"a": b"sleep 60"}, wait=False, TransformResources={"InstanceCount": 2})
    world.until(lambda: "BatchStrategy" in logged(world, "stopped"))
    described = world.call("DescribeTransformJob", TransformJobName="stopped")
    assert "InProgress" == described["TransformJobStatus"]
    world.call("StopTransformJob", TransformJobName="stopped")
    assert world.account.jobs.wait("transform-job", "stopped", LONG)
    assert "Stopped" == world.call("DescribeTransformJob", TransformJobName="stopped")["TransformJobStatus"]
    assert {} == results(world, "stopped")
    with pytest.raises(Exception, match="in status Stopped"):
        world.call("StopTransformJob", TransformJobName="stopped")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ModelName": "nobody"}, "Could not find model"),
        ({"TransformInput": {"SplitType": "RecordIO"}}, "by Line or not at all"),
        ({"DataProcessing": {"InputFilter": "$.features"}}, "leave InputFilter out"),
        ({"DataProcessing": {"JoinSource": "Input"}}, "leave JoinSource out"),
        ({"MaxPayloadInMB": 60, "MaxConcurrentTransforms": 2}, "must not exceed 100 MB"),
    ],
)
def test_what_is_not_done_is_refused(toys: Endpoints, changes: dict[str, Any], words: str) -> None:
    """When it is asked for, not later."""
    with pytest.raises(ClientError, match=words):
        toys.world.client("sagemaker").create_transform_job(**request("refused", **changes))


def test_an_empty_prefix_fails_the_job(transform: Run) -> None:
    """With the words of a channel's."""
    described = transform("nothing", {})
    assert "No S3 objects found under S3 URL" in described["FailureReason"]


def test_jobs_are_listed(toys: Endpoints, transform: Run) -> None:
    """By name and status, with boto3's waiter."""
    transform("listed", {"a": b"1"}, wait=False)
    sagemaker = toys.world.client("sagemaker")
    sagemaker.get_waiter("transform_job_completed_or_stopped").wait(
        TransformJobName="listed", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    [summary] = sagemaker.list_transform_jobs(NameContains="listed", StatusEquals="Completed")[
        "TransformJobSummaries"
    ]
    assert "listed" == summary["TransformJobName"]


def test_a_pipeline_makes_a_model_and_transforms_with_it(toys: Endpoints) -> None:
    """Model and Transform steps; run again after a cached step, both are cache hits too."""
    world = toys.world
    world.put("in/steps/a", b"of a pipeline")
    container = {"Image": toys.image, "ModelDataUrl": toys.data}
    arguments = {**request("steps", ModelName={"Get": "Steps.Make.ModelName"})}
    del arguments["TransformJobName"]
    steps = [
        processing("Prepare", CacheConfig={"Enabled": True}),
        {
            "Name": "Make",
            "Type": "Model",
            "Arguments": {"PrimaryContainer": container},
            "DependsOn": ["Prepare"],
        },
        {"Name": "Ask", "Type": "Transform", "Arguments": arguments, "CacheConfig": {"Enabled": True}},
    ]
    world.call(
        "CreatePipeline",
        PipelineName="batch",
        PipelineDefinition=pipeline(*steps),
        ClientRequestToken="t" * 32,
        RoleArn=ROLE,
    )
    for again in (False, True):
        started = world.call(
            "StartPipelineExecution", PipelineName="batch", ClientRequestToken=f"{again}" * 10
        )
        arn = started["PipelineExecutionArn"]

        def over(arn: str = arn) -> bool:
            return world.call("DescribePipelineExecution", PipelineExecutionArn=arn)[
                "PipelineExecutionStatus"
            ] in {"Succeeded", "Failed"}

        world.until(over)
        made = world.call("ListPipelineExecutionSteps", PipelineExecutionArn=arn)["PipelineExecutionSteps"]
        assert {"Succeeded"} == {step["StepStatus"] for step in made}, made
        assert [again] * 3 == ["CacheHitResult" in step for step in made]
    assert b"of a pipeline" in results(world, "steps")["a.out"]
    assert {"ProcessingJob", "Model", "TransformJob"} == {kind for step in made for kind in step["Metadata"]}


def test_a_job_whose_server_was_killed_has_failed(world: World) -> None:
    """The next server says so; that no process is left is tested for all jobs in test_jobs_survival."""
    now = world.account.clock.now()
    record = {
        **request("cut"),
        "TransformJobArn": world.account.arn("transform-job", "cut"),
        "TransformJobStatus": "InProgress",
        "CreationTime": now,
        "LastModifiedTime": now,
    }
    world.account.store.create("transform-job", "cut", record)
    world.account.jobs.recover()
    described = world.call("DescribeTransformJob", TransformJobName="cut")
    assert ("Failed", True) == (
        described["TransformJobStatus"],
        "stopped while" in described["FailureReason"],
    )
