"""Steps without a job: Condition, Model, RegisterModel and Fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.local.errors import AwsError
from infra.local.pipeline import cache, conditions, job_step, parameters, retries
from infra.local.pipeline.schedule import SUCCEEDED, Ending

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.pipeline.model import Json
    from infra.local.pipeline.step_run import StepRun

_LONGEST_MESSAGE = 3072


def condition(step_run: StepRun) -> Ending:
    """Evaluate the conditions, which must all hold.

    Raises
    ------
    infra.local.pipeline.references.UnresolvedError
        When a value cannot be had, or two cannot be compared.
    """
    picked = cache.attributes(step_run.step, step_run.resolved())
    ending = step_run.from_cache(picked, obstacle=step_run.anew)
    if ending:
        return ending
    holds = all(conditions.evaluate(condition) for condition in picked["Conditions"])
    _made(step_run, picked, {"Condition": {"Outcome": str(holds)}})
    return Ending(SUCCEEDED, holds)


def model(step_run: StepRun) -> Ending:
    """Create a model.

    Raises
    ------
    infra.local.pipeline.retries.StepFailedError
        When it is refused.
    """
    picked = cache.attributes(step_run.step, step_run.resolved())
    ending = step_run.from_cache(picked, obstacle=step_run.anew)
    return ending or step_run.retried(lambda: _create_model(step_run, picked))


def register_model(step_run: StepRun) -> Ending:
    """Create a model package, and its group when there is none.

    Raises
    ------
    infra.local.pipeline.retries.StepFailedError
        When the package is refused.
    """
    picked = cache.attributes(step_run.step, step_run.resolved())
    ending = step_run.from_cache(picked, obstacle=step_run.anew)
    return ending or step_run.retried(lambda: _register(step_run, picked))


def fail(step_run: StepRun) -> Ending:
    """End the execution with the step's message.

    Raises
    ------
    infra.local.pipeline.retries.StepFailedError
        Always, with the message.
    """
    message = parameters.as_text(step_run.resolved()["ErrorMessage"])
    step_run.report({"Metadata": {"Fail": {"ErrorMessage": message[:_LONGEST_MESSAGE]}}})
    raise retries.StepFailedError(message)


def _create_model(step_run: StepRun, picked: dict[str, Json]) -> Ending:
    execution = step_run.execution
    own = {"ModelName": job_step.new_name(step_run, "ModelName")}
    made = _call(execution.account, "CreateModel", {"ExecutionRoleArn": execution.role_arn, **picked, **own})
    _made(step_run, picked, {"Model": {"Arn": made["ModelArn"]}})
    return Ending(SUCCEEDED)


def _register(step_run: StepRun, picked: dict[str, Json]) -> Ending:
    account = step_run.execution.account
    if "ModelPackageGroupName" in picked:
        _make_group(account, picked["ModelPackageGroupName"])
    made = _call(account, "CreateModelPackage", picked)
    _made(step_run, picked, {"RegisterModel": {"Arn": made["ModelPackageArn"]}})
    return Ending(SUCCEEDED)


def _make_group(account: Account, name: str) -> None:
    try:
        account.call("DescribeModelPackageGroup", {"ModelPackageGroupName": name})
    except AwsError:
        _call(account, "CreateModelPackageGroup", {"ModelPackageGroupName": name.rpartition("/")[2]})


def _call(account: Account, operation: str, request: dict[str, Json]) -> dict[str, Json]:
    try:
        return account.call(operation, request)
    except AwsError as error:
        raise retries.of_call(operation, error) from None


def _made(step_run: StepRun, picked: dict[str, Json], metadata: Json) -> None:
    step_run.report({"Metadata": metadata})
    cache.keep(step_run.execution, step_run.step, picked, metadata)
