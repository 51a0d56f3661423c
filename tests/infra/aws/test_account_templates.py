"""What the stacks make, held against what the code asks for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local import bootstrap
from pipelines.account import templates

ROOT = Path(__file__).parents[3]
TEMPLATES = sorted((ROOT / "infra" / "aws").glob("*.yaml"))
NOT_BY_STACKS = {"/bestiary/images/jobs", "/bestiary/images/operator", "/bestiary/images/serving"}
"""Written by containers/push.py."""
SIDS_WITHOUT_RESOURCE = {
    "AccountDecides",
    "BucketsOfThisAccount",
    "CallersOfThisAccount",
    "EndSubscriptions",
    "List",
    "ListWhatWasDeployed",
    "LookAtTheVpc",
    "OnlyTls",
    "PutMetrics",
    "SignInToEcr",
    "WatchingBegins",
}


def template(path: Path) -> dict[str, Any]:
    return templates.parse(path.read_text())


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


def test_up_knows_every_template_and_its_order():
    """A template that `up` does not name is made by nobody, and none imports what comes after it."""
    assert {path.stem for path in TEMPLATES} == set(templates.STACKS)
    there: set[str] = set()
    for one in templates.read():
        imports = set(re.findall(r"!ImportValue ([\w-]+)", one.text))
        assert set() == imports - there, one.name
        there |= set(re.findall(r"Export: \{Name: ([\w-]+)\}", one.text))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_no_permission_is_for_everything(path: Path):
    """An action on all resources stands in a statement known to have none; no action is a wildcard.

    Policies of a key and of the VPC's endpoints give nobody anything: they leave it to those of the callers.
    """
    allows = [one for one in statements(template(path)) if one["Effect"] == "Allow" and "Sid" in one]
    open_ones = {one["Sid"] for one in allows if "*" in listed(one.get("Resource", ""))}
    wild = {one["Sid"] for one in allows for action in listed(one["Action"]) if "*" in action}

    assert set() == open_ones - SIDS_WITHOUT_RESOURCE
    assert set() == wild - {"AccountDecides", "CallersOfThisAccount"}
