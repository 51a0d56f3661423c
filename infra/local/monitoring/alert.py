"""A schedule's monitoring alert: whether enough of its last executions found violations, and since when.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-dashboard-monitoring-alerts.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.local.account import Account

Record = dict[str, Any]

ALERT = "monitoring-alert"
NAME = "violations"
"""SageMaker makes one alert for each schedule; the guide does not say what it calls it."""
_EXECUTION = "monitoring-execution"
_FOUND = "CompletedWithViolations"
_SHOWN = {"ModelDashboardIndicator": {"Enabled": True}}


def of(account: Account, schedule: Record) -> Record:
    """Return a schedule's alert: one violation of one execution raises it, until somebody says otherwise."""
    created = schedule["CreationTime"]
    return account.store.get(ALERT, schedule["MonitoringScheduleName"]) or {
        "MonitoringScheduleName": schedule["MonitoringScheduleName"],
        "MonitoringAlertName": NAME,
        "CreationTime": created,
        "LastModifiedTime": created,
        "AlertStatus": "OK",
        "DatapointsToAlert": 1,
        "EvaluationPeriod": 1,
        "Actions": _SHOWN,
        "History": [],
    }


def put(account: Account, schedule: Record, enough: int, period: int) -> None:
    """Let `enough` of the last `period` executions raise a schedule's alert, from the next one on."""
    changed = {
        "DatapointsToAlert": enough,
        "EvaluationPeriod": period,
        "LastModifiedTime": account.clock.now(),
    }
    account.store.put(ALERT, schedule["MonitoringScheduleName"], of(account, schedule) | changed)


def judge(account: Account, schedule: Record) -> None:
    """Bring a schedule's alert up to date with its executions; those that failed found out nothing."""
    name, alert = schedule["MonitoringScheduleName"], of(account, schedule)
    ended = [
        each
        for each in account.store.list(_EXECUTION)
        if each["MonitoringScheduleName"] == name
        and each["MonitoringExecutionStatus"] in {"Completed", _FOUND}
    ]
    ended.sort(key=lambda each: each["ScheduledTime"])
    last = ended[-alert["EvaluationPeriod"] :]
    found = sum(each["MonitoringExecutionStatus"] == _FOUND for each in last)
    status = "InAlert" if found >= alert["DatapointsToAlert"] else "OK"
    if status == alert["AlertStatus"]:
        return
    now = account.clock.now()
    moved = {
        "MonitoringScheduleName": name,
        "MonitoringAlertName": NAME,
        "CreationTime": now,
        "AlertStatus": status,
    }
    history = [*alert["History"], {**moved, "Key": f"{name}/{len(alert['History']):06d}"}]
    account.store.put(
        ALERT, name, alert | {"AlertStatus": status, "LastModifiedTime": now, "History": history}
    )
