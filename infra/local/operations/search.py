"""Search over what this account has: jobs, pipelines, executions, the registry, models and endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from infra.local import protocol, tags
from infra.local.errors import validation
from infra.local.hosting.containers import MODEL
from infra.local.hosting.records import ENDPOINT
from infra.local.jobs.records import TRAINING
from infra.local.listing import cut
from infra.local.operations import operation
from infra.local.operations.pipelines import PIPELINE
from infra.local.pipeline.records import EXECUTION
from infra.local.registry import GROUP, PACKAGE
from infra.local.search.expressions import wanted
from infra.local.search.properties import named, sortable

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.model import StructureShape

    from infra.local.account import Account
    from infra.local.operations import Document

_KINDS = {
    "TrainingJob": TRAINING,
    "ModelPackage": PACKAGE,
    "ModelPackageGroup": GROUP,
    "Pipeline": PIPELINE,
    "PipelineExecution": EXECUTION,
    "Model": MODEL,
    "Endpoint": ENDPOINT,
}


@operation("sagemaker", "Search")
def search(account: Account, request: Document) -> Document:
    """Find resources by their properties; the last modified first unless told."""
    resource = request["Resource"]
    if resource not in _KINDS:
        raise validation(
            f"The local SageMaker cannot search {resource}: it knows {', '.join(sorted(_KINDS))}."
        )
    if "VisibilityConditions" in request:
        raise validation("The local SageMaker knows no VisibilityConditions: leave them out.")
    shape = cast("StructureShape", protocol.service_model("sagemaker").shape_for(resource))
    found = (
        [] if request.get("CrossAccountFilterOption") == "CrossAccount" else _all(account, resource, shape)
    )
    if "SearchExpression" in request:
        holds = wanted(shape, request["SearchExpression"])
        found = [record for record in found if holds(record)]
    by = _sort_key(request, shape)
    shown, token = cut(found, request, by, descending=request.get("SortOrder") != "Ascending")
    return {
        "Results": [{resource: record} for record in shown],
        "NextToken": token,
        "TotalHits": {"Value": len(found), "Relation": "EqualTo"},
    }


def _all(account: Account, resource: str, shape: StructureShape) -> list[Document]:
    found = []
    for record in account.store.list(_KINDS[resource]):
        if resource == "PipelineExecution":
            record["PipelineParameters"] = record["Parameters"]
        kept = {name: value for name, value in record.items() if name in shape.members and value is not None}
        if "Tags" in shape.members and (tagged := tags.of(account.store, record[f"{resource}Arn"])):
            kept["Tags"] = tagged
        found.append(kept)
    return found


def _sort_key(request: Document, shape: StructureShape) -> Callable[[Document], tuple[object, ...]]:
    by = named(shape, request["SortBy"]) if "SortBy" in request else None
    arn = f"{request['Resource']}Arn"

    def key(record: Document) -> tuple[object, ...]:
        if by is None:
            return (*sortable(record.get("LastModifiedTime", record["CreationTime"])), record[arn])
        return (*sortable(next(iter(by.values(record)), None)), record[arn])

    return key
