"""What the stacks make, held against what the code asks for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml
from botocore import xform_name

from infra.local import bootstrap

ROOT = Path(__file__).parents[3]
TEMPLATES = sorted((ROOT / "infra" / "aws").glob("*.yaml"))
NOT_BY_STACKS = {"/bestiary/images/jobs", "/bestiary/images/serving"}
"""Written by containers/push.py."""
SERVICES = ("cloudwatch", "events", "logs", "s3", "sagemaker", "sagemaker-runtime", "scheduler", "ssm", "sts")
SIDS_WITHOUT_RESOURCE = {"Look", "PutMetrics", "SignInToEcr", "AccountDecides", "OnlyTls"}
IAM_NAMES = {"s3:HeadObject": "s3:GetObject", "s3:ListObjectsV2": "s3:ListBucket"}


class Tagged(yaml.SafeLoader):
    """Reads CloudFormation's short forms as one-entry mappings."""


def _short_form(loader: Tagged, name: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


Tagged.add_multi_constructor("!", _short_form)


def template(path: Path) -> dict[str, Any]:
    return yaml.load(path.read_text(), Loader=Tagged)  # noqa: S506 - a safe loader, with tags


def statements(found: object) -> Iterator[dict[str, Any]]:
    """Find every statement of every policy."""
    if isinstance(found, dict):
        if "Effect" in found:
            yield found
        for value in found.values():
            yield from statements(value)
    elif isinstance(found, list):
        for value in found:
            yield from statements(value)


def listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_stacks_write_every_parameter_that_the_local_account_has():
    """What the code reads here is there in an account, but for how deploys go, which has defaults."""
    resources = [resource for path in TEMPLATES for resource in template(path)["Resources"].values()]
    written = {one["Properties"]["Name"] for one in resources if one["Type"] == "AWS::SSM::Parameter"}
    source = ast.parse(Path(bootstrap.__file__).read_text())
    local = {
        node.value
        for node in ast.walk(source)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith("/bestiary/")
        and not node.value.endswith("/")
        and "`" not in node.value
    }

    assert set() == local - set(bootstrap.DEPLOYS) - written - NOT_BY_STACKS


def test_operators_may_do_what_the_code_asks_for():
    """Every AWS operation that the operator's code names is allowed by their policy."""
    operations: dict[str, set[str]] = {}
    session = botocore.session.get_session()
    for service in SERVICES:
        for name in session.get_service_model(service).operation_names:
            prefix = service.removesuffix("-runtime")
            action = f"{prefix}:{name}"
            operations.setdefault(xform_name(name), set()).add(IAM_NAMES.get(action, action))
    named = {
        node.attr if isinstance(node, ast.Attribute) else node.value
        for path in (ROOT / "pipelines").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
    }
    allowed = {
        action
        for statement in statements(template(ROOT / "infra" / "aws" / "operators.yaml"))
        for action in listed(statement["Action"])
    }

    # EventBridge too has a create_connection and endpoints: one of the services is enough.
    refused = {name: operations[name] for name in named & set(operations) if not operations[name] & allowed}

    assert {} == {name: found for name, found in refused.items() if name != "create_connection"}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_no_permission_is_for_everything(path: Path):
    """An action on all resources stands in a statement known to have none; no action is a wildcard."""
    allows = [one for one in statements(template(path)) if one["Effect"] == "Allow" and "Sid" in one]
    open_ones = {one["Sid"] for one in allows if "*" in listed(one.get("Resource", ""))}
    wild = {one["Sid"] for one in allows for action in listed(one["Action"]) if "*" in action}

    assert set() == open_ones - SIDS_WITHOUT_RESOURCE
    assert set() == wild - {"AccountDecides"}
