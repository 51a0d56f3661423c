"""One UpdateEndpoint: a new fleet beside the old one, traffic moved by a policy, and back if need be."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from infra.local.hosting import records
from infra.local.hosting.errors import StartError, StoppedError
from infra.local.hosting.records import Progress
from infra.local.hosting.traffic import Route

if TYPE_CHECKING:
    from infra.local.hosting.endpoint import Endpoint
    from infra.local.hosting.fleet import Fleet
    from infra.local.hosting.plan import Plan
    from infra.local.hosting.policy import Policy

_LOOK = timedelta(seconds=0.2)
_BACK = timedelta(seconds=60)
"""How long a fleet that is to take the traffic back may take to have an instance that can."""


class _RollbackError(Exception):
    """The update is not to go on; the message is why."""


class Update:
    """Takes an endpoint from what it runs to another plan.

    Parameters
    ----------
    endpoint
        Which one; it serves.
    plan
        What it is to run.
    policy
        How its traffic is moved.
    config
        The ``DeploymentConfig``, which the endpoint's description shows when all went well.
    """

    def __init__(self, endpoint: Endpoint, plan: Plan, policy: Policy, config: dict[str, Any]) -> None:
        if endpoint.fleet is None:
            raise StoppedError
        self._endpoint = endpoint
        self._clock = endpoint.account.clock
        self._old = endpoint.fleet
        self._new = endpoint.new_fleet(plan)
        self._policy = policy
        self._config = config
        self._began = self._clock.now()
        self._status = "Updating"

    def run(self) -> None:
        """Update, and leave the endpoint in service on one plan or the other."""
        try:
            if self._policy.shares:
                self._shift()
            else:
                self._roll()
        except (StartError, _RollbackError) as error:
            self._back(str(error))
            return
        self._endpoint.serve(self._new)
        self._endpoint.retire_all_but(self._new)
        self._endpoint.deployed("InService", LastDeploymentConfig=self._config or None)

    def _shift(self) -> None:
        """Bring up all of the new fleet, then give it more and more of the traffic."""
        self._tell(0.0, "Creating")
        self._new.grow({each.name: each.count for each in self._new.plan.variants}, self._endpoint.interrupt)
        *steps, last = self._policy.shares
        for share in steps:
            self._route(share)
            self._bake(share, self._policy.wait)
        self._route(last)
        self._bake(last, self._policy.termination)

    def _roll(self) -> None:
        """Replace a batch of instances after the other; the traffic moves with them."""
        wanted = {each.name: each.count for each in self._new.plan.variants}
        before = self._old.counts()
        share = 0.0
        while share < 1.0:
            self._tell(share, "Creating")
            self._new.grow(_batch(self._new.counts(), wanted, self._policy.batch), self._endpoint.interrupt)
            share = _progress(self._new.counts(), wanted)
            self._route(share)
            self._bake(share, self._policy.wait)
            self._shrink(
                self._old, {name: math.floor(round(size * (1 - share), 6)) for name, size in before.items()}
            )

    def _back(self, reason: str) -> None:
        """Give the traffic back to the old fleet and end the new one."""
        self._status = "RollingBack"
        self._endpoint.change(self._status, FailureReason=reason)
        try:
            self._restore()
        except (StartError, _RollbackError) as error:
            if not self._old.is_ready() and self._new.is_ready():
                self._endpoint.serve(self._new)
            self._endpoint.change(
                "UpdateRollbackFailed",
                FailureReason=f"{reason} The rollback failed too: {error}",
                PendingDeploymentSummary=None,
            )
            return
        self._endpoint.serve(self._old)
        self._endpoint.retire_all_but(self._old)
        self._endpoint.deployed("InService", FailureReason=reason)

    def _restore(self) -> None:
        """Have the old fleet whole, batch by batch if the update had ended some of it, and able to answer."""
        wanted = {each.name: each.count for each in self._old.plan.variants}
        while missing := _batch(self._old.counts(), wanted, self._policy.back):
            self._old.grow(missing, self._endpoint.interrupt)
            self._route(1 - _progress(self._old.counts(), wanted))
        until = self._clock.now() + _BACK
        while not self._old.is_ready():
            if self._clock.now() > until:
                raise _RollbackError(
                    f"no instance of the old configuration {self._old.plan.config} can be asked any more."
                )
            self._sleep(self._clock.now() + _LOOK)

    def _shrink(self, fleet: Fleet, to: dict[str, int]) -> None:
        for name, size in to.items():
            pool = fleet.pools[name]
            surplus = pool.instances[size:]
            self._endpoint.withdraw(fleet, pool, surplus)

    def _route(self, share: float) -> None:
        self._endpoint.traffic.route([Route(self._old, 1 - share), Route(self._new, share)])
        self._tell(share, "ActivatingTraffic")

    def _bake(self, share: float, wait: timedelta) -> None:
        """Watch the alarms for a while."""
        until = self._clock.now() + wait
        self._tell(share, "Baking")
        self._check()
        while self._clock.now() < until:
            self._sleep(min(until, self._clock.now() + _LOOK))
            self._check()

    def _check(self) -> None:
        """Raise when an alarm went off or the update takes too long."""
        states = self._endpoint.account.alarms.states(self._policy.alarms)
        if tripped := [name for name, state in states.items() if state == "ALARM"]:
            raise _RollbackError(
                f"{self._what()}: alarm {', '.join(tripped)} went to ALARM ({self._reasons(tripped)})."
            )
        if self._clock.now() - self._began > self._policy.longest:
            raise _RollbackError(
                f"{self._what()}: it took longer than MaximumExecutionTimeoutInSeconds "
                f"({self._policy.longest.total_seconds():.0f})."
            )

    def _what(self) -> str:
        return f"The update to {self._new.plan.config} was rolled back to {self._old.plan.config}"

    def _reasons(self, names: list[str]) -> str:
        alarms = self._endpoint.account.alarms.all()
        return "; ".join(str(each.get("StateReason")) for each in alarms if each["AlarmName"] in names)

    def _sleep(self, until: datetime) -> None:
        if self._clock.sleep_until(until, self._endpoint.interrupt):
            raise StoppedError

    def _tell(self, share: float, stage: str) -> None:
        """Show in the endpoint's description what the update is at."""
        progress = Progress(stage, share, self._new.counts(), self._began, self._clock.now())
        summary = records.pending(self._new.plan, progress)
        self._endpoint.change(self._status, PendingDeploymentSummary=summary)


def _batch(have: dict[str, int], wanted: dict[str, int], share: float) -> dict[str, int]:
    """Return how many instances of each variant come next; empty when all are there."""
    left = {name: size - have.get(name, 0) for name, size in wanted.items()}
    return {
        name: min(missing, max(1, math.floor(wanted[name] * share)))
        for name, missing in left.items()
        if missing > 0
    }


def _progress(have: dict[str, int], wanted: dict[str, int]) -> float:
    return min((have[name] / size for name, size in wanted.items() if size), default=1.0)
