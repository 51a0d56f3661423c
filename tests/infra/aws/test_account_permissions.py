"""Every call that the code makes is allowed by a duty's policy, and nothing that no call needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.account import calls, needs, permissions, policies
from pipelines.account.permissions import OPERATORS, Permission

GOLDEN = Path(__file__).parents[2] / "pipelines" / "golden"
STEPS = {
    "Processing": {"sagemaker:CreateProcessingJob", "sagemaker:DescribeProcessingJob"},
    "Training": {"sagemaker:CreateTrainingJob", "sagemaker:DescribeTrainingJob"},
    "RegisterModel": {"sagemaker:CreateModelPackage"},
    "Condition": {"s3:GetObject"},
    "Fail": set(),
}
"""What the pipeline's role must be able to do for each type of step."""


@pytest.fixture(scope="module")
def given() -> list[Permission]:
    return permissions.read()


def test_operators_may_do_what_their_commands_call_and_nothing_else(given: list[Permission]):
    """The code is read for its calls: an action without a call, or a call without its action, fails here."""
    needed = {action: call for call in permissions.of_operators() for action in needs.actions(call)}
    allowed = {each.action for each in given if each.duty in OPERATORS}
    assert {} == {action: call for action, call in needed.items() if action not in allowed}
    assert set() == allowed - set(needed)


def test_the_fronts_function_may_do_what_it_calls_and_what_lambda_does_for_it(given: list[Permission]):
    """No key, no stack, no other prefix: what a stolen function could do is what it does."""
    needed = {action for call in permissions.of_function() for action in needs.actions(call)}
    mine = {each.action for each in given if each.duty == permissions.FUNCTION}
    assert needed | set(needs.ON_BEHALF[permissions.FUNCTION]) == mine


def test_every_permission_says_what_needs_it(given: list[Permission]):
    assert [] == [(each.duty, each.action) for each in given if not each.needed_by]


def test_no_explanation_is_of_a_permission_that_nobody_has(given: list[Permission]):
    has = {(each.duty, each.action) for each in given}
    said = {(duty, action) for duty, why in needs.ON_BEHALF.items() for action in why}
    assert set() == said - has


def test_the_pipelines_role_may_do_its_steps_and_jobs_may_write_where_they_write(given: list[Permission]):
    """Held against the definitions that AWS would get."""
    mine = {each.action: each for each in given if each.duty == "Pipeline"}
    writable = next(e.resources for e in given if (e.duty, e.action) == ("Jobs", "s3:PutObject"))
    for path in sorted(GOLDEN.glob("*.json")):
        for step in _steps(json.loads(path.read_text())["Steps"]):
            assert STEPS[step["Type"]] <= set(mine), step["Name"]
            for uri in _outputs(step.get("Arguments", {})):
                key = uri.partition("//")[2].partition("/")[2]
                prefixes = [one.removeprefix("bucket/").removesuffix("*") for one in writable]
                assert key.startswith(tuple(prefixes)), f"{step['Name']} writes to {uri}"


def test_policies_are_written_out_for_linters_with_everything_filled_in():
    """`make scan` has one read them; a reference left in would be no ARN."""
    found = dict(policies.written())
    assert len(found) > 10
    for name, document in found.items():
        for statement in document["Statement"]:
            listed = (
                statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
            )
            flat = [one for each in listed for one in (each if isinstance(each, list) else [each])]
            assert all(one == "*" or one.startswith("arn:aws:") for one in flat), name
            assert "${" not in json.dumps(statement)


def test_where_a_call_is_made_is_told_by_file_and_line():
    """`bestiary iam` sends a reader to the line; the reader finds the call there."""
    found = [call for call in calls.of_code() if call.operation == "StartPipelineExecution"]
    root = Path(__file__).parents[3]
    assert found
    for call in found:
        assert "start_pipeline_execution" in (root / call.file).read_text().splitlines()[call.line - 1]


def _steps(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    inner = [
        one
        for step in steps
        for branch in ("IfSteps", "ElseSteps")
        for one in _steps(step.get("Arguments", {}).get(branch, []))
    ]
    return steps + inner


def _outputs(arguments: Any) -> list[str]:
    """Find the prefixes that a job's results go to, as far as they stand before anything is joined."""
    outputs = arguments.get("ProcessingOutputConfig", {}).get("Outputs", [])
    found = [output["S3Output"]["S3Uri"] for output in outputs]
    if "OutputDataConfig" in arguments:
        found.append(arguments["OutputDataConfig"]["S3OutputPath"])
    return ["/".join(map(str, one["Std:Join"]["Values"])) if isinstance(one, dict) else one for one in found]
