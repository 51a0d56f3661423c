"""Models: create, describe, list, delete."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra.local import projection, resources, tags
from infra.local.errors import validation
from infra.local.hosting import containers
from infra.local.hosting.containers import MODEL
from infra.local.listing import Fields, page
from infra.local.operations import operation

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.operations import Document

_FIELDS = Fields("ModelArn", "ModelName")


@operation("sagemaker", "CreateModel")
def create(account: Account, request: Document) -> Document:
    """Register a model whose container, or model package, can be used."""
    given = dict(request)
    name, tagged = given["ModelName"], given.pop("Tags", None)
    isolated = given.get("EnableNetworkIsolation", False)
    containers.resolve(account, containers.definition(given), isolated=isolated)
    arn = account.arn(MODEL, name)
    record = {
        **given,
        "EnableNetworkIsolation": isolated,
        "ModelArn": arn,
        "CreationTime": datetime.now(UTC),
    }
    taken = validation(f'Cannot create already existing model "{arn}".')
    resources.add(account.store, MODEL, name, record, arn=arn, tagged=tagged, taken=taken)
    return {"ModelArn": arn}


@operation("sagemaker", "DescribeModel")
def describe(account: Account, request: Document) -> Document:
    """Tell all of one model."""
    return projection.described("DescribeModel", _record(account, request))


@operation("sagemaker", "ListModels")
def list_(account: Account, request: Document) -> Document:
    """List models, the newest first unless told."""
    found, token = page(account.store.list(MODEL), request, _FIELDS, order="Descending")
    return projection.listed("ListModels", found, token)


@operation("sagemaker", "DeleteModel")
def delete(account: Account, request: Document) -> None:
    """Forget a model; endpoints that run it go on."""
    arn = _record(account, request)["ModelArn"]
    account.store.delete(MODEL, request["ModelName"])
    tags.forget(account.store, arn)


def _record(account: Account, request: Document) -> Document:
    record = account.store.get(MODEL, request["ModelName"])
    if record is None:
        raise validation(f'Could not find model "{account.arn(MODEL, request["ModelName"])}".')
    return record
