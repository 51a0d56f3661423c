"""Looks at every policy's alarms and changes the number of instances."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from infra.local.autoscaling import records, steps, tracking
from infra.local.autoscaling.records import ACTIVITY, POLICY, TARGET
from infra.local.errors import AwsError

if TYPE_CHECKING:
    from infra.local.account import Account

Record = dict[str, Any]


class Scaler:
    """Application Auto Scaling of one account.

    Parameters
    ----------
    account
        Whose; its clock runs `tick` every second.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        account.clock.every(1.0, self.tick, "the scaling of endpoints")

    def tick(self) -> None:
        """Obey every policy that has an alarm, and keep every target within its limits."""
        targets = {target["ResourceId"]: target for target in self._account.store.list(TARGET)}
        for target in targets.values():
            current = self._current(target)
            if current is not None and not target["MinCapacity"] <= current <= target["MaxCapacity"]:
                self._scale(target, current, current, "minimum or maximum capacity was changed")
        for policy in self._account.store.list(POLICY) if targets else ():
            if policy["ResourceId"] in targets:
                self._obey(targets[policy["ResourceId"]], policy)

    def _obey(self, target: Record, policy: Record) -> None:
        current = self._current(target)
        if current is None:
            return
        for alarm in self._account.alarms.all():
            if policy["PolicyARN"] not in alarm["AlarmActions"] or not alarm["ActionsEnabled"]:
                continue
            value = self._account.alarms.latest(alarm["AlarmName"])
            if alarm["StateValue"] != "ALARM" or value is None:
                continue
            wanted = _wanted(policy, current, alarm, value)
            wanted = min(max(wanted, target["MinCapacity"]), target["MaxCapacity"])
            if (
                wanted == current
                or self._cools(policy, out=wanted > current)
                or _suspended(target, wanted > current)
            ):
                continue
            cause = (
                f"monitor alarm {alarm['AlarmName']} in state ALARM triggered policy {policy['PolicyName']}"
            )
            if self._scale(target, current, wanted, cause):
                last = "LastOut" if wanted > current else "LastIn"
                changed = {**policy, last: self._account.clock.now()}
                self._account.store.put(POLICY, records.policy_name(policy), changed)
            return

    def _current(self, target: Record) -> int | None:
        """Number of instances that is wanted now; None while it cannot be changed."""
        found = records.variant(self._account, records.place(target))
        return None if found is None else int(found["DesiredInstanceCount"])

    def _cools(self, policy: Record, *, out: bool) -> bool:
        """Say whether it is too early: after scaling out for more of it, after any scaling for scaling in."""
        last = [policy[name] for name in ("LastOut", *(() if out else ("LastIn",))) if name in policy]
        pause = timedelta(seconds=_cooldown(policy, out=out))
        return bool(last) and self._account.clock.now() < max(last) + pause

    def _scale(self, target: Record, current: int, wanted: int, cause: str) -> bool:
        wanted = min(max(wanted, target["MinCapacity"]), target["MaxCapacity"])
        resource, began = records.place(target), self._account.clock.now()
        change = [{"VariantName": resource.variant, "DesiredInstanceCount": wanted}]
        request = {"EndpointName": resource.endpoint, "DesiredWeightsAndCapacities": change}
        try:
            self._account.call("UpdateEndpointWeightsAndCapacities", request)
            said = f"Successfully set desired instance count to {wanted}."
            ended = {
                "StatusCode": "Successful",
                "StatusMessage": f"{said} Change successfully fulfilled by sagemaker.",
            }
        except AwsError as error:
            ended = {"StatusCode": "Failed", "StatusMessage": error.message}
        activity = {
            "ActivityId": str(uuid4()),
            **{name: target[name] for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")},
            "Description": f"Setting desired instance count to {wanted}.",
            "Cause": f"{cause} (it was {current})",
            "StartTime": began,
            "EndTime": self._account.clock.now(),
            **ended,
        }
        self._account.store.create(ACTIVITY, activity["ActivityId"], activity)
        return ended["StatusCode"] == "Successful"


def _wanted(policy: Record, current: int, alarm: Record, value: float) -> int:
    if config := policy.get("TargetTrackingScalingPolicyConfiguration"):
        found = tracking.desired(config, current, value)
        # The alarm above the target only adds instances, the one below it only takes some away.
        above = alarm["ComparisonOperator"] == "GreaterThanThreshold"
        return max(current, found) if above else min(current, found)
    return steps.desired(policy["StepScalingPolicyConfiguration"], current, value - alarm["Threshold"])


def _cooldown(policy: Record, *, out: bool) -> int:
    if config := policy.get("TargetTrackingScalingPolicyConfiguration"):
        return tracking.cooldown(config, out=out)
    return int(policy["StepScalingPolicyConfiguration"].get("Cooldown", steps.COOLDOWN))


def _suspended(target: Record, out: bool) -> bool:  # noqa: FBT001 - which of two members
    member = "DynamicScalingOutSuspended" if out else "DynamicScalingInSuspended"
    return bool(target.get("SuspendedState", {}).get(member))
