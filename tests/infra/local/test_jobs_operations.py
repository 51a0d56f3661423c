"""Job operations as any client meets them: over HTTP, read by botocore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from job_world import given, result

from infra.local.errors import AwsError

if TYPE_CHECKING:
    from job_world import World

pytest_plugins = ("world_fixture",)


@pytest.fixture
def sagemaker(world: World) -> Any:
    """Return a client of SageMaker."""
    return world.client("sagemaker")


def refused(code: str, message: str, call: Any, **request: Any) -> None:
    with pytest.raises(ClientError) as raised:
        call(**request)
    error = raised.value.response["Error"]
    assert (error["Code"], message in error["Message"]) == (code, True), error


def test_waiters_and_paginators_of_boto3_work(world: World, sagemaker: Any) -> None:
    for n in range(3):
        world.train(f"page-{n}", "print(1)", wait=False)
    for n in range(3):
        waiter = sagemaker.get_waiter("training_job_completed_or_stopped")
        waiter.wait(TrainingJobName=f"page-{n}", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    pages = sagemaker.get_paginator("list_training_jobs").paginate(
        NameContains="page-", SortBy="Name", SortOrder="Descending", PaginationConfig={"PageSize": 2}
    )
    summaries = [job for page in pages for job in page["TrainingJobSummaries"]]
    assert [job["TrainingJobName"] for job in summaries] == ["page-2", "page-1", "page-0"]
    assert summaries[0]["TrainingJobStatus"] == "Completed"
    assert (
        sagemaker.list_training_jobs(NameContains="page-", StatusEquals="Failed")["TrainingJobSummaries"]
        == []
    )
    world.process("page", "print(1)", wait=False)
    waiter = sagemaker.get_waiter("processing_job_completed_or_stopped")
    waiter.wait(ProcessingJobName="page", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    (job,) = sagemaker.list_processing_jobs(NameContains="page")["ProcessingJobSummaries"]
    assert job["ProcessingJobName"] == "page"
    assert job["ProcessingJobStatus"] == "Completed"


def test_a_training_job_is_described_as_it_was_asked_for(world: World, sagemaker: Any) -> None:
    request = world.training_request("echo", "print(1)") | {"Tags": [{"Key": "team", "Value": "otters"}]}
    arn = sagemaker.create_training_job(**request)["TrainingJobArn"]
    assert arn == "arn:aws:sagemaker:us-east-1:123456789012:training-job/echo"
    job = sagemaker.describe_training_job(TrainingJobName="echo")
    for member in request.keys() - {"Tags"}:
        assert job[member] == request[member], member
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "otters"}]
    world.account.jobs.wait("training-job", "echo")


def test_names_are_unique_until_their_job_is_deleted(world: World, sagemaker: Any) -> None:
    world.train("unique", "print(1)")
    world.process("unique", "print(1)")
    request = world.training_request("unique", "print(1)")
    refused(
        "ResourceInUse",
        "Training job names must be unique within an AWS account and region, and a training job with this "
        "name already exists (arn:aws:sagemaker:us-east-1:123456789012:training-job/unique)",
        sagemaker.create_training_job,
        **request,
    )
    with pytest.raises(AwsError, match="Job name must be unique within an AWS account and region"):
        world.process("unique", "print(1)")
    sagemaker.delete_training_job(TrainingJobName="unique")
    sagemaker.delete_processing_job(ProcessingJobName="unique")
    sagemaker.create_training_job(**request)
    world.account.jobs.wait("training-job", "unique")


def test_a_running_job_cannot_be_deleted_and_an_ended_one_not_stopped(world: World, sagemaker: Any) -> None:
    world.train("busy", "import time; time.sleep(60)", wait=False)
    world.process("busy", "import time; time.sleep(60)", wait=False)
    refused("ResourceInUse", "stop it first", sagemaker.delete_training_job, TrainingJobName="busy")
    refused("ResourceInUse", "stop it first", sagemaker.delete_processing_job, ProcessingJobName="busy")
    for _ in range(2):  # asking again is no mistake
        sagemaker.stop_training_job(TrainingJobName="busy")
        sagemaker.stop_processing_job(ProcessingJobName="busy")
        if _ == 0:
            states = {
                sagemaker.describe_training_job(TrainingJobName="busy")["TrainingJobStatus"],
                sagemaker.describe_processing_job(ProcessingJobName="busy")["ProcessingJobStatus"],
            }
            assert states <= {"Stopping", "Stopped"}
            if "Stopped" in states:
                break
    world.account.jobs.wait("training-job", "busy")
    world.account.jobs.wait("processing-job", "busy")
    refused(
        "ValidationException",
        "The request was rejected because the training job is in status Stopped.",
        sagemaker.stop_training_job,
        TrainingJobName="busy",
    )
    refused(
        "ValidationException",
        "The request was rejected because the processing job is in status Stopped.",
        sagemaker.stop_processing_job,
        ProcessingJobName="busy",
    )


def test_a_job_that_is_not_there_is_refused_as_by_aws(sagemaker: Any) -> None:
    """SageMaker answers ValidationException here, whatever its model says."""
    absent = "Requested resource not found."
    refused("ValidationException", absent, sagemaker.describe_training_job, TrainingJobName="no")
    refused("ValidationException", absent, sagemaker.stop_training_job, TrainingJobName="no")
    refused("ResourceNotFound", absent, sagemaker.delete_training_job, TrainingJobName="no")
    absent = "Could not find requested job with name: no"
    refused("ValidationException", absent, sagemaker.describe_processing_job, ProcessingJobName="no")
    refused("ValidationException", absent, sagemaker.stop_processing_job, ProcessingJobName="no")
    refused("ResourceNotFound", absent, sagemaker.delete_processing_job, ProcessingJobName="no")


def changed(request: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Set one member, by its dotted path, of a request."""
    *parents, last = path.split(".")
    inner: Any = request
    for parent in parents:
        inner = inner[int(parent)] if parent.isdigit() else inner[parent]
    inner[last] = value
    return request


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            "ResourceConfig.InstanceGroups",
            [{"InstanceType": "ml.m5.large", "InstanceCount": 1, "InstanceGroupName": "one"}],
            "runs a job on instances of one type; ResourceConfig asks",
        ),
        (
            "AlgorithmSpecification.TrainingInputMode",
            "Pipe",
            "channel code asks for Pipe: use File or FastFile",
        ),
        ("InputDataConfig.0.InputMode", "Pipe", "channel code asks for Pipe: use File or FastFile"),
        ("InputDataConfig.0.ChannelName", "..", "ChannelName .. can be no folder's name"),
        (
            "InputDataConfig.0.DataSource.S3DataSource.S3DataType",
            "AugmentedManifestFile",
            "knows no S3DataType AugmentedManifestFile",
        ),
        (
            "InputDataConfig.0.DataSource",
            {
                "FileSystemDataSource": {
                    "FileSystemId": "fs-12345678",
                    "FileSystemAccessMode": "ro",
                    "FileSystemType": "EFS",
                    "DirectoryPath": "/x",
                }
            },
            "knows S3DataSource alone; channel code gives FileSystemDataSource",
        ),
        ("OutputDataConfig.S3OutputPath", "https://b/x", '"https://b/x" is no S3 URI'),
        (
            "CheckpointConfig",
            {"S3Uri": "s3://b/c", "LocalPath": "/data"},
            "Local path /data is not below /opt/ml",
        ),
        (
            "AlgorithmSpecification.MetricDefinitions",
            [{"Name": "x", "Regex": "("}],
            "Regex ( of metric x is none",
        ),
        ("Tags", [{"Key": "aws:x", "Value": "y"}], "aws: prefixed tag key names are not allowed"),
    ],
)
def test_what_cannot_be_done_here_is_refused_when_a_training_job_is_created(
    world: World, sagemaker: Any, path: str, value: Any, message: str
) -> None:
    request = changed(world.training_request("refused", "print(1)"), path, value)
    refused("ValidationException", message, sagemaker.create_training_job, **request)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {
                "ProcessingInputs": [
                    given("a", "s3://b/x")
                    | {"S3Input": {"S3Uri": "s3://b/x", "LocalPath": "/etc", "S3DataType": "S3Prefix"}}
                ]
            },
            "Local path /etc is not below /opt/ml: input a",
        ),
        (
            {
                "ProcessingInputs": [
                    given("a", "s3://b/x")
                    | {
                        "S3Input": {
                            "S3Uri": "s3://b/x",
                            "S3DataType": "S3Prefix",
                            "LocalPath": "/opt/ml/input",
                        }
                    }
                ]
            },
            "LocalPath /opt/ml/input of input a has to be below /opt/ml/processing",
        ),
        (
            {"ProcessingInputs": [given("a", "s3://b/x")] * 2},
            "Input names have to be unique; a is given twice",
        ),
        (
            {
                "ProcessingOutputConfig": {
                    "Outputs": [{"OutputName": "o", "FeatureStoreOutput": {"FeatureGroupName": "f"}}]
                }
            },
            "knows S3Output alone; output o gives FeatureStoreOutput",
        ),
        (
            {
                "ProcessingOutputConfig": {
                    "Outputs": [
                        result("o", "s3://b/x")
                        | {
                            "S3Output": {
                                "S3Uri": "s3://b",
                                "LocalPath": "/opt/ml/processing/../../etc",
                                "S3UploadMode": "EndOfJob",
                            }
                        }
                    ]
                }
            },
            "Local path /opt/ml/processing/../../etc is not below /opt/ml: output o",
        ),
    ],
)
def test_what_cannot_be_done_here_is_refused_when_a_processing_job_is_created(
    world: World, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(AwsError) as raised:
        world.process("refused", "print(1)", **changes)
    assert raised.value.code == "ValidationException"
    assert message in raised.value.message
