"""Monitoring job definitions: of data and of model quality, create, describe, list, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.local import projection, resources, tags
from infra.local.errors import in_use, not_found
from infra.local.listing import Fields, page
from infra.local.monitoring import definitions
from infra.local.operations import operation

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.local.account import Account
    from infra.local.operations import Document


def _create(kind: str, account: Account, request: Document) -> Document:
    """Register a definition whose job can be run here."""
    given = dict(request)
    name, tagged = given["JobDefinitionName"], given.pop("Tags", None)
    arn = account.arn(definitions.KINDS[kind], name)
    record = {**given, "JobDefinitionArn": arn, "CreationTime": account.clock.now()}
    definitions.check(definitions.inline(kind, record))
    taken = in_use(f"Job definition {arn} already exists.")
    resources.add(account.store, definitions.KINDS[kind], name, record, arn=arn, tagged=tagged, taken=taken)
    return {"JobDefinitionArn": arn}


def _describe(kind: str, account: Account, request: Document) -> Document:
    """Tell all of one definition."""
    return projection.described(f"Describe{kind}JobDefinition", _record(kind, account, request))


def _list(kind: str, account: Account, request: Document) -> Document:
    """List definitions, the newest first unless told."""
    summaries = [
        {
            "MonitoringJobDefinitionName": record["JobDefinitionName"],
            "MonitoringJobDefinitionArn": record["JobDefinitionArn"],
            "CreationTime": record["CreationTime"],
            "EndpointName": definitions.endpoint_input(definitions.inline(kind, record))["EndpointName"],
        }
        for record in account.store.list(definitions.KINDS[kind])
    ]
    found = [each for each in summaries if request.get("EndpointName") in {None, each["EndpointName"]}]
    fields = Fields("MonitoringJobDefinitionArn", "MonitoringJobDefinitionName")
    shown, token = page(found, request, fields, order="Descending")
    return {"JobDefinitionSummaries": shown, "NextToken": token}


def _delete(kind: str, account: Account, request: Document) -> None:
    """Forget a definition; executions of schedules that name it fail from now on."""
    arn = _record(kind, account, request)["JobDefinitionArn"]
    account.store.delete(definitions.KINDS[kind], request["JobDefinitionName"])
    tags.forget(account.store, arn)


def _record(kind: str, account: Account, request: Document) -> Document:
    record = account.store.get(definitions.KINDS[kind], request["JobDefinitionName"])
    if record is None:
        raise not_found(f"Could not find {kind} job definition {request['JobDefinitionName']}.")
    return record


def _register(name: str, kind: str, perform: Callable[[str, Account, Document], Document | None]) -> None:
    @operation("sagemaker", name)
    def handler(account: Account, request: Document) -> Document | None:
        return perform(kind, account, request)


for _kind in definitions.KINDS:
    _register(f"Create{_kind}JobDefinition", _kind, _create)
    _register(f"Describe{_kind}JobDefinition", _kind, _describe)
    _register(f"List{_kind}JobDefinitions", _kind, _list)
    _register(f"Delete{_kind}JobDefinition", _kind, _delete)
