"""Schedules: create, get, list, update, delete."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from infra.local.errors import AwsError, validation
from infra.local.events import targets
from infra.local.listing import cut
from infra.local.operations import operation
from infra.local.operations.schedules_groups import group
from infra.local.pipeline import tokens
from infra.local.scheduling.schedules import DEFAULT, SCHEDULE, key, next_due, read
from infra.local.store import TakenError

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.operations import Document

_GIVEN = (
    "ScheduleExpression",
    "StartDate",
    "EndDate",
    "Description",
    "ScheduleExpressionTimezone",
    "State",
    "KmsKeyArn",
    "Target",
    "FlexibleTimeWindow",
    "ActionAfterCompletion",
)
_SHOWN = (*_GIVEN, "Arn", "GroupName", "Name", "CreationDate", "LastModificationDate")
_SUMMARY = ("Arn", "GroupName", "Name", "State", "CreationDate", "LastModificationDate")


@operation("scheduler", "CreateSchedule")
def create_schedule(account: Account, request: Document) -> Document:
    """Make a schedule; a rate without a start is due at once."""
    name, within = request["Name"], request.get("GroupName", DEFAULT)
    group(account, within)

    def create() -> str:
        now = account.clock.now()
        schedule = _made(account, request, name, within, now, now)
        try:
            account.store.create(SCHEDULE, key(within, name), schedule)
        except TakenError:
            raise AwsError("ConflictException", f"Schedule {name} already exists.", 409) from None
        account.schedules.reread()
        return str(schedule["Arn"])

    if "ClientToken" not in request:
        return {"ScheduleArn": create()}
    tokened = request | {"ClientRequestToken": request["ClientToken"]}
    there = f"{within}/{name}"
    arn = tokens.once(
        account.store, "CreateSchedule", tokened, create, lambda _: account.store.get(SCHEDULE, there)
    )
    return {"ScheduleArn": arn}


@operation("scheduler", "UpdateSchedule")
def update_schedule(account: Account, request: Document) -> Document:
    """Replace a schedule by what the request says: what it leaves out is as if never given."""
    old = _schedule(account, request)
    now = account.clock.now()
    schedule = _made(account, request, old["Name"], old["GroupName"], old["CreationDate"], now)
    account.store.put(SCHEDULE, key(old["GroupName"], old["Name"]), schedule)
    account.schedules.reread()
    return {"ScheduleArn": schedule["Arn"]}


@operation("scheduler", "GetSchedule")
def get_schedule(account: Account, request: Document) -> Document:
    """Tell all of one schedule."""
    schedule = _schedule(account, request)
    return {member: schedule[member] for member in _SHOWN if member in schedule}


@operation("scheduler", "ListSchedules")
def list_schedules(account: Account, request: Document) -> Document:
    """List schedules by group and name."""
    found = [
        schedule
        for schedule in account.store.list(SCHEDULE)
        if request.get("GroupName") in {None, schedule["GroupName"]}
        and request.get("State") in {None, schedule["State"]}
        and schedule["Name"].startswith(request.get("NamePrefix", ""))
    ]
    page, token = cut(
        found, request, lambda item: (item["GroupName"], item["Name"]), descending=False, size=100
    )
    summaries = [
        {member: schedule[member] for member in _SUMMARY} | {"Target": {"Arn": schedule["Target"]["Arn"]}}
        for schedule in page
    ]
    return {"Schedules": summaries, "NextToken": token}


@operation("scheduler", "DeleteSchedule")
def delete_schedule(account: Account, request: Document) -> Document:
    """Remove a schedule; what it has caused already goes on."""
    schedule = _schedule(account, request)
    account.store.delete(SCHEDULE, key(schedule["GroupName"], schedule["Name"]))
    account.schedules.reread()
    return {}


def _made(  # noqa: PLR0913, PLR0917 - what a schedule is made of
    account: Account, request: Document, name: str, within: str, created: datetime, now: datetime
) -> Document:
    targets.check(request["Target"])
    _check_window(request["FlexibleTimeWindow"])
    schedule = {
        "ScheduleExpressionTimezone": "UTC",
        "State": "ENABLED",
        "ActionAfterCompletion": "NONE",
        **{member: request[member] for member in _GIVEN if member in request},
        "Arn": f"arn:aws:scheduler:{account.region}:{account.account_id}:schedule/{within}/{name}",
        "GroupName": within,
        "Name": name,
        "CreationDate": created,
        "LastModificationDate": now,
    }
    start, end = schedule.get("StartDate"), schedule.get("EndDate")
    if start and end and end <= start:
        raise validation("The StartDate you specify must come before the EndDate.")
    if end and end.astimezone(UTC) <= now:
        raise validation("The EndDate you specify cannot be in the past.")
    return schedule | next_due(schedule, read(schedule), now - timedelta(microseconds=1))


def _check_window(window: Document) -> None:
    if window["Mode"] == "FLEXIBLE" and "MaximumWindowInMinutes" not in window:
        raise validation("MaximumWindowInMinutes must be provided when FlexibleTimeWindow Mode is FLEXIBLE.")
    if window["Mode"] == "OFF" and "MaximumWindowInMinutes" in window:
        raise validation("MaximumWindowInMinutes must not be provided when FlexibleTimeWindow Mode is OFF.")


def _schedule(account: Account, request: Document) -> Document:
    name, within = request["Name"], request.get("GroupName", DEFAULT)
    schedule = account.store.get(SCHEDULE, key(within, name))
    if schedule is None:
        raise AwsError("ResourceNotFoundException", f"Schedule {name} does not exist.", 404)
    return schedule
