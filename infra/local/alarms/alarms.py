"""The alarms of an account: put, judged every second, changed, remembered, and heard of."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from infra.local.alarms import wording
from infra.local.alarms.evaluation import EXTRA, Rule, judge
from infra.local.alarms.points import Watched
from infra.local.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra.local.account import Account

    Record = dict[str, Any]

KIND = "alarm"
HISTORY = "alarm-history"
_MOST_HISTORY = 200
_HELD = timedelta(seconds=10)
"""How long a state that was set lasts, as with CloudWatch's alarms on periods below a minute."""
_ACTIONS = {"OK": "OKActions", "ALARM": "AlarmActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}


class Alarms:
    """Every alarm of an account, each a ``MetricAlarm`` of the API; for any thread.

    Alarms are judged by full periods that end now, not by the clock's full minutes, so that a state changes
    within a second of what causes it.

    Parameters
    ----------
    account
        Whose; its clock runs `tick` every second.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._lock = threading.RLock()
        self._alarms: dict[str, Record] = {each["AlarmName"]: each for each in account.store.list(KIND)}
        self._watched = {name: Watched.of(alarm) for name, alarm in self._alarms.items()}
        self._held: dict[str, datetime] = {}
        account.clock.every(1.0, self.tick, "the judging of alarms")

    def all(self) -> list[Record]:
        """Copies of all alarms, by name."""
        with self._lock:
            return [dict(self._alarms[name]) for name in sorted(self._alarms)]

    def states(self, names: Iterable[str]) -> dict[str, str]:
        """States of those of the named alarms that there are."""
        with self._lock:
            return {name: self._alarms[name]["StateValue"] for name in names if name in self._alarms}

    def latest(self, name: str) -> float | None:
        """Return the newest datapoint of an alarm's evaluation periods; None when there is none."""
        with self._lock:
            alarm, watched = self._alarms.get(name), self._watched.get(name)
        if alarm is None or watched is None:
            return None
        end = self._account.clock.now().replace(microsecond=0)
        points = watched.points(self._account.metrics, end, alarm["EvaluationPeriods"])
        return next((value for value in reversed(points) if value is not None), None)

    def put(self, request: Record) -> None:
        """Make an alarm, or change the one of that name, which keeps its state.

        Raises
        ------
        infra.local.errors.AwsError
            ``ValidationError`` for what is wrong or not done here.
        """
        try:
            watched = Watched.of(request)
            Rule.of(request)
        except ValueError as error:
            raise AwsError("ValidationError", str(error)) from None
        now, name = self._account.clock.now(), request["AlarmName"]
        with self._lock:
            old = self._alarms.get(name)
            alarm = {
                "ActionsEnabled": True,
                **{actions: [] for actions in _ACTIONS.values()},
                **request,
                "AlarmArn": self.arn(name),
                "AlarmConfigurationUpdatedTimestamp": now,
                **(_state(old) if old else _first(now)),
            }
            self._watched[name] = watched
            if not old:
                # A second is looked at when it is over: data from just before the alarm are not missing.
                self._held[name] = now + timedelta(seconds=1)
            self._keep(alarm)
            what = "updated" if old else "created"
            self._note(alarm, "ConfigurationUpdate", f'Alarm "{name}" {what}', {"type": what.title()[:-1]})

    def delete(self, names: Iterable[str]) -> None:
        """Forget alarms and their histories; names that are not there are passed over."""
        with self._lock:
            for name in names:
                self._alarms.pop(name, None)
                self._watched.pop(name, None)
                self._held.pop(name, None)
                self._account.store.delete(KIND, name)
                self._account.store.delete(HISTORY, name)

    def enable(self, names: Iterable[str], *, enabled: bool) -> None:
        """Say whether alarms run their actions; names that are not there are passed over."""
        with self._lock:
            for name in names:
                if name in self._alarms:
                    self._keep({**self._alarms[name], "ActionsEnabled": enabled})

    def set_state(self, name: str, state: str, reason: str, data: str | None) -> None:
        """Give an alarm a state, until it is judged again.

        Raises
        ------
        infra.local.errors.AwsError
            ``ResourceNotFound`` or ``InvalidFormat``.
        """
        try:
            json.loads(data or "{}")
        except ValueError:
            raise AwsError("InvalidFormat", "StateReasonData must be JSON.") from None
        with self._lock:
            if name not in self._alarms:
                raise AwsError("ResourceNotFound", f"Alarm {name} does not exist", 404)
            self._held[name] = self._account.clock.now() + _HELD
            self._change(self._alarms[name], state, reason, data or "{}")

    def history(self, name: str | None) -> list[Record]:
        """What happened to an alarm, or to all, oldest first."""
        with self._lock:
            names = sorted(self._alarms) if name is None else [name]
        records = (self._account.store.get(HISTORY, each) for each in names)
        items = [item for record in records if record for item in record["Items"]]
        return sorted(items, key=lambda item: item["Timestamp"])

    def arn(self, name: str) -> str:
        """ARN of an alarm."""
        return f"arn:aws:cloudwatch:{self._account.region}:{self._account.account_id}:alarm:{name}"

    def tick(self) -> None:
        """Judge every alarm whose state was not set a moment ago."""
        now = self._account.clock.now()
        end = now.replace(microsecond=0)
        with self._lock:
            for name, alarm in list(self._alarms.items()):
                if self._held.get(name, now) <= now:
                    self._judge(alarm, end)

    def _judge(self, alarm: Record, end: datetime) -> None:
        rule, watched = Rule.of(alarm), self._watched[alarm["AlarmName"]]
        points = watched.points(self._account.metrics, end, rule.periods + EXTRA)
        old = alarm["StateValue"]
        new = judge(rule, points, old)
        if new != old:
            reason = wording.reason(rule, points, end, watched.period, old, new)
            self._change(alarm, new, reason, wording.reason_data(alarm, rule, points, end, watched.period))

    def _change(self, alarm: Record, state: str, reason: str, data: str) -> None:
        old, now = alarm["StateValue"], self._account.clock.now()
        moved = {} if state == old else {"StateTransitionedTimestamp": now}
        changed = {
            **alarm,
            "StateValue": state,
            "StateReason": reason,
            "StateReasonData": data,
            "StateUpdatedTimestamp": now,
            **moved,
        }
        self._keep(changed)
        if state == old:
            return
        states = {
            "oldState": {"stateValue": old, "stateReason": alarm["StateReason"]},
            "newState": {"stateValue": state, "stateReason": reason},
        }
        self._note(changed, "StateUpdate", f"Alarm updated from {old} to {state}", states)
        if changed["ActionsEnabled"]:
            for action in changed[_ACTIONS[state]]:
                self._act(changed, action, old)

    def _act(self, alarm: Record, action: str, old: str) -> None:
        account = self._account
        if (
            action.split(":")[2] == "sns"
        ):  # scaling policies look at the alarm themselves, as long as it lasts
            text = wording.message(alarm, old, account.account_id, account.region)
            account.topics.publish(action, text, wording.subject(alarm, account.region))
        self._note(alarm, "Action", f"Successfully executed action {action}", {"actionState": "Succeeded"})

    def _keep(self, alarm: Record) -> None:
        self._alarms[alarm["AlarmName"]] = alarm
        self._account.store.put(KIND, alarm["AlarmName"], alarm)

    def _note(self, alarm: Record, kind: str, summary: str, data: Record) -> None:
        name = alarm["AlarmName"]
        item = {
            "AlarmName": name,
            "AlarmType": "MetricAlarm",
            "Timestamp": self._account.clock.now(),
            "HistoryItemType": kind,
            "HistorySummary": summary,
            "HistoryData": json.dumps({"version": "1.0", **data}),
        }
        record = self._account.store.get(HISTORY, name) or {"Items": []}
        self._account.store.put(HISTORY, name, {"Items": [*record["Items"], item][-_MOST_HISTORY:]})


def _first(now: datetime) -> Record:
    return {
        "StateValue": "INSUFFICIENT_DATA",
        "StateReason": "Unchecked: Initial alarm creation",
        "StateUpdatedTimestamp": now,
        "StateTransitionedTimestamp": now,
    }


def _state(alarm: Record) -> Record:
    return {name: value for name, value in alarm.items() if name.startswith("State")}
