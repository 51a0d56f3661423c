"""Pipelines: create, update, describe, list, delete, and their versions."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING

from infra.local import caller, listing, projection, tags
from infra.local.errors import AwsError, not_found, validation
from infra.local.operations import operation
from infra.local.pipeline import cache, definition, records, tokens, versions

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.store import Record

PIPELINE = "pipeline"
_FIELDS = listing.Fields(identity="PipelineArn", name="PipelineName")
_changes = Lock()
"""Held while a pipeline and its versions change together."""
_CHANGEABLE = ("PipelineDisplayName", "PipelineDescription", "RoleArn", "ParallelismConfiguration")


@operation("sagemaker", "CreatePipeline")
def create_pipeline(account: Account, request: Record) -> Record:
    """Create a pipeline whose definition can be run."""

    def create() -> str:
        _refuse_aliases(request)
        text = _definition(account, request)
        if text is None:
            raise validation(
                "Either Pipeline Definition or Pipeline Definition S3 location should be provided."
            )
        definition.load(text)
        tags.checked(request.get("Tags"))
        now = datetime.now(UTC)
        name = request["PipelineName"]
        record = {
            "PipelineArn": account.arn("pipeline", name),
            "PipelineName": name,
            "PipelineDisplayName": name,
            "PipelineStatus": "Active",
            "CreationTime": now,
            "LastModifiedTime": now,
            "CreatedBy": caller.identity(account),
            "LastModifiedBy": caller.identity(account),
            "VersionId": 1,
            **{member: request[member] for member in _CHANGEABLE if member in request},
        }
        with _changes:
            if account.store.get(PIPELINE, name):
                raise validation(
                    "Pipeline names must be unique within an AWS account and region. "
                    f"Pipeline with name ({name}) already exists."
                )
            versions.add(account.store, record, text)
            account.store.create(PIPELINE, name, record)
        tags.add(account.store, record["PipelineArn"], request.get("Tags"))
        return str(record["PipelineArn"])

    arn = tokens.once(
        account.store, "CreatePipeline", request, create, lambda arn: account.store.get(PIPELINE, _named(arn))
    )
    return {"PipelineArn": arn}


@operation("sagemaker", "UpdatePipeline")
def update_pipeline(account: Account, request: Record) -> Record:
    """Change what is given; a definition that differs from the newest is a new version."""
    _refuse_aliases(request)
    text = _definition(account, request)
    if text is not None:
        definition.load(text)
    with _changes:
        record = get(account, request["PipelineName"])
        changed = {
            **{member: request[member] for member in _CHANGEABLE if member in request},
            "LastModifiedTime": datetime.now(UTC),
            "LastModifiedBy": caller.identity(account),
        }
        if text is not None and text != versions.get(account.store, record)["PipelineDefinition"]:
            changed["VersionId"] = record["VersionId"] + 1
            versions.add(account.store, record | changed, text)
        record = account.store.update(PIPELINE, request["PipelineName"], lambda known: known | changed)
    return {"PipelineArn": record["PipelineArn"], "PipelineVersionId": record["VersionId"]}


@operation("sagemaker", "DescribePipeline")
def describe_pipeline(account: Account, request: Record) -> Record:
    """Describe a pipeline with its definition, the newest unless a version is asked for."""
    _refuse_aliases(request)
    record = get(account, request["PipelineName"])
    version = versions.get(account.store, record, request.get("PipelineVersionId"))
    text = version["PipelineDefinition"]
    return projection.described("DescribePipeline", record | {"PipelineDefinition": text})


@operation("sagemaker", "ListPipelines")
def list_pipelines(account: Account, request: Record) -> Record:
    """List pipelines, newest first unless asked otherwise."""
    prefix = request.get("PipelineNamePrefix", "")
    found = [r for r in account.store.list(PIPELINE) if r["PipelineName"].startswith(prefix)]
    if request.get("ManagedBy", "CUSTOMER") != "CUSTOMER":
        found = []
    page, token = listing.page(found, request, _FIELDS, order="Descending")
    shown = (record | {"LastExecutionTime": record.get("LastRunTime")} for record in page)
    return projection.listed("ListPipelines", shown, token)


@operation("sagemaker", "DeletePipeline")
def delete_pipeline(account: Account, request: Record) -> Record:
    """Delete a pipeline with all its executions, versions and cached results."""

    def delete() -> str:
        record = get(account, request["PipelineName"])
        executions = [
            execution
            for execution in account.store.list(records.EXECUTION)
            if execution["PipelineName"] == record["PipelineName"]
        ]
        for execution in executions:
            if execution["PipelineExecutionStatus"] in records.RUNNING:
                raise AwsError(
                    "ConflictException",
                    f"Pipeline '{record['PipelineArn']}' has a running execution, "
                    f"'{execution['PipelineExecutionArn']}': stop it first.",
                )
        with _changes:
            account.store.delete(PIPELINE, record["PipelineName"])
            for execution in executions:
                account.store.delete(records.EXECUTION, execution["PipelineExecutionArn"])
            versions.forget(account.store, record)
            cache.forget(account, record["PipelineName"])
            tags.forget(account.store, record["PipelineArn"])
        return str(record["PipelineArn"])

    arn = tokens.once(
        account.store,
        "DeletePipeline",
        request,
        delete,
        lambda arn: account.store.get(PIPELINE, _named(arn)) is None,
    )
    return {"PipelineArn": arn}


@operation("sagemaker", "ListPipelineVersions")
def list_pipeline_versions(account: Account, request: Record) -> Record:
    """List a pipeline's versions, newest first unless asked otherwise."""
    record = get(account, request["PipelineName"])
    after, before = request.get("CreatedAfter"), request.get("CreatedBefore")
    wanted = [
        version
        for version in versions.every(account.store, record)
        if (after is None or version["CreationTime"] > after)
        and (before is None or version["CreationTime"] < before)
    ]
    page, token = listing.cut(
        wanted,
        request,
        lambda version: (version["PipelineVersionId"],),
        descending=request.get("SortOrder") != "Ascending",
    )
    return projection.listed("ListPipelineVersions", page, token)


def get(account: Account, name: str) -> Record:
    """Return a pipeline's record by its name or ARN.

    Raises
    ------
    infra.local.errors.AwsError
        ``ResourceNotFound`` when there is none.
    """
    record = account.store.get(PIPELINE, _named(name))
    if record is None:
        raise _absent(account, _named(name))
    return record


def _definition(account: Account, request: Record) -> str | None:
    text: str | None = request.get("PipelineDefinition")
    location = request.get("PipelineDefinitionS3Location")
    if location is None:
        return text
    if text is not None:
        raise validation("Both Pipeline Definition and Pipeline Definition S3 Location shouldn't be present.")
    body = account.objects.read(location["Bucket"], location["ObjectKey"], location.get("VersionId"))
    try:
        return body.decode()
    except UnicodeDecodeError:
        where = f"s3://{location['Bucket']}/{location['ObjectKey']}"
        raise validation(f"Unable to parse pipeline definition. {where} is no UTF-8 text.") from None


def _named(name_or_arn: str) -> str:
    return name_or_arn.rpartition("pipeline/")[2] if name_or_arn.startswith("arn:") else name_or_arn


def _absent(account: Account, name: str) -> AwsError:
    return not_found(f"Pipeline '{account.arn('pipeline', name)}' does not exist.")


def _refuse_aliases(request: Record) -> None:
    for member in ("PipelineVersionAlias", "PipelineVersionAliases"):
        if request.get(member):
            raise validation(f"{member} is not available in the local SageMaker: use PipelineVersionId.")
