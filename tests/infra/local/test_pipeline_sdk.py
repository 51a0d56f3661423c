"""The SageMaker SDK v3, boto3 and the AWS CLI, unchanged, against a local SageMaker of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import sdk_settings
from botocore.exceptions import WaiterError

from infra.local import lifecycle
from infra.local.client import REGION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROLE = "arn:aws:iam::123456789012:role/bestiary-pipeline"
BUCKET = "bestiary-123456789012-us-east-1"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/any:1"
PREPARE = """
import json, sys
scores = {"models": {"a b": {"accuracy": float(sys.argv[2])}}}
json.dump(scores, open("/opt/ml/processing/output/facts/facts.json", "w"))
"""
TRAIN = """
import json
facts = json.load(open("/opt/ml/input/data/facts/facts.json"))
settings = json.load(open("/opt/ml/input/config/hyperparameters.json"))
json.dump([facts, settings["epochs"]], open("/opt/ml/model/model.json", "w"))
"""


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a server and lead every AWS client of this process to it."""
    home = tmp_path_factory.mktemp("home")
    running = lifecycle.start(home)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**lifecycle.environment(running), **sdk_settings.environment(home)}.items():
            patch.setenv(name, value)
        yield running.endpoint_url
    lifecycle.stop(home)


def build(folder: Path) -> Any:
    """Build a pipeline as a user of the SDK does, code files and all."""
    from sagemaker.core.processing import ScriptProcessor
    from sagemaker.core.shapes import ProcessingOutput, ProcessingS3Output
    from sagemaker.core.workflow.conditions import ConditionGreaterThanOrEqualTo
    from sagemaker.core.workflow.execution_variables import ExecutionVariables
    from sagemaker.core.workflow.functions import Join, JsonGet
    from sagemaker.core.workflow.parameters import ParameterFloat, ParameterInteger
    from sagemaker.core.workflow.pipeline_context import PipelineSession
    from sagemaker.core.workflow.properties import PropertyFile
    from sagemaker.mlops.workflow.condition_step import ConditionStep
    from sagemaker.mlops.workflow.fail_step import FailStep
    from sagemaker.mlops.workflow.pipeline import Pipeline
    from sagemaker.mlops.workflow.steps import CacheConfig, ProcessingStep, TrainingStep
    from sagemaker.train.configs import Compute, InputData, OutputDataConfig, SourceCode
    from sagemaker.train.model_trainer import ModelTrainer

    (folder / "prepare.py").write_text(PREPARE)
    (folder / "source").mkdir()
    (folder / "source" / "train.py").write_text(TRAIN)
    session = PipelineSession(boto3.Session(region_name=REGION), default_bucket=BUCKET)
    accuracy, least = ParameterFloat("Accuracy", 0.7), ParameterFloat("Least", 0.5)
    epochs = ParameterInteger("Epochs", 3)
    cache = CacheConfig(enable_caching=True, expire_after="30d")
    place = Join(on="/", values=["s3:/", BUCKET, ExecutionVariables.PIPELINE_EXECUTION_ID, "facts"])
    processor = ScriptProcessor(
        image_uri=IMAGE,
        command=["python3"],
        role=ROLE,
        instance_type="ml.m5.large",
        instance_count=1,
        sagemaker_session=session,
    )
    written = ProcessingS3Output(
        s3_uri=place, local_path="/opt/ml/processing/output/facts", s3_upload_mode="EndOfJob"
    )
    facts = PropertyFile("facts", output_name="facts", path="facts.json")
    prepare = ProcessingStep(
        "prepare",
        step_args=processor.run(
            code=str(folder / "prepare.py"),
            arguments=["--accuracy", accuracy.to_string()],
            outputs=[ProcessingOutput(output_name="facts", s3_output=written)],
        ),
        property_files=[facts],
        cache_config=cache,
    )
    trainer = ModelTrainer(
        training_image=IMAGE,
        source_code=SourceCode(source_dir=str(folder / "source"), entry_script="train.py"),
        role=ROLE,
        sagemaker_session=session,
        compute=Compute(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=1),
        hyperparameters={"epochs": epochs.to_string()},
        output_data_config=OutputDataConfig(s3_output_path=f"s3://{BUCKET}/training"),
        input_data_config=[
            InputData(
                channel_name="facts",
                data_source=prepare.properties.ProcessingOutputConfig.Outputs["facts"].S3Output.S3Uri,
            )
        ],
    )
    train = TrainingStep("train", step_args=trainer.train(), cache_config=cache)
    reached = JsonGet(step_name="prepare", property_file=facts, json_path="models['a b'].accuracy")
    gate = ConditionStep(
        "gate",
        conditions=[ConditionGreaterThanOrEqualTo(reached, least)],
        if_steps=[],
        else_steps=[
            FailStep("refuse", Join(on=" ", values=["below", least, train.properties.TrainingJobName]))
        ],
        depends_on=[train],
    )
    parameters = [epochs, accuracy, least]
    return Pipeline("sdk", parameters=parameters, steps=[prepare, train, gate], sagemaker_session=session)


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.filterwarnings("ignore:Running within a PipelineSession")
def test_the_sdks_own_pipeline_runs(endpoint: str, tmp_path: Path) -> None:
    """Upsert, start, wait, list_steps and the rest of Pipeline do here what they do in AWS."""
    pipeline = build(tmp_path)
    pipeline.upsert(ROLE, description="first", tags=[{"Key": "a", "Value": "b"}])
    pipeline.upsert(ROLE, description="second", tags=[{"Key": "a", "Value": "c"}])
    assert pipeline.describe()["PipelineDescription"] == "second"

    execution = pipeline.start(parameters={"Epochs": 4})
    execution.wait(delay=1)
    steps = {step["StepName"]: step for step in execution.list_steps()}
    assert {name: step["StepStatus"] for name, step in steps.items()} == dict.fromkeys(
        ("prepare", "train", "gate"), "Succeeded"
    )
    parameters = pipeline.build_parameters_from_execution(execution.arn)
    assert parameters == {"Epochs": "4", "Accuracy": "0.7", "Least": "0.5"}

    refused = pipeline.start(parameters={"Epochs": 4, "Least": 0.9})
    with pytest.raises(WaiterError, match="terminal failure state"):
        refused.wait(delay=1)
    last, *others = refused.list_steps()
    job = steps["train"]["Metadata"]["TrainingJob"]["Arn"].rpartition("/")[2]
    assert last["FailureReason"] == f"below 0.9 {job}"
    assert [step["StepName"] for step in others if "CacheHitResult" in step] == ["train", "prepare"]
    arns = [
        found["PipelineExecutionArn"] for found in pipeline.list_executions()["PipelineExecutionSummaries"]
    ]
    assert arns == [refused.arn, execution.arn]

    client = boto3.client("sagemaker", REGION, endpoint_url=endpoint)
    pages = client.get_paginator("list_pipeline_execution_steps").paginate(
        PipelineExecutionArn=execution.arn, SortOrder="Ascending", PaginationConfig={"PageSize": 1}
    )
    assert [page["PipelineExecutionSteps"][0]["StepName"] for page in pages] == ["prepare", "train", "gate"]
    assert client.list_tags(ResourceArn=pipeline.describe()["PipelineArn"])["Tags"] == [
        {"Key": "a", "Value": "c"}
    ]
    assert aws("list-pipelines")["PipelineSummaries"][0]["PipelineName"] == "sdk"
    shown = aws("list-pipeline-execution-steps", "--pipeline-execution-arn", refused.arn)
    assert shown["PipelineExecutionSteps"][0]["Metadata"]["Fail"]["ErrorMessage"] == f"below 0.9 {job}"
    pipeline.delete()
    assert aws("list-pipelines")["PipelineSummaries"] == []


def aws(*command: str) -> Any:
    """Ask the AWS CLI, which finds the server by its environment."""
    asked = [sys.executable, "-m", "awscli", "--output", "json", "sagemaker", *command]
    return json.loads(subprocess.run(asked, check=True, capture_output=True, env=os.environ).stdout)
