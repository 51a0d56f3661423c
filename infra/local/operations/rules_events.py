"""Events: put one's own, try a pattern, and see the bus."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from infra.local.errors import AwsError
from infra.local.events import patterns
from infra.local.events.bus import BUS
from infra.local.operations import operation

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.operations import Document

_NEEDED = ("Source", "DetailType", "Detail")


@operation("events", "PutEvents")
def put_events(account: Account, request: Document) -> Document:
    """Hand events to the rules that they match; those that are none are named, the others count."""
    entries = [_put(account, entry) for entry in request["Entries"]]
    return {"FailedEntryCount": sum("ErrorCode" in entry for entry in entries), "Entries": entries}


@operation("events", "TestEventPattern")
def test_event_pattern(account: Account, request: Document) -> Document:  # noqa: ARG001 - one signature for all
    """Say whether an event is one that a pattern describes."""
    try:
        event = _object(request["Event"])
    except ValueError:
        raise AwsError("ValidationException", "Event is no JSON object.") from None
    return {"Result": patterns.matches(request["EventPattern"], event)}


@operation("events", "DescribeEventBus")
def describe_event_bus(account: Account, request: Document) -> Document:  # noqa: ARG001 - as above
    """Tell of the default bus."""
    return {"Name": BUS, "Arn": f"arn:aws:events:{account.region}:{account.account_id}:event-bus/{BUS}"}


def _put(account: Account, entry: Document) -> Document:
    if missing := [name for name in _NEEDED if not entry.get(name)]:
        return {
            "ErrorCode": "InvalidArgument",
            "ErrorMessage": f"Parameter {', '.join(missing)} is not valid. Reason: it is required.",
        }
    if entry["Source"].startswith("aws."):
        return {
            "ErrorCode": "NotAuthorizedForSourceException",
            "ErrorMessage": "Not authorized for the source.",
        }
    try:
        detail = _object(entry["Detail"])
    except ValueError:
        return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    published = account.events.publish(
        entry["DetailType"], entry["Source"], entry.get("Resources", []), detail, entry.get("Time")
    )
    return {"EventId": published}


def _object(text: str) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("no JSON object")  # noqa: TRY004 - the text is wrong, no argument is
    return found
