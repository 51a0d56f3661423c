"""How an update moves the traffic: a ``DeploymentConfig``, checked as SageMaker checks it.

https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, takewhile
from typing import TYPE_CHECKING, Any

from infra.local.errors import validation

if TYPE_CHECKING:
    from infra.local.hosting.plan import Plan

Document = dict[str, Any]

_LONGEST_SECONDS = 28_800
_COUNT = "INSTANCE_COUNT"


@dataclass(frozen=True)
class Policy:
    """What an update does, one thing after the other.

    Attributes
    ----------
    shares
        Shares of the traffic, from 0 to 1, that the new fleet gets in turn; empty for a rolling update.
    wait
        How long each share is watched before the next; the last is watched for `termination`.
    termination
        How long the old fleet is kept when the new one has all of the traffic.
    longest
        How long the update may take in all.
    alarms
        Names of the alarms that turn it back.
    batch, back
        Shares of the instances that a rolling update replaces at a time, and puts back at a time.
    """

    shares: tuple[float, ...] = (1.0,)
    wait: timedelta = timedelta()
    termination: timedelta = timedelta()
    longest: timedelta = timedelta(seconds=_LONGEST_SECONDS)
    alarms: tuple[str, ...] = ()
    batch: float = 0.0
    back: float = 1.0


def of(config: Document, plan: Plan) -> Policy:
    """Read a ``DeploymentConfig``; an empty one moves all traffic at once.

    Parameters
    ----------
    config
        As the request has it.
    plan
        What is to be deployed: sizes are relative to its instances.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` for what SageMaker would not take.
    """
    alarms = tuple(
        alarm.get("AlarmName", "") for alarm in config.get("AutoRollbackConfiguration", {}).get("Alarms", [])
    )
    if "" in alarms:
        raise validation("Each of the Alarms of AutoRollbackConfiguration needs an AlarmName.")
    if "BlueGreenUpdatePolicy" in config and "RollingUpdatePolicy" in config:
        raise validation("Give BlueGreenUpdatePolicy or RollingUpdatePolicy, not both.")
    if rolling := config.get("RollingUpdatePolicy"):
        return _rolling(rolling, plan, alarms)
    if blue_green := config.get("BlueGreenUpdatePolicy"):
        return _blue_green(blue_green, plan, alarms)
    return Policy(alarms=alarms)


def _blue_green(config: Document, plan: Plan, alarms: tuple[str, ...]) -> Policy:
    routing = config["TrafficRoutingConfiguration"]
    kind = routing["Type"]
    wait = timedelta(seconds=routing["WaitIntervalInSeconds"])
    if kind == "CANARY":
        shares: tuple[float, ...] = (_size(routing, "CanarySize", plan), 1.0)
    elif kind == "LINEAR":
        step = _size(routing, "LinearStepSize", plan)
        shares = (*takewhile(lambda share: share < 0.999, (step * each for each in count(1))), 1.0)
    else:
        shares = (1.0,)
    for given, of_kind in (("CanarySize", "CANARY"), ("LinearStepSize", "LINEAR")):
        if given in routing and kind != of_kind:
            raise validation(f"{given} is for traffic routing of type {of_kind}, not {kind}.")
    policy = Policy(
        shares=shares,
        wait=wait,
        termination=timedelta(seconds=config.get("TerminationWaitInSeconds", 0)),
        longest=_longest(config),
        alarms=alarms,
    )
    _check_time(policy, wait * (len(shares) - 1) + policy.termination)
    return policy


def _rolling(config: Document, plan: Plan, alarms: tuple[str, ...]) -> Policy:
    batch = _size(config, "MaximumBatchSize", plan, least=0.05)
    back = config.get("RollbackMaximumBatchSize")
    policy = Policy(
        shares=(),
        wait=timedelta(seconds=config["WaitIntervalInSeconds"]),
        longest=_longest(config),
        alarms=alarms,
        batch=batch,
        back=_share(back, plan) if back else 1.0,
    )
    _check_time(policy, policy.wait * math.ceil(1 / batch))
    return policy


def _longest(config: Document) -> timedelta:
    return timedelta(seconds=config.get("MaximumExecutionTimeoutInSeconds", _LONGEST_SECONDS))


def _check_time(policy: Policy, waits: timedelta) -> None:
    if waits > policy.longest:
        raise validation(
            f"The update waits for {waits.total_seconds():.0f} s in all, longer than "
            f"MaximumExecutionTimeoutInSeconds ({policy.longest.total_seconds():.0f})."
        )


def _size(config: Document, member: str, plan: Plan, least: float = 0.0) -> float:
    """Read a size of at most half of the instances, and of `least` at least, as a share."""
    if member not in config:
        raise validation(f"{member} is required for this type of update.")
    if any(variant.count < 2 for variant in plan.variants):
        raise validation(
            f"{member} moves a part of the traffic, which needs at least 2 instances in every variant of "
            f"endpoint configuration {plan.config}."
        )
    share = _share(config[member], plan)
    if not least <= share <= 0.5:
        raise validation(
            f"{member} must be {f'from {least:.0%} to' if least else 'at most'} 50 % of the variant's total "
            f"instance count, not {share:.0%}."
        )
    return share


def _share(size: Document, plan: Plan) -> float:
    if size["Type"] == _COUNT:
        return min(1.0, float(size["Value"]) / min(max(1, variant.count) for variant in plan.variants))
    return float(size["Value"]) / 100
