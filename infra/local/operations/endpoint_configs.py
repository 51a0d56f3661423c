"""Endpoint configurations: create, describe, list, delete."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra.local import projection, resources, tags
from infra.local.errors import validation
from infra.local.hosting import plan
from infra.local.hosting.records import CONFIG
from infra.local.jobs import limits
from infra.local.listing import Fields, page
from infra.local.operations import operation

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.operations import Document

_FIELDS = Fields("EndpointConfigArn", "EndpointConfigName")
_NOT_HERE = ("ShadowProductionVariants", "ExplainerConfig", "CrossRegionTrafficConfig")
_NOT_IN_A_VARIANT = (
    "ServerlessConfig",
    "InstancePools",
    "ManagedInstanceScaling",
    "CapacityReservationConfig",
)
_NEEDED = ("ModelName", "InitialInstanceCount", "InstanceType")


@operation("sagemaker", "CreateEndpointConfig")
def create(account: Account, request: Document) -> Document:
    """Register a configuration whose models are there."""
    given = dict(request)
    name, tagged = given["EndpointConfigName"], given.pop("Tags", None)
    _check(given)
    arn = account.arn(CONFIG, name)
    record = {
        **given,
        "ProductionVariants": [{"InitialVariantWeight": 1.0, **each} for each in given["ProductionVariants"]],
        "EndpointConfigArn": arn,
        "CreationTime": datetime.now(UTC),
    }
    plan.of_config(account, record)
    taken = validation(f'Cannot create already existing endpoint configuration "{arn}".')
    resources.add(account.store, CONFIG, name, record, arn=arn, tagged=tagged, taken=taken)
    return {"EndpointConfigArn": arn}


@operation("sagemaker", "DescribeEndpointConfig")
def describe(account: Account, request: Document) -> Document:
    """Tell all of one configuration."""
    return projection.described("DescribeEndpointConfig", _record(account, request))


@operation("sagemaker", "ListEndpointConfigs")
def list_(account: Account, request: Document) -> Document:
    """List configurations, the newest first unless told."""
    found, token = page(account.store.list(CONFIG), request, _FIELDS, order="Descending")
    return projection.listed("ListEndpointConfigs", found, token)


@operation("sagemaker", "DeleteEndpointConfig")
def delete(account: Account, request: Document) -> None:
    """Forget a configuration; endpoints that were made from it go on."""
    arn = _record(account, request)["EndpointConfigArn"]
    account.store.delete(CONFIG, request["EndpointConfigName"])
    tags.forget(account.store, arn)


def _record(account: Account, request: Document) -> Document:
    name = request["EndpointConfigName"]
    record = account.store.get(CONFIG, name)
    if record is None:
        raise validation(f'Could not find endpoint configuration "{account.arn(CONFIG, name)}".')
    return record


def _check(request: Document) -> None:
    _refuse(request, _NOT_HERE, "The endpoint configuration")
    variants = request["ProductionVariants"]
    limits.unique((each["VariantName"] for each in variants), "Production variant")
    for variant in variants:
        where = f"Production variant {variant['VariantName']}"
        _refuse(variant, _NOT_IN_A_VARIANT, where)
        if missing := [name for name in _NEEDED if name not in variant]:
            raise validation(f"{where} needs {', '.join(missing)}.")
    if capture := request.get("DataCaptureConfig"):
        limits.s3(capture["DestinationS3Uri"])


def _refuse(document: Document, members: tuple[str, ...], where: str) -> None:
    for name in members:
        if name in document:
            raise validation(
                f"{where} asks for {name}, which the local SageMaker does not know: leave it out."
            )
