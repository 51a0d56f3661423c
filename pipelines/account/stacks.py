"""Stacks as CloudFormation has them, and waiting for them to come to rest."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipelines.errors import OperatorError
from pipelines.place import reason

if TYPE_CHECKING:
    from pipelines.place import Place

NOT_MADE = ("", "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "DELETE_COMPLETE")
"""States of a stack that is not there, or whose making was taken back: it is made anew."""
LEFTOVER = ("REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE")
"""Those of them that have to be deleted first."""
POLL_SECONDS = 2.0
LONGEST_SECONDS = 1800.0
_BY_CONSEQUENCE = "Resource creation cancelled"


def status(place: Place, stack: str) -> str:
    """CloudFormation's word for a stack's state; empty where there is none of that name.

    Raises
    ------
    OperatorError
        Where this account has no CloudFormation, as the local one.
    """
    return str(_describe(place, stack).get("StackStatus", ""))


def parameters(place: Place, stack: str) -> frozenset[str]:
    """Names of the parameters that a stack has values for; none where there is no such stack."""
    told = _describe(place, stack)
    if told.get("StackStatus", "") in NOT_MADE:
        return frozenset()
    return frozenset(each["ParameterKey"] for each in told.get("Parameters", []))


def _describe(place: Place, stack: str) -> dict[str, Any]:
    try:
        found = place.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        told = error.response.get("Error", {})
        if "does not exist" in told.get("Message", ""):
            return {}
        if told.get("Code") == "UnknownOperationException":
            raise OperatorError(
                "there is no CloudFormation here: the local account has from its start what the stacks make; "
                "--where aws acts in an account"
            ) from None
        raise OperatorError(reason(error)) from None
    return dict(found[0])


def settled(place: Place, stack: str) -> str:
    """Wait until a stack has come to rest.

    Returns
    -------
    str
        Its state; empty where it is gone.

    Raises
    ------
    OperatorError
        Where it does not within half an hour.
    """
    deadline = time.monotonic() + LONGEST_SECONDS
    while (now := status(place, stack)).endswith("_IN_PROGRESS"):
        if time.monotonic() > deadline:
            raise OperatorError(f"{stack} is still {now} after half an hour: look at it in the console")
        time.sleep(POLL_SECONDS)
    return "" if now == "DELETE_COMPLETE" else now


def finish(place: Place, stack: str) -> None:
    """Wait for a change of a stack, and say what failed where it was taken back.

    Raises
    ------
    OperatorError
        With the first failure and its reason.
    """
    ended = settled(place, stack)
    if ended not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        raise OperatorError(f"{stack} is {ended}: {first_failure(place, stack)}")


def delete(place: Place, stack: str) -> None:
    """Delete a stack and wait until it is gone.

    Raises
    ------
    OperatorError
        Where something in it cannot be deleted.
    """
    place.client("cloudformation").delete_stack(StackName=stack)
    ended = settled(place, stack)
    if ended:
        raise OperatorError(f"{stack} is {ended}: {first_failure(place, stack)}")


def first_failure(place: Place, stack: str) -> str:
    """Return what failed first in the newest change of a stack, and why."""
    pages = place.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=stack)
    first: dict[str, Any] = {}
    for event in (event for page in pages for event in page["StackEvents"]):
        if event["ResourceStatus"].endswith("_FAILED") and _BY_CONSEQUENCE not in event.get(
            "ResourceStatusReason", ""
        ):
            first = event
        # Newest first: the change began where the stack itself did.
        if event["LogicalResourceId"] == stack and event.get("ResourceStatusReason") == "User Initiated":
            break
    if not first:
        return "CloudFormation gave no reason"
    return f"{first['LogicalResourceId']} ({first.get('ResourceType', '')}): {first['ResourceStatusReason']}"
