"""Pipeline executions: start, stop, retry, update, describe, list, with their steps and parameters."""

from __future__ import annotations

import secrets
import string
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra.local import caller, listing, projection
from infra.local.errors import not_found, validation
from infra.local.operations import operation, pipelines
from infra.local.pipeline import definition, parameters, records, tokens, versions
from infra.local.pipeline.execution import resolve_experiment
from infra.local.store import AbsentError

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.store import Record

_FIELDS = listing.Fields(identity="PipelineExecutionArn", name="PipelineExecutionArn")
_ALL = 100
"""Steps or parameters of a page when ``MaxResults`` is not given: SDK v3's ``list_steps`` reads one page."""

_NOT_HERE = {
    "SelectiveExecutionConfig": "start the whole pipeline, finished steps come from the cache",
    "MlflowExperimentName": "leave it out",
    "PipelineVersionAlias": "use PipelineVersionId",
}
_CHANGEABLE = ("PipelineExecutionDescription", "PipelineExecutionDisplayName", "ParallelismConfiguration")
_LONGEST_DESCRIPTION = 3072
_RANDOM = string.ascii_lowercase + string.digits


@operation("sagemaker", "StartPipelineExecution")
def start_pipeline_execution(account: Account, request: Record) -> Record:
    """Start an execution of a pipeline's newest version, or of the one that is asked for."""
    for member, instead in _NOT_HERE.items():
        if request.get(member):
            raise validation(f"{member} is not available in the local SageMaker: {instead}.")
    pipeline = pipelines.get(account, request["PipelineName"])
    version = versions.get(account.store, pipeline, request.get("PipelineVersionId"))
    arn = tokens.once(
        account.store,
        "StartPipelineExecution",
        request,
        lambda: _start(account, request, pipeline, version),
        lambda arn: account.store.get(records.EXECUTION, arn),
    )
    return {"PipelineExecutionArn": arn}


@operation("sagemaker", "StopPipelineExecution")
def stop_pipeline_execution(account: Account, request: Record) -> Record:
    """Stop an execution: nothing new starts, running jobs are stopped."""
    arn = request["PipelineExecutionArn"]

    def stop() -> str:
        _move(account, arn, ("Executing",), "stopped", {"PipelineExecutionStatus": "Stopping"})
        account.engine.stop(arn)
        return str(arn)

    tokens.once(account.store, "StopPipelineExecution", request, stop, lambda _: True)
    return {"PipelineExecutionArn": arn}


@operation("sagemaker", "RetryPipelineExecution")
def retry_pipeline_execution(account: Account, request: Record) -> Record:
    """Go on with a failed or stopped execution: what succeeded stays, the rest runs."""
    arn = request["PipelineExecutionArn"]

    def retry() -> str:
        fields = {"PipelineExecutionStatus": "Executing", "FailureReason": None}
        if "ParallelismConfiguration" in request:
            fields["ParallelismConfiguration"] = request["ParallelismConfiguration"]
        _move(account, arn, ("Failed", "Stopped"), "retried", fields)
        account.engine.wait(arn)
        account.engine.start(arn)
        return str(arn)

    tokens.once(account.store, "RetryPipelineExecution", request, retry, lambda _: True)
    return {"PipelineExecutionArn": arn}


@operation("sagemaker", "UpdatePipelineExecution")
def update_pipeline_execution(account: Account, request: Record) -> Record:
    """Change an execution's names or its parallelism, which counts from the next step that starts."""
    arn = request["PipelineExecutionArn"]
    changed = {member: request[member] for member in _CHANGEABLE if member in request}
    try:
        records.change(account.store, arn, lambda record: record.update(changed))
    except AbsentError:
        raise _absent(arn) from None
    return {"PipelineExecutionArn": arn}


@operation("sagemaker", "DescribePipelineExecution")
def describe_pipeline_execution(account: Account, request: Record) -> Record:
    """Describe an execution."""
    return projection.described("DescribePipelineExecution", _get(account, request))


@operation("sagemaker", "DescribePipelineDefinitionForExecution")
def describe_pipeline_definition_for_execution(account: Account, request: Record) -> Record:
    """Give the definition that an execution runs, whatever became of its pipeline's."""
    record = _get(account, request)
    version = versions.get(account.store, record, record["PipelineVersionId"])
    return {"PipelineDefinition": version["PipelineDefinition"], "CreationTime": record["CreationTime"]}


@operation("sagemaker", "ListPipelineExecutions")
def list_pipeline_executions(account: Account, request: Record) -> Record:
    """List a pipeline's executions, newest first unless asked otherwise."""
    if request.get("PipelineVersionAlias"):
        raise validation("PipelineVersionAlias is not available in the local SageMaker: leave it out.")
    arn = pipelines.get(account, request["PipelineName"])["PipelineArn"]
    found = [record for record in account.store.list(records.EXECUTION) if record["PipelineArn"] == arn]
    page, token = listing.page(found, request, _FIELDS, order="Descending")
    return {"PipelineExecutionSummaries": [_summary(record) for record in page], "NextToken": token}


@operation("sagemaker", "ListPipelineExecutionSteps")
def list_pipeline_execution_steps(account: Account, request: Record) -> Record:
    """List the steps that started, newest first unless asked otherwise."""
    if "PipelineExecutionArn" not in request:
        raise validation("PipelineExecutionArn must be given.")
    steps = enumerate(_get(account, request)["Steps"].values())
    page, token = listing.cut(
        steps,
        request,
        lambda item: (item[1]["StartTime"].isoformat(timespec="microseconds"), item[0]),
        descending=request.get("SortOrder") != "Ascending",
        size=_ALL,
    )
    return {"PipelineExecutionSteps": [_step(step) for _, step in page], "NextToken": token}


@operation("sagemaker", "ListPipelineParametersForExecution")
def list_pipeline_parameters_for_execution(account: Account, request: Record) -> Record:
    """List an execution's parameters with their values, defaults included."""
    given = enumerate(_get(account, request)["Parameters"])
    page, token = listing.cut(given, request, lambda item: (item[0],), descending=False, size=_ALL)
    return {"PipelineParameters": [parameter for _, parameter in page], "NextToken": token}


def _start(account: Account, request: Record, pipeline: Record, version: Record) -> str:
    parsed = definition.load(version["PipelineDefinition"])
    values = parameters.bind(parsed.parameters, request.get("PipelineParameters", ()))
    now = datetime.now(UTC)
    number = "".join(secrets.choice(_RANDOM) for _ in range(12))
    arn = f"{pipeline['PipelineArn']}/execution/{number}"
    record = {
        **_common(request, pipeline),
        "PipelineExecutionArn": arn,
        "PipelineExecutionDisplayName": request.get(
            "PipelineExecutionDisplayName", f"execution-{int(now.timestamp() * 1000)}"
        ),
        "PipelineExecutionStatus": "Executing",
        "CreationTime": now,
        "LastModifiedTime": now,
        "CreatedBy": caller.identity(account),
        "LastModifiedBy": caller.identity(account),
        "PipelineVersionId": version["PipelineVersionId"],
        "Parameters": [{"Name": name, "Value": parameters.as_text(value)} for name, value in values.items()],
        "Steps": {},
    }
    if parsed.experiment:
        record["PipelineExperimentConfig"] = resolve_experiment(parsed.experiment, values, record)
    account.store.create(records.EXECUTION, arn, record)
    account.store.update(
        pipelines.PIPELINE, pipeline["PipelineName"], lambda known: known | {"LastRunTime": now}
    )
    last = {"LastExecutionPipelineExecutionArn": arn}
    versions.change(account.store, pipeline, version["PipelineVersionId"], last)
    account.engine.start(arn)
    return arn


def _common(request: Record, pipeline: Record) -> Record:
    """Pick what an execution has from its request, or else from its pipeline."""
    members = ("PipelineExecutionDescription", "ParallelismConfiguration", "RoleArn")
    own = {name: request.get(name, pipeline.get(name)) for name in members}
    return {
        "PipelineArn": pipeline["PipelineArn"],
        "PipelineName": pipeline["PipelineName"],
        **{name: value for name, value in own.items() if value is not None},
    }


def _move(account: Account, arn: str, states: tuple[str, ...], verb: str, fields: Record) -> None:
    """Change an execution in one of these states; a retried one forgets steps that did not succeed."""

    def move(record: Record) -> None:
        if record["PipelineExecutionStatus"] not in states:
            allowed = " or ".join(f"'{state}'" for state in states)
            raise validation(
                f"Only pipelines with {allowed} status can be {verb}; "
                f"this execution is {record['PipelineExecutionStatus']}."
            )
        if verb == "retried":
            record["Steps"] = {
                name: step for name, step in record["Steps"].items() if step["StepStatus"] == "Succeeded"
            }
        record.update(fields)

    try:
        records.change(account.store, arn, move)
    except AbsentError:
        raise _absent(arn) from None


def _get(account: Account, request: Record) -> Record:
    arn = request["PipelineExecutionArn"]
    record = account.store.get(records.EXECUTION, arn)
    if record is None:
        raise _absent(arn)
    return record


def _absent(arn: str) -> Exception:
    return not_found(f"Pipeline execution '{arn}' does not exist.")


def _summary(record: Record) -> Record:
    said = {
        "StartTime": record["CreationTime"],
        "PipelineExecutionFailureReason": record.get("FailureReason"),
    }
    return projection.summary("ListPipelineExecutions", record | said)


def _step(step: Record) -> Record:
    said = [step[name] for name in ("Description", "Why") if step.get(name)]
    text = " ".join(" — ".join(said).split())
    if len(text) > _LONGEST_DESCRIPTION:
        text = text[: _LONGEST_DESCRIPTION - 1] + "…"
    return projection.summary("ListPipelineExecutionSteps", step | {"StepDescription": text or None})
