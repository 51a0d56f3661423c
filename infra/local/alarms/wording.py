"""What CloudWatch says of an alarm's change: the reason, its data, and the message to SNS."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from infra.local.alarms.evaluation import COMPARISONS, Rule

if TYPE_CHECKING:
    from collections.abc import Sequence

Record = dict[str, Any]

REGIONS = {"us-east-1": "US East (N. Virginia)"}


def stamp(moment: datetime) -> str:
    """Write a moment as CloudWatch does in JSON, e.g. ``2026-01-02T03:04:05.678+0000``."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "+0000")


def reason(  # noqa: PLR0913, PLR0917 - what the sentence speaks of
    rule: Rule, points: Sequence[float | None], end: datetime, period: int, old: str, new: str
) -> str:
    """Say in a sentence why an alarm changes from one state to another."""
    recent = list(points)[-rule.periods :]
    absent = sum(value is None for value in recent)
    if new == "INSUFFICIENT_DATA":
        return f"Insufficient Data: {_counted(absent, 'datapoint')} {_was(absent)} unknown."
    known = [
        (value, end - timedelta(seconds=period * age))
        for age, value in enumerate(reversed(points), start=1)
        if value is not None
    ][: rule.periods]
    if not known:
        taken = "Breaching" if rule.missing == "breaching" else "NonBreaching"
        return (
            f"Threshold Crossed: no datapoints were received for {_counted(rule.periods, 'period')} and "
            f"{_counted(rule.periods, 'missing datapoint')} {_was(rule.periods)} treated as [{taken}]."
        )
    shown = [(value, at) for value, at in known if rule.breached(value) == (new == "ALARM")] or known
    listed = ", ".join(f"{value} ({at:%d/%m/%y %H:%M:%S})" for value, at in shown)
    negation = "" if new == "ALARM" else "not "
    needed = rule.enough if new == "ALARM" else rule.periods - rule.enough + 1
    return (
        f"Threshold Crossed: {len(shown)} out of the last {_counted(rule.periods, 'datapoint')} [{listed}] "
        f"{_was(len(shown))} {negation}{COMPARISONS[rule.comparison][1]} the threshold ({rule.threshold}) "
        f"(minimum {_counted(needed, 'datapoint')} for {old} -> {new} transition)."
    )


def reason_data(alarm: Record, rule: Rule, points: Sequence[float | None], end: datetime, period: int) -> str:
    """Write the reason's data as JSON."""
    return json.dumps(
        {
            "version": "1.0",
            "queryDate": stamp(end),
            "startDate": stamp(end - timedelta(seconds=period * len(points))),
            "statistic": alarm.get("Statistic") or alarm.get("ExtendedStatistic"),
            "period": period,
            "recentDatapoints": [value for value in points if value is not None][-rule.periods :],
            "threshold": rule.threshold,
        }
    )


def subject(alarm: Record, region: str) -> str:
    """Write the subject of the message, of at most 100 characters."""
    return f'{alarm["StateValue"]}: "{alarm["AlarmName"]}" in {REGIONS.get(region, region)}'[:100]


def message(alarm: Record, old: str, account_id: str, region: str) -> str:
    """Write the message to SNS topics about an alarm that has just left state `old`."""
    return json.dumps(
        {
            "AlarmName": alarm["AlarmName"],
            "AlarmDescription": alarm.get("AlarmDescription"),
            "AWSAccountId": account_id,
            "AlarmConfigurationUpdatedTimestamp": stamp(alarm["AlarmConfigurationUpdatedTimestamp"]),
            "NewStateValue": alarm["StateValue"],
            "NewStateReason": alarm["StateReason"],
            "StateChangeTime": stamp(alarm["StateUpdatedTimestamp"]),
            "Region": REGIONS.get(region, region),
            "AlarmArn": alarm["AlarmArn"],
            "OldStateValue": old,
            "OKActions": alarm["OKActions"],
            "AlarmActions": alarm["AlarmActions"],
            "InsufficientDataActions": alarm["InsufficientDataActions"],
            "Trigger": _trigger(alarm),
        }
    )


def _trigger(alarm: Record) -> Record:
    shared = {
        "EvaluationPeriods": alarm["EvaluationPeriods"],
        "DatapointsToAlarm": alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"]),
        "ComparisonOperator": alarm["ComparisonOperator"],
        "Threshold": alarm["Threshold"],
        "TreatMissingData": alarm.get("TreatMissingData", "missing"),
        "EvaluateLowSampleCountPercentile": alarm.get("EvaluateLowSampleCountPercentile", ""),
    }
    if "Metrics" in alarm:
        return {**shared, "Metrics": alarm["Metrics"]}
    by = "Statistic" if "Statistic" in alarm else "ExtendedStatistic"
    return {
        "MetricName": alarm["MetricName"],
        "Namespace": alarm["Namespace"],
        "StatisticType": by,
        by: alarm[by].upper() if by == "Statistic" else alarm[by],
        "Unit": alarm.get("Unit"),
        "Dimensions": [
            {"value": each["Value"], "name": each["Name"]} for each in alarm.get("Dimensions", [])
        ],
        "Period": alarm["Period"],
        **shared,
    }


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
