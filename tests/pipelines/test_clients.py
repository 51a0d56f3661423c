"""Clients that nobody here wrote, unchanged, against the endpoint URL."""

from __future__ import annotations

from typing import Any

from command_line import CommandLine

PIPELINE = "bestiary-training"


def test_aws_cli_lists_what_ran(bestiary: CommandLine, first_run: dict[str, Any]) -> None:
    arn = first_run["execution_arn"]
    pipelines = bestiary.aws("sagemaker", "list-pipelines")["PipelineSummaries"]
    assert [pipeline["PipelineName"] for pipeline in pipelines] == [PIPELINE]
    executions = bestiary.aws("sagemaker", "list-pipeline-executions", "--pipeline-name", PIPELINE)
    assert arn in {item["PipelineExecutionArn"] for item in executions["PipelineExecutionSummaries"]}
    steps = bestiary.aws("sagemaker", "list-pipeline-execution-steps", "--pipeline-execution-arn", arn)
    by_name = {step["StepName"]: step for step in steps["PipelineExecutionSteps"]}
    job = by_name["train-custom-cnn"]["Metadata"]["TrainingJob"]["Arn"].rpartition("/")[2]
    training = bestiary.aws("sagemaker", "describe-training-job", "--training-job-name", job)
    assert training["TrainingJobStatus"] == "Completed"
    assert {"train:loss", "validation:accuracy"} <= {
        item["MetricName"] for item in training["FinalMetricDataList"]
    }
    packages = bestiary.aws(
        "sagemaker", "list-model-packages", "--model-package-group-name", "bestiary-classifier"
    )
    assert 1 in {item["ModelPackageVersion"] for item in packages["ModelPackageSummaryList"]}


def test_aws_cli_lists_the_artifact_and_its_versions(
    bestiary: CommandLine, first_run: dict[str, Any]
) -> None:
    version = next(item for item in bestiary.json("versions") if item["version"] == 1)
    bucket, _, key = version["artifact"].removeprefix("s3://").partition("/")
    assert "model.tar.gz" in bestiary.aws("s3", "ls", version["artifact"])
    versions = bestiary.aws("s3api", "list-object-versions", "--bucket", bucket, "--prefix", key)["Versions"]
    assert [version["artifact_version_id"]] == [item["VersionId"] for item in versions]


def test_boto3_waiters_and_paginators_work(bestiary: CommandLine, first_run: dict[str, Any]) -> None:
    sagemaker = bestiary.client("sagemaker")
    pages = sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
        PipelineExecutionArn=first_run["execution_arn"], PaginationConfig={"PageSize": 2}
    )
    arns = [step["Metadata"] for page in pages for step in page["PipelineExecutionSteps"]]
    assert len(first_run["steps"]) == len(arns)
    training = next(item["TrainingJob"]["Arn"] for item in arns if "TrainingJob" in item)
    processing = next(item["ProcessingJob"]["Arn"] for item in arns if "ProcessingJob" in item)
    quick = {"Delay": 1, "MaxAttempts": 5}
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(
        TrainingJobName=training.rpartition("/")[2], WaiterConfig=quick
    )
    sagemaker.get_waiter("processing_job_completed_or_stopped").wait(
        ProcessingJobName=processing.rpartition("/")[2], WaiterConfig=quick
    )
