"""Job logs: groups, streams, and events by stream or by search."""

from __future__ import annotations

import zlib
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from infra.local.errors import AwsError
from infra.local.listing import cut
from infra.local.log_files import LogEvent, LogFiles, StreamInfo
from infra.local.log_filter import LogFilter
from infra.local.log_pages import MOST_EVENTS, Window, read_page
from infra.local.operations import Document, operation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from infra.local.account import Account

Item = TypeVar("Item")

_MOST_LISTED = 50


@operation("logs", "DescribeLogGroups")
def describe_log_groups(account: Account, request: Document) -> Document:
    """List groups by name."""
    prefix, pattern = request.get("logGroupNamePrefix"), request.get("logGroupNamePattern")
    if prefix and pattern:
        raise _invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
    files = _files(account)
    names = [name for name in files.groups() if name.startswith(prefix or "") and (pattern or "") in name]
    taken, token = _page(names, request, _MOST_LISTED, lambda name: (name,))
    return {"logGroups": [_group(account, name, files.streams(name)) for name in taken], "nextToken": token}


@operation("logs", "DescribeLogStreams")
def describe_log_streams(account: Account, request: Document) -> Document:
    """List a group's streams by name or by time of the last event."""
    group = _named_group(account, request)
    by_time = request.get("orderBy") == "LastEventTime"
    prefix = request.get("logStreamNamePrefix", "")
    if by_time and prefix:
        raise _invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
    taken, token = _page(
        _files(account).streams(group, prefix),
        request,
        _MOST_LISTED,
        (lambda info: (info.last or 0, info.name)) if by_time else (lambda info: (info.name,)),
        descending=request.get("descending", False),
    )
    return {"logStreams": [_stream(account, group, info) for info in taken], "nextToken": token}


@operation("logs", "GetLogEvents")
def get_log_events(account: Account, request: Document) -> Document:
    """Read one stream, forwards or backwards."""
    group = _named_group(account, request)
    files = _files(account)
    if not files.has(group, request["logStreamName"]):
        raise _absent("stream")
    page = read_page(
        partial(files.events, group, request["logStreamName"]),
        Window(request.get("startTime", 0), request.get("endTime"), request.get("limit", MOST_EVENTS)),
        request.get("nextToken"),
        head=request.get("startFromHead", False),
    )
    return {
        "events": [_event(event) for event in page.events],
        "nextForwardToken": page.forward,
        "nextBackwardToken": page.backward,
    }


@operation("logs", "FilterLogEvents")
def filter_log_events(account: Account, request: Document) -> Document:
    """Search all streams of a group, or some, for events that pass a filter, in order of time."""
    group = _named_group(account, request)
    if request.get("logStreamNames") and request.get("logStreamNamePrefix"):
        raise _invalid("logStreamNames and logStreamNamePrefix are mutually exclusive parameters.")
    wanted = LogFilter.parse(request.get("filterPattern", ""))
    end = request.get("endTime")
    window = Window(request.get("startTime", 0), None if end is None else end + 1)
    files = _files(account)
    found = (
        (event.timestamp, stream, event.start, event)
        for stream in _searched(files, group, request)
        for event in files.events(group, stream)
        if window.holds(event) and wanted.passes(event.message)
    )
    taken, token = _page(
        found,
        request,
        MOST_EVENTS,
        lambda item: item[:3],
        descending=not request.get("startFromHead", True),
    )
    return {
        "events": [
            _event(event) | {"logStreamName": stream, "eventId": _event_id(stream, event)}
            for _, stream, _, event in taken
        ],
        "searchedLogStreams": [],
        "nextToken": token,
    }


def _page(
    items: Iterable[Item],
    request: Document,
    size: int,
    key: Callable[[Item], tuple[Any, ...]],
    *,
    descending: bool = False,
) -> tuple[list[Item], str | None]:
    """Cut out a page as `infra.local.listing` does; CloudWatch Logs has names of its own for what it asks."""
    named = {"limit": "MaxResults", "nextToken": "NextToken"}
    asked = {named.get(name, name): value for name, value in request.items()}
    try:
        return cut(items, asked, key, descending=descending, size=size)
    except AwsError:
        raise _invalid("The specified nextToken is invalid.") from None


def _files(account: Account) -> LogFiles:
    return LogFiles(account.home / "logs")


def _searched(files: LogFiles, group: str, request: Document) -> list[str]:
    named = request.get("logStreamNames")
    if named is None:
        return [info.name for info in files.streams(group, request.get("logStreamNamePrefix", ""))]
    if not all(files.has(group, stream) for stream in named):
        raise _absent("stream")
    return list(named)


def _named_group(account: Account, request: Document) -> str:
    name, identifier = request.get("logGroupName"), request.get("logGroupIdentifier")
    if (name is None) == (identifier is None):
        raise _invalid("Give either logGroupName or logGroupIdentifier.")
    group = str(name or identifier)
    if group.startswith("arn:"):
        group = group.rpartition(":log-group:")[2].removesuffix(":*")
    if not _files(account).has(group):
        raise _absent("group")
    return group


def _absent(what: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"The specified log {what} does not exist.")


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)


def _arn(account: Account, group: str) -> str:
    return f"arn:aws:logs:{account.region}:{account.account_id}:log-group:{group}"


def _group(account: Account, name: str, streams: list[StreamInfo]) -> Document:
    return {
        "logGroupName": name,
        "creationTime": min((info.created for info in streams), default=0),
        "metricFilterCount": 0,
        "arn": f"{_arn(account, name)}:*",
        "logGroupArn": _arn(account, name),
        "storedBytes": sum(info.size for info in streams),
        "logGroupClass": "STANDARD",
    }


def _stream(account: Account, group: str, info: StreamInfo) -> Document:
    return {
        "logStreamName": info.name,
        "creationTime": info.created,
        "firstEventTimestamp": info.first,
        "lastEventTimestamp": info.last,
        "lastIngestionTime": info.last,
        "arn": f"{_arn(account, group)}:log-stream:{info.name}",
        "storedBytes": 0,  # as AWS answers since 2019
    }


def _event(event: LogEvent) -> Document:
    return {"timestamp": event.timestamp, "message": event.message, "ingestionTime": event.timestamp}


def _event_id(stream: str, event: LogEvent) -> str:
    return f"{event.timestamp:020d}{zlib.crc32(stream.encode()):010d}{event.start:026d}"
