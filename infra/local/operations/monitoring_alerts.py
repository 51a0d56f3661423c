"""Monitoring alerts: list, update, and what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.local import projection
from infra.local.errors import not_found, validation
from infra.local.listing import Fields, page
from infra.local.monitoring import alert
from infra.local.monitoring.monitor import SCHEDULE
from infra.local.operations import operation

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.operations import Document

_HISTORY = Fields("Key", "MonitoringAlertName", "AlertStatus")
_ALERTS = Fields("MonitoringScheduleName", "MonitoringAlertName")


@operation("sagemaker", "ListMonitoringAlerts")
def list_monitoring_alerts(account: Account, request: Document) -> Document:
    """List a schedule's alerts: there is one."""
    found, token = page([alert.of(account, _schedule(account, request))], request, _ALERTS)
    return projection.listed("ListMonitoringAlerts", found, token)


@operation("sagemaker", "UpdateMonitoringAlert")
def update_monitoring_alert(account: Account, request: Document) -> Document:
    """Say how many of how many executions have to find violations."""
    schedule, name = _schedule(account, request), request["MonitoringAlertName"]
    if name != alert.NAME:
        raise not_found(f"Monitoring alert {name} not found")
    if request["DatapointsToAlert"] > request["EvaluationPeriod"]:
        raise validation("DatapointsToAlert must not be greater than EvaluationPeriod.")
    alert.put(account, schedule, request["DatapointsToAlert"], request["EvaluationPeriod"])
    return {"MonitoringScheduleArn": schedule["MonitoringScheduleArn"], "MonitoringAlertName": name}


@operation("sagemaker", "ListMonitoringAlertHistory")
def list_monitoring_alert_history(account: Account, request: Document) -> Document:
    """List the changes of alerts' states, the newest first unless told."""
    wanted = request.get("MonitoringScheduleName"), request.get("MonitoringAlertName")
    known = [
        moved
        for each in account.store.list(alert.ALERT)
        for moved in each["History"]
        if wanted[0] in {None, moved["MonitoringScheduleName"]}
        and wanted[1] in {None, moved["MonitoringAlertName"]}
    ]
    found, token = page(known, request, _HISTORY, order="Descending")
    return projection.listed("ListMonitoringAlertHistory", found, token)


def _schedule(account: Account, request: Document) -> Document:
    schedule = account.store.get(SCHEDULE, request["MonitoringScheduleName"])
    if schedule is None:
        raise not_found(f"Monitoring Schedule {request['MonitoringScheduleName']} not found")
    return schedule
