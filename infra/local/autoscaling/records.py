"""Scalable targets, policies and activities in the store."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from infra.local.errors import validation
from infra.local.hosting.records import ENDPOINT

if TYPE_CHECKING:
    from infra.local.account import Account

Record = dict[str, Any]

TARGET = "scalable-target"
POLICY = "scaling-policy"
ACTIVITY = "scaling-activity"

NAMESPACE = "sagemaker"
DIMENSION = "sagemaker:variant:DesiredInstanceCount"
_RESOURCE = re.compile(r"endpoint/(?P<endpoint>[^/]+)/variant/(?P<variant>[^/]+)")


class Place(NamedTuple):
    """What a ``ResourceId`` names.

    Attributes
    ----------
    endpoint, variant
        Their names.
    """

    endpoint: str
    variant: str


def place(request: Record) -> Place:
    """Read what a request is about.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` for all but variants of endpoints.
    """
    named = _RESOURCE.fullmatch(request["ResourceId"])
    if request["ServiceNamespace"] != NAMESPACE or request["ScalableDimension"] != DIMENSION or not named:
        raise validation(
            "Unsupported service namespace, resource type or scalable dimension: here it is sagemaker, "
            f"endpoint/NAME/variant/NAME and {DIMENSION}."
        )
    return Place(named["endpoint"], named["variant"])


def variant(account: Account, resource: Place) -> Record | None:
    """Return the summary of a variant that is in service, or None."""
    endpoint = account.store.get(ENDPOINT, resource.endpoint)
    if endpoint is None or endpoint["EndpointStatus"] != "InService":
        return None
    summaries: list[Record] = endpoint.get("ProductionVariants", [])
    return next((each for each in summaries if each["VariantName"] == resource.variant), None)


def policy_name(request: Record) -> str:
    """Name a policy in the store."""
    return f"{request['ResourceId']}/{request['PolicyName']}"


def policies_of(account: Account, resource_id: str) -> list[Record]:
    """List a target's policies."""
    return [each for each in account.store.list(POLICY) if each["ResourceId"] == resource_id]
