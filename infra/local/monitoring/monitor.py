"""Monitoring schedules that run: by the account's clock, each due time once."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from infra.local.errors import AwsError
from infra.local.jobs.failures import cut
from infra.local.jobs.records import PROCESSING, TERMINAL
from infra.local.monitoring import alert, definitions, windows
from infra.local.monitoring.job import NothingToMonitorError, job_name, request

if TYPE_CHECKING:
    from infra.local.account import Account

Record = dict[str, Any]

SCHEDULE = "monitoring-schedule"
EXECUTION = "monitoring-execution"
PENDING = "Pending"
_VIOLATIONS = "CompletedWithViolations"
_SECONDS = 0.5
_log = logging.getLogger(__name__)


class Monitor:
    """Runs the monitoring schedules of an account on the clock's ticks.

    A due time becomes an execution in one change with the schedule's next one; its job has a name that
    follows from the two. So a server that is killed anywhere between runs it once. Of several that were slept
    through, the last one is run.

    Parameters
    ----------
    account
        Whose.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        # When there is next anything to do; None while all that there is waits for a change.
        self._look: datetime | None = account.clock.now()
        account.store.watch(PROCESSING, partial(_ended, account))
        for kind in (SCHEDULE, EXECUTION):
            account.store.watch(kind, self._noticed)
        for record in account.store.list(EXECUTION):
            if record["MonitoringExecutionStatus"] in {PENDING, "InProgress"}:
                self._take_up(record)
        account.clock.every(_SECONDS, self.tick, "monitoring schedules")

    def tick(self) -> None:
        """Make executions of what is due, and start their jobs."""
        now = self._account.clock.now()
        if self._look is None or self._look > now:
            return
        self._look = None
        for schedule in self._account.store.list(SCHEDULE):
            due = schedule.get("Next")
            if schedule["MonitoringScheduleStatus"] == "Scheduled" and due:
                if due <= now:
                    self._due(schedule["MonitoringScheduleName"], now)
                else:
                    self._look = min(self._look or due, due)
        for execution in self._account.store.list(EXECUTION):
            if execution["MonitoringExecutionStatus"] == PENDING:
                self._start(execution)

    def _noticed(self, before: Record | None, after: Record) -> None:  # noqa: ARG002 - a watcher's signature
        self._look = self._account.clock.now()

    def _due(self, name: str, now: datetime) -> None:
        store = self._account.store
        with store.together():
            schedule = store.get(SCHEDULE, name)
            if (
                not schedule
                or schedule["MonitoringScheduleStatus"] != "Scheduled"
                or not schedule.get("Next")
            ):
                return
            expression = windows.expression(expression_of(schedule))
            due = max(schedule["Next"], expression.last(now) or schedule["Next"]) if expression else now
            store.put(SCHEDULE, name, schedule | {"Next": expression.after(now) if expression else None})
            store.create(EXECUTION, f"{name}/{job_name(schedule, due)}", made(schedule, due, now))

    def _start(self, execution: Record) -> None:
        account, name = self._account, execution["MonitoringScheduleName"]
        schedule = account.store.get(SCHEDULE, name)
        if schedule is None:
            return
        try:
            config = schedule["MonitoringScheduleConfig"]
            definition = definitions.of(account, config)
            inputs = definitions.endpoint_input(definition)
            window = windows.window(config["ScheduleConfig"], inputs, execution["ScheduledTime"])
            asked = request(account, schedule, definition, window, execution["ScheduledTime"])
            with account.store.together():
                arn = account.arn(PROCESSING, asked["ProcessingJobName"])
                change(
                    account, execution, {"MonitoringExecutionStatus": "InProgress", "ProcessingJobArn": arn}
                )
                account.call("CreateProcessingJob", asked)
                mark = {
                    "MonitoringScheduleArn": schedule["MonitoringScheduleArn"],
                }
                account.store.update(PROCESSING, asked["ProcessingJobName"], lambda job: job | mark)
        except (NothingToMonitorError, AwsError) as error:
            failed = {"MonitoringExecutionStatus": "Failed", "FailureReason": cut(str(error))}
            change(account, execution, failed)

    def _take_up(self, execution: Record) -> None:
        """Note how a job ended that this server did not see end."""
        arn = execution.get("ProcessingJobArn")
        job = self._account.store.get(PROCESSING, arn.rpartition("/")[2]) if arn else None
        if job:
            _ended(self._account, None, job)


def expression_of(schedule: Record) -> str:
    """Return a schedule's expression."""
    return str(schedule["MonitoringScheduleConfig"]["ScheduleConfig"]["ScheduleExpression"])


def first_due(config: Record, now: datetime) -> datetime | None:
    """Return when a schedule is first due after it was made, changed or started."""
    expression = windows.expression(config["ScheduleConfig"]["ScheduleExpression"])
    return expression.after(now) if expression else now - timedelta(microseconds=1)


def made(schedule: Record, due: datetime, now: datetime) -> Record:
    """Return the record of an execution whose job is to be started."""
    shared = ("MonitoringScheduleName", "EndpointName", "MonitoringType")
    config = schedule["MonitoringScheduleConfig"]
    named = {"MonitoringJobDefinitionName": config.get("MonitoringJobDefinitionName")}
    return {
        **{member: schedule[member] for member in shared if member in schedule},
        **{member: value for member, value in named.items() if value},
        "Key": f"{schedule['MonitoringScheduleName']}/{job_name(schedule, due)}",
        "ScheduledTime": due,
        "CreationTime": now,
        "LastModifiedTime": now,
        "MonitoringExecutionStatus": PENDING,
    }


def change(account: Account, execution: Record, fields: Record) -> None:
    """Change an execution's record."""
    changed = fields | {"LastModifiedTime": account.clock.now()}
    account.store.update(EXECUTION, execution["Key"], lambda known: known | changed)


def _ended(account: Account, before: Record | None, job: Record) -> None:  # noqa: ARG001 - a watcher's signature
    """Give an execution the status that its job has come to."""
    status = job["ProcessingJobStatus"]
    if status not in TERMINAL or "MonitoringScheduleArn" not in job:
        return
    key = f"{job['MonitoringScheduleArn'].rpartition('/')[2]}/{job['ProcessingJobName']}"
    execution = account.store.get(EXECUTION, key)
    if execution is None:
        return
    found = status == "Completed" and job.get("ExitMessage", "").startswith(_VIOLATIONS)
    reason = {"FailureReason": job["FailureReason"]} if "FailureReason" in job else {}
    change(account, execution, {"MonitoringExecutionStatus": _VIOLATIONS if found else status, **reason})
    schedule = account.store.get(SCHEDULE, execution["MonitoringScheduleName"])
    if schedule:
        alert.judge(account, schedule)
