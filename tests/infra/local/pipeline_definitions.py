"""Definitions that the tests of the pipeline interpreter build on."""

from __future__ import annotations

import json
from typing import Any

Json = Any
ROLE = "arn:aws:iam::123456789012:role/pipeline"


def processing(name: str, code: str = "pass", **members: Json) -> Json:
    """Make a processing step that runs Python code; `arguments` and `outputs` go into its request."""
    arguments = {
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
        },
        "AppSpecification": {
            "ImageUri": "python",
            "ContainerEntrypoint": ["python", "-c", code],
            **({"ContainerArguments": members.pop("command")} if "command" in members else {}),
        },
        "ProcessingOutputConfig": {"Outputs": members.pop("outputs", [])},
        **members.pop("arguments", {}),
    }
    return {"Name": name, "Type": "Processing", "Arguments": arguments, **members}


def output(name: str, uri: Json) -> Json:
    """Make a processing output."""
    path = f"/opt/ml/processing/output/{name}"
    return {
        "OutputName": name,
        "AppManaged": False,
        "S3Output": {"S3Uri": uri, "LocalPath": path, "S3UploadMode": "EndOfJob"},
    }


def training(name: str, code: str = "pass", **members: Json) -> Json:
    """Make a training step that runs Python code; `arguments` go into its request."""
    arguments = {
        "AlgorithmSpecification": {
            "TrainingImage": "python",
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["python", "-c", code],
        },
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/training"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        **members.pop("arguments", {}),
    }
    return {"Name": name, "Type": "Training", "Arguments": arguments, **members}


def condition(name: str, conditions: list[Json], yes: Json = (), no: Json = (), **members: Json) -> Json:
    """Make a Condition step."""
    arguments = {"Conditions": conditions, "IfSteps": list(yes), "ElseSteps": list(no)}
    return {"Name": name, "Type": "Condition", "Arguments": arguments, **members}


def fail(name: str, message: Json = "no", **members: Json) -> Json:
    """Make a Fail step."""
    return {"Name": name, "Type": "Fail", "Arguments": {"ErrorMessage": message}, **members}


def equals(left: Json, right: Json) -> Json:
    """Make a condition that two values are equal."""
    return {"Type": "Equals", "LeftValue": left, "RightValue": right}


def get(path: str) -> Json:
    """Make a reference."""
    return {"Get": path}


def join(*values: Json, on: str = "") -> Json:
    """Make a ``Std:Join``."""
    return {"Std:Join": {"On": on, "Values": list(values)}}


def json_get(step: str, file: str, path: str) -> Json:
    """Make a ``Std:JsonGet`` of a property file."""
    return {"Std:JsonGet": {"PropertyFile": get(f"Steps.{step}.PropertyFiles.{file}"), "Path": path}}


def pipeline(*steps: Json, **members: Json) -> str:
    """Make a definition's text; keywords are its parameters' default values or whole declarations."""
    kinds = {bool: "Boolean", int: "Integer", float: "Float", str: "String"}
    parameters = [
        {"Name": name, **value}
        if isinstance(value, dict)
        else {"Name": name, "Type": kinds[type(value)], "DefaultValue": value}
        for name, value in members.items()
    ]
    return json.dumps(
        {
            "Version": "2020-12-01",
            "Metadata": {},
            "Parameters": parameters,
            "PipelineExperimentConfig": None,
            "Steps": list(steps),
        }
    )
