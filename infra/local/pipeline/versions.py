"""The versions of a pipeline: each definition that Create or Update gave it, numbered from 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.local.errors import not_found

if TYPE_CHECKING:
    from infra.local.store import Record, Store

_KIND = "pipeline-version"


def add(store: Store, pipeline: Record, definition: str) -> None:
    """Keep the definition of a pipeline's newest version, whose number its record says."""
    version = {
        "PipelineArn": pipeline["PipelineArn"],
        "PipelineVersionId": pipeline["VersionId"],
        "CreationTime": pipeline["LastModifiedTime"],
        "PipelineDefinition": definition,
    }
    store.put(_KIND, _name(pipeline, pipeline["VersionId"]), version)


def get(store: Store, pipeline: Record, number: int | None = None) -> Record:
    """Return a version of a pipeline, the newest unless its number is given.

    Parameters
    ----------
    pipeline
        Its record, or with a number that of one of its executions.

    Raises
    ------
    infra.local.errors.AwsError
        ``ResourceNotFound`` when there is none of that number.
    """
    wanted = number or pipeline["VersionId"]
    version = store.get(_KIND, _name(pipeline, wanted))
    if version is None:
        raise not_found(f"Pipeline '{pipeline['PipelineArn']}' has no version {wanted}.")
    return version


def every(store: Store, pipeline: Record) -> list[Record]:
    """Return all versions, oldest first."""
    return [get(store, pipeline, number) for number in range(1, pipeline["VersionId"] + 1)]


def change(store: Store, pipeline: Record, number: int, fields: dict[str, Any]) -> None:
    """Change fields of a version's record."""
    store.update(_KIND, _name(pipeline, number), lambda version: version | fields)


def forget(store: Store, pipeline: Record) -> None:
    """Remove all versions of a deleted pipeline."""
    for number in range(1, pipeline["VersionId"] + 1):
        store.delete(_KIND, _name(pipeline, number))


def _name(pipeline: Record, number: int) -> str:
    return f"{pipeline['PipelineName']}/{number}"
