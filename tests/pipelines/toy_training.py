"""A training pipeline that learns at once: what is in the inbox, it knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from toy_versions import BUCKET, GROUP, Account

from infra.local import images

PROGRAM = '''
"""Learns from the inbox, if there is anything in it."""
import hashlib, json, os, pathlib, sys, tarfile

base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"], "processing")
photos = sorted(base.glob("input/inbox/*/**/*.jpg"))
if not photos:
    sys.exit("the inbox is empty: there is nothing to learn")
out = base / "output" / "champion"
toy = base / "toy.json"
toy.write_text(json.dumps({"kind": "serves", "knows_the_dark": True, "photos": len(photos)}))
with tarfile.open(out / "model.tar.gz", "w:gz") as archive:
    archive.add(toy, "toy.json")
digest = hashlib.sha256((out / "model.tar.gz").read_bytes()).hexdigest()
(out / "evaluation.json").write_text(json.dumps({"sha256": digest}))
'''
PARAMETERS = (
    *("DataUri", "InboxUri", "PinnedTestUri", "AsOf", "Reason", "Approval"),
    *("ApprovedVersion", "ApprovedModelUri"),
)


def put(account: Account, source: Path) -> None:
    """Make the account's training pipeline such a one."""
    (source / "toy_training").mkdir()
    (source / "toy_training" / "__main__.py").write_text(PROGRAM)
    image = images.push(account.bestiary.home, "toy-training", source, ("toy_training",))
    role = "arn:aws:iam::123456789012:role/bestiary-pipeline"
    account.client("sagemaker").create_pipeline(
        PipelineName="bestiary-training",
        PipelineDefinition=json.dumps(_definition(account, image)),
        RoleArn=role,
        ClientRequestToken="t" * 32,
    )


def _definition(account: Account, image: str) -> dict[str, Any]:
    folder = "/opt/ml/processing"
    to = {
        "Std:Join": {"On": "/", "Values": [f"s3://{BUCKET}/toys", {"Get": "Execution.PipelineExecutionId"}]}
    }
    inbox = {"S3Uri": {"Get": "Parameters.InboxUri"}, "LocalPath": f"{folder}/input/inbox"}
    output = {"S3Uri": to, "LocalPath": f"{folder}/output/champion", "S3UploadMode": "EndOfJob"}
    train = {
        "Name": "train",
        "Type": "Processing",
        "Arguments": {
            "ProcessingResources": {
                "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
            },
            "AppSpecification": {"ImageUri": image, "ContainerEntrypoint": ["python", "-m", "toy_training"]},
            "RoleArn": "arn:aws:iam::123456789012:role/bestiary-jobs",
            "ProcessingInputs": [
                {"InputName": "inbox", "S3Input": {**inbox, "S3DataType": "S3Prefix", "S3InputMode": "File"}}
            ],
            "ProcessingOutputConfig": {"Outputs": [{"OutputName": "champion", "S3Output": output}]},
        },
        "PropertyFiles": [
            {"PropertyFileName": "evaluation", "OutputName": "champion", "FilePath": "evaluation.json"}
        ],
    }
    digest = {
        "Std:JsonGet": {"PropertyFile": {"Get": "Steps.train.PropertyFiles.evaluation"}, "Path": "sha256"}
    }
    archive = {"Std:Join": {"On": "/", "Values": [to, "model.tar.gz"]}}
    register = {
        "Name": "register",
        "Type": "RegisterModel",
        "DependsOn": ["train"],
        "Arguments": {
            "ModelPackageGroupName": GROUP,
            "InferenceSpecification": {
                "Containers": [{"Image": account.image, "ModelDataUrl": archive}],
                "SupportedContentTypes": ["image/jpeg"],
                "SupportedResponseMIMETypes": ["application/json"],
            },
            "ModelApprovalStatus": "PendingManualApproval",
            "CustomerMetadataProperties": {
                "model": "toy",
                "accuracy": "1",
                "macro_f1": "1",
                "sha256": digest,
                "parent": {"Get": "Parameters.ApprovedVersion"},
                "approval": {"Get": "Parameters.Approval"},
            },
        },
    }
    given = [{"Name": name, "Type": "String", "DefaultValue": "none"} for name in PARAMETERS]
    return {"Version": "2020-12-01", "Metadata": {}, "Parameters": given, "Steps": [train, register]}
