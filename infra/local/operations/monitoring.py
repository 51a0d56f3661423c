"""Monitoring schedules: create, update, describe, list, start, stop, delete, and their executions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.local import projection, resources, tags
from infra.local.errors import in_use, not_found, validation
from infra.local.listing import Fields, page
from infra.local.monitoring import alert, definitions, windows
from infra.local.monitoring.monitor import EXECUTION, SCHEDULE, first_due
from infra.local.operations import operation

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.operations import Document

_FIELDS = Fields("MonitoringScheduleArn", "MonitoringScheduleName", "MonitoringScheduleStatus")
_EXECUTIONS = Fields("Key", "ScheduledTime", "MonitoringExecutionStatus")
_STATUS = "MonitoringScheduleStatus"


@operation("sagemaker", "CreateMonitoringSchedule")
def create_monitoring_schedule(account: Account, request: Document) -> Document:
    """Make a schedule whose job can be run here."""
    name = request["MonitoringScheduleName"]
    arn = account.arn(SCHEDULE, name)
    schedule = {
        "MonitoringScheduleName": name,
        "MonitoringScheduleArn": arn,
        _STATUS: "Scheduled",
        "CreationTime": account.clock.now(),
        **_configured(account, request),
    }
    taken = in_use(f"Monitoring schedule {arn} already exists.")
    resources.add(account.store, SCHEDULE, name, schedule, arn=arn, tagged=request.get("Tags"), taken=taken)
    return {"MonitoringScheduleArn": arn}


@operation("sagemaker", "UpdateMonitoringSchedule")
def update_monitoring_schedule(account: Account, request: Document) -> Document:
    """Give a schedule another configuration; one that was stopped stays so."""
    schedule = _schedule(account, request)
    changed = _configured(account, request)
    gone = {"EndpointName", "MonitoringType"} - set(changed)
    account.store.update(
        SCHEDULE,
        schedule["MonitoringScheduleName"],
        lambda known: {name: value for name, value in known.items() if name not in gone} | changed,
    )
    return {"MonitoringScheduleArn": schedule["MonitoringScheduleArn"]}


@operation("sagemaker", "DescribeMonitoringSchedule")
def describe_monitoring_schedule(account: Account, request: Document) -> Document:
    """Tell all of one schedule, with its last execution."""
    schedule = _schedule(account, request)
    ran = [each for each in account.store.list(EXECUTION) if each["MonitoringScheduleName"] == _name(request)]
    last = max(ran, key=lambda each: each["ScheduledTime"], default=None)
    shown = projection.described("DescribeMonitoringSchedule", schedule)
    return shown | ({"LastMonitoringExecutionSummary": _summary(last)} if last else {})


@operation("sagemaker", "ListMonitoringSchedules")
def list_monitoring_schedules(account: Account, request: Document) -> Document:
    """List schedules, the newest first unless told."""
    found, token = page(_wanted(account.store.list(SCHEDULE), request), request, _FIELDS, order="Descending")
    return projection.listed("ListMonitoringSchedules", found, token)


@operation("sagemaker", "ListMonitoringExecutions")
def list_monitoring_executions(account: Account, request: Document) -> Document:
    """List executions, the newest first unless told."""
    after, before = request.get("ScheduledTimeAfter"), request.get("ScheduledTimeBefore")
    known = [
        each
        for each in _wanted(account.store.list(EXECUTION), request)
        if request.get("MonitoringScheduleName") in {None, each["MonitoringScheduleName"]}
        and (after is None or each["ScheduledTime"] > after)
        and (before is None or each["ScheduledTime"] < before)
    ]
    # The mechanism of all lists knows no scheduled time; this one is kept where it finds it.
    named = {"SortBy": "Name"} if request.get("SortBy") == "ScheduledTime" else {}
    found, token = page(known, request | named, _EXECUTIONS, order="Descending")
    return {"MonitoringExecutionSummaries": [_summary(each) for each in found], "NextToken": token}


@operation("sagemaker", "StartMonitoringSchedule")
def start_monitoring_schedule(account: Account, request: Document) -> None:
    """Let a stopped schedule go on from now; what it missed stays missed."""
    _move(account, request, "Stopped", "Scheduled")


@operation("sagemaker", "StopMonitoringSchedule")
def stop_monitoring_schedule(account: Account, request: Document) -> None:
    """Let a schedule start no more jobs; those that run go on."""
    _move(account, request, "Scheduled", "Stopped")


@operation("sagemaker", "DeleteMonitoringSchedule")
def delete_monitoring_schedule(account: Account, request: Document) -> None:
    """Forget a schedule and its executions; jobs that run go on."""
    schedule = _schedule(account, request)
    with account.store.together():
        for each in account.store.list(EXECUTION):
            if each["MonitoringScheduleName"] == schedule["MonitoringScheduleName"]:
                account.store.delete(EXECUTION, each["Key"])
        account.store.delete(alert.ALERT, schedule["MonitoringScheduleName"])
        account.store.delete(SCHEDULE, schedule["MonitoringScheduleName"])
        tags.forget(account.store, schedule["MonitoringScheduleArn"])


def _configured(account: Account, request: Document) -> Document:
    """Check a configuration and return the members that follow from it."""
    config = request["MonitoringScheduleConfig"]
    definition = definitions.of(account, config)
    definitions.check(definition)
    schedule = config.get("ScheduleConfig")
    if schedule is None:
        raise validation("ScheduleConfig must be given.")
    inputs = definitions.endpoint_input(definition)
    windows.check(schedule, inputs)
    now = account.clock.now()
    kind = {"MonitoringType": config["MonitoringType"]} if "MonitoringType" in config else {}
    return {
        "MonitoringScheduleConfig": config,
        "EndpointName": inputs["EndpointName"],
        "LastModifiedTime": now,
        "Next": first_due(config, now),
        **kind,
    }


def _move(account: Account, request: Document, before: str, after: str) -> None:
    schedule = _schedule(account, request)
    if schedule[_STATUS] != before:
        raise validation(f"Monitoring schedule {_name(request)} is {schedule[_STATUS]}, not {before}.")
    now = account.clock.now()
    due = first_due(schedule["MonitoringScheduleConfig"], now) if after == "Scheduled" else None
    moved = {_STATUS: after, "LastModifiedTime": now, "Next": due}
    account.store.update(SCHEDULE, _name(request), lambda known: known | moved)


def _wanted(records: list[Document], request: Document) -> list[Document]:
    """Leave out what is of another endpoint, type or definition than was asked for."""
    members = {
        "EndpointName": "EndpointName",
        "MonitoringTypeEquals": "MonitoringType",
        "MonitoringJobDefinitionName": "MonitoringJobDefinitionName",
    }
    return [
        each
        for each in records
        if all(request[asked] == each.get(has) for asked, has in members.items() if asked in request)
    ]


def _summary(execution: Document) -> Document:
    return projection.summary("ListMonitoringExecutions", execution)


def _name(request: Document) -> str:
    return str(request["MonitoringScheduleName"])


def _schedule(account: Account, request: Document) -> Document:
    schedule = account.store.get(SCHEDULE, _name(request))
    if schedule is None:
        raise not_found(f"Monitoring Schedule {_name(request)} not found")
    return schedule
