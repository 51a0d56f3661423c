"""Alarms: put, describe, set, enable and delete them, their history and their tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.local import tags
from infra.local.errors import AwsError
from infra.local.listing import cut
from infra.local.operations import operation

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.operations import Document

_PAGE = 100
_ACTIONS = ("OKActions", "AlarmActions", "InsufficientDataActions")
_RUN = {"sns", "autoscaling"}
_NOT_HERE = ("ThresholdMetricId", "EvaluationWindow", "WarmUpConfiguration", "EvaluationCriteria")


@operation("cloudwatch", "PutMetricAlarm")
def put(account: Account, request: Document) -> None:
    """Make an alarm or change one."""
    given = dict(request)
    tagged = given.pop("Tags", None)
    for member in _NOT_HERE:
        if member in given:
            raise _invalid(f"The local CloudWatch does not do {member}: its alarms have fixed thresholds.")
    if given.get("EvaluateLowSampleCountPercentile") == "ignore":
        raise _invalid("The local CloudWatch evaluates percentiles of few values too: leave it at evaluate.")
    for needed in ("ComparisonOperator", "EvaluationPeriods", "Threshold"):
        if needed not in given:
            raise _invalid(f"{needed} must be given.")
    if given.get("DatapointsToAlarm", 1) > given["EvaluationPeriods"]:
        raise _invalid("DatapointsToAlarm must be less than or equal to EvaluationPeriods.")
    period = given.get("Period", 60)
    if period not in {10, 20, 30} and period % 60:
        raise _invalid(f"Period must be 10, 20, 30 or a multiple of 60, not {period}.")
    _check_actions(given)
    is_new = not account.alarms.states([given["AlarmName"]])
    account.alarms.put(given)
    if is_new:
        tags.add(account.store, account.alarms.arn(given["AlarmName"]), tagged)


@operation("cloudwatch", "DescribeAlarms")
def describe(account: Account, request: Document) -> Document:
    """List alarms by name."""
    if request.get("AlarmNames") and request.get("AlarmNamePrefix"):
        raise _invalid("AlarmNames and AlarmNamePrefix cannot be given together.")
    if "MetricAlarm" not in request.get("AlarmTypes", ["MetricAlarm"]):
        return {"MetricAlarms": [], "CompositeAlarms": []}
    names, prefix = request.get("AlarmNames"), request.get("AlarmNamePrefix", "")
    action = request.get("ActionPrefix", "")
    found = [
        alarm
        for alarm in account.alarms.all()
        if (not names or alarm["AlarmName"] in names)
        and alarm["AlarmName"].startswith(prefix)
        and request.get("StateValue", alarm["StateValue"]) == alarm["StateValue"]
        and (not action or any(each.startswith(action) for each in alarm["AlarmActions"]))
    ]
    asked = {**request, "MaxResults": request.get("MaxRecords", _PAGE)}
    asked.pop("MaxRecords", None)
    shown, token = cut(found, asked, lambda alarm: (alarm["AlarmName"],), descending=False)
    return {"MetricAlarms": shown, "CompositeAlarms": [], "NextToken": token}


@operation("cloudwatch", "DescribeAlarmsForMetric")
def for_metric(account: Account, request: Document) -> Document:
    """List the alarms on one metric."""
    members = ("Namespace", "MetricName", "Statistic", "ExtendedStatistic", "Period", "Unit")
    asked = {name: request[name] for name in members if name in request}
    wanted = _pairs(request)
    found = [
        alarm
        for alarm in account.alarms.all()
        if all(alarm.get(name) == value for name, value in asked.items())
        and ("Dimensions" not in request or _pairs(alarm) == wanted)
    ]
    return {"MetricAlarms": found}


@operation("cloudwatch", "DescribeAlarmHistory")
def history(account: Account, request: Document) -> Document:
    """List what happened to alarms, newest first unless told."""
    start, end = request.get("StartDate"), request.get("EndDate")
    found = [
        item
        for item in account.alarms.history(request.get("AlarmName"))
        if request.get("HistoryItemType", item["HistoryItemType"]) == item["HistoryItemType"]
        and (start is None or item["Timestamp"] >= start)
        and (end is None or item["Timestamp"] <= end)
    ]
    asked = {**request, "MaxResults": request.get("MaxRecords", _PAGE)}
    asked.pop("MaxRecords", None)
    numbered = list(enumerate(found))
    shown, token = cut(
        numbered,
        asked,
        lambda entry: (entry[1]["Timestamp"].isoformat(), entry[0]),
        descending=request.get("ScanBy") != "TimestampAscending",
    )
    return {"AlarmHistoryItems": [item for _, item in shown], "NextToken": token}


@operation("cloudwatch", "DeleteAlarms")
def delete(account: Account, request: Document) -> None:
    """Forget alarms."""
    account.alarms.delete(request["AlarmNames"])
    for name in request["AlarmNames"]:
        tags.forget(account.store, account.alarms.arn(name))


@operation("cloudwatch", "SetAlarmState")
def set_state(account: Account, request: Document) -> None:
    """Give an alarm a state for a while."""
    account.alarms.set_state(
        request["AlarmName"], request["StateValue"], request["StateReason"], request.get("StateReasonData")
    )


@operation("cloudwatch", "EnableAlarmActions")
def enable(account: Account, request: Document) -> None:
    """Let alarms run their actions."""
    account.alarms.enable(request["AlarmNames"], enabled=True)


@operation("cloudwatch", "DisableAlarmActions")
def disable(account: Account, request: Document) -> None:
    """Keep alarms from running their actions."""
    account.alarms.enable(request["AlarmNames"], enabled=False)


@operation("cloudwatch", "ListTagsForResource")
def list_tags(account: Account, request: Document) -> Document:
    """List an alarm's tags."""
    return {"Tags": tags.of(account.store, _there(account, request))}


@operation("cloudwatch", "TagResource")
def tag(account: Account, request: Document) -> None:
    """Add tags to an alarm."""
    tags.add(account.store, _there(account, request), request["Tags"])


@operation("cloudwatch", "UntagResource")
def untag(account: Account, request: Document) -> None:
    """Remove tags of an alarm."""
    tags.remove(account.store, _there(account, request), request["TagKeys"])


def _check_actions(given: Document) -> None:
    for member in _ACTIONS:
        for action in given.get(member, []):
            if not action.startswith("arn:") or action.split(":")[2] not in _RUN:
                raise _invalid(
                    f"{member}: the local CloudWatch runs SNS topics and scaling policies, not {action}."
                )


def _pairs(named: Document) -> set[tuple[str, str]]:
    return {(each["Name"], each["Value"]) for each in named.get("Dimensions", [])}


def _there(account: Account, request: Document) -> str:
    arn = str(request["ResourceARN"])
    if arn not in {alarm["AlarmArn"] for alarm in account.alarms.all()}:
        raise AwsError("ResourceNotFoundException", f"{arn} is no alarm of this account.", 404)
    return arn


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)
