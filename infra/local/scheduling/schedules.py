"""Schedules that fire: once for each due moment, and once for all that were slept through."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from infra.local.errors import validation
from infra.local.scheduling import expressions

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.scheduling.expressions import Expression

Record = dict[str, Any]

SCHEDULE = "schedule"
GROUP = "schedule-group"
DEFAULT = "default"
_SECONDS = 0.5


class Schedules:
    """Fires the schedules of an account on the clock's ticks.

    The next due moment is part of a schedule's record, and moves on in one change with the delivery that the
    moment causes: a server that is killed between loses neither and repeats neither.

    Parameters
    ----------
    account
        Whose.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._due: dict[str, datetime] = {}
        self.reread()
        account.clock.every(_SECONDS, self.tick, "schedules")

    def reread(self) -> None:
        """Go by the schedules that are in the store now."""
        self._due = {
            key(each["GroupName"], each["Name"]): each["Invoke"]
            for each in self._account.store.list(SCHEDULE)
            if each["State"] == "ENABLED" and each.get("Invoke")
        }

    def tick(self) -> None:
        """Fire what is due."""
        now = self._account.clock.now()
        due = [name for name, moment in list(self._due.items()) if moment <= now]
        for name in due:
            self._fire(name, now)
        if due:
            self.reread()

    def _fire(self, name: str, now: datetime) -> None:
        store = self._account.store
        with store.together():
            schedule = store.get(SCHEDULE, name)
            # Somebody may have changed or removed it since it was read.
            if not schedule or schedule["State"] != "ENABLED" or not _is_due(schedule, now):
                return
            expression = read(schedule)
            moment = max(schedule["Next"], expression.last(now) or schedule["Next"])
            later = next_due(schedule, expression, max(now, moment))
            if later["Next"] is None and schedule["ActionAfterCompletion"] == "DELETE":
                store.delete(SCHEDULE, name)
            else:
                store.put(SCHEDULE, name, schedule | later)
            self._hand(schedule, moment)

    def _hand(self, schedule: Record, moment: datetime) -> None:
        execution = hashlib.sha256(f"{schedule['Arn']} {moment.isoformat()}".encode()).hexdigest()[:32]
        scheduled = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        known = {
            "<aws.scheduler.schedule-arn>": schedule["Arn"],
            "<aws.scheduler.scheduled-time>": scheduled,
            "<aws.scheduler.execution-id>": execution,
            "<aws.scheduler.attempt-number>": "1",
        }
        body = schedule["Target"].get("Input", "")
        for word, meaning in known.items():
            body = body.replace(word, meaning)
        about = {
            "OriginArn": schedule["Arn"],
            "Namespace": "AWS/Scheduler",
            "Dimensions": {"ScheduleGroup": schedule["GroupName"]},
            "Told": {
                "SCHEDULE_ARN": schedule["Arn"],
                "SCHEDULED_TIME": scheduled,
                "EXECUTION_ID": execution,
                "IS_PAYLOAD_TRUNCATED": "false",
            },
        }
        self._account.courier.hand(schedule["Target"], body, about)


def key(group: str, name: str) -> str:
    """Return a schedule's name in the store."""
    return f"{group}/{name}"


def read(schedule: Record) -> Expression:
    """Read a schedule's expression.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException``.
    """
    text = schedule["ScheduleExpression"]
    start = schedule.get("StartDate") or schedule["LastModificationDate"]
    try:
        return expressions.parse(text, schedule["ScheduleExpressionTimezone"], start)
    except ValueError as error:
        raise validation(f"Invalid Schedule Expression {text}: {error}.") from None


def next_due(schedule: Record, expression: Expression, moment: datetime) -> Record:
    """Return ``Next``, the first due moment after one, and ``Invoke``, when within its window it is fired.

    Both are ``None`` when the schedule has come to its end.
    """
    start = schedule.get("StartDate")
    if start and not schedule["ScheduleExpression"].startswith("at(") and moment < start:
        moment = start - timedelta(microseconds=1)
    due = expression.after(moment)
    end = schedule.get("EndDate")
    if due is None or (end and due > end and not schedule["ScheduleExpression"].startswith("at(")):
        return {"Next": None, "Invoke": None}
    window = schedule["FlexibleTimeWindow"]
    minutes = window["MaximumWindowInMinutes"] if window["Mode"] == "FLEXIBLE" else 0
    # Spread over the window, but the same whoever computes it.
    seed = hashlib.sha256(f"{schedule['Name']} {due.isoformat()}".encode()).digest()
    share = int.from_bytes(seed[:4]) / 2**32
    return {"Next": due, "Invoke": due + timedelta(minutes=minutes * share)}


def _is_due(schedule: Record, now: datetime) -> bool:
    return bool(schedule.get("Invoke")) and schedule["Invoke"] <= now
