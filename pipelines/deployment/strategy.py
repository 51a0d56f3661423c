"""How traffic moves from one fleet to the next.

https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from pipelines.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind = Literal["canary", "linear", "all-at-once", "rolling"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_START_SECONDS = 3600
"""What an update may take besides its waits: instances have to be found and started."""


@dataclass(frozen=True)
class Strategy:
    """One way of moving traffic.

    Attributes
    ----------
    kind
        ``canary``: a part first, then the rest. ``linear``: in equal parts. ``all-at-once``: everything after
        the new fleet is warm. ``rolling``: instance by instance, without a second fleet.
    percent
        The part of the fleet that goes first, 1 to 50; also a linear or rolling update's every part.
    wait_seconds
        For how long the alarms are watched after each part, 0 to 3600.
    """

    kind: Kind
    percent: int
    wait_seconds: int

    def __str__(self) -> str:
        return self.kind if self.kind == "all-at-once" else f"{self.kind} {self.percent} %"

    def check(self, instances: int) -> None:
        """See whether a fleet can be moved so.

        Raises
        ------
        UsageError
            Where SageMaker would refuse it.
        """
        least = 10 if self.kind == "linear" else 5 if self.kind == "rolling" else 1
        if self.kind != "all-at-once" and not least <= self.percent <= 50:
            raise UsageError(f"{self.percent} % at a time: {self.kind} takes {least} to 50")
        if not 0 <= self.wait_seconds <= 3600:
            raise UsageError(f"--wait {self.wait_seconds}: SageMaker takes 0 to 3600 seconds")
        if self.kind != "all-at-once" and instances < 2:
            raise UsageError(
                f"{self.kind} needs two instances and the fleet has {instances}: --strategy all-at-once, "
                "or set the SSM parameter /bestiary/deploy/instance-count"
            )

    def deployment_config(self, alarms: Sequence[str]) -> dict[str, Any]:
        """Return UpdateEndpoint's ``DeploymentConfig``; the named alarms take the update back."""
        policy = self._rolling() if self.kind == "rolling" else self._blue_green()
        rollback = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]}}
        return {**policy, **(rollback if alarms else {})}

    def _rolling(self) -> dict[str, Any]:
        return {
            "RollingUpdatePolicy": {
                "MaximumBatchSize": self._size,
                "WaitIntervalInSeconds": self.wait_seconds,
                "MaximumExecutionTimeoutInSeconds": self._timeout,
            }
        }

    def _blue_green(self) -> dict[str, Any]:
        routing: dict[str, Any] = {
            "Type": self.kind.upper().replace("-", "_"),
            "WaitIntervalInSeconds": self.wait_seconds,
        }
        if self.kind == "canary":
            routing["CanarySize"] = self._size
        if self.kind == "linear":
            routing["LinearStepSize"] = self._size
        return {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": routing,
                "TerminationWaitInSeconds": self.wait_seconds,
                "MaximumExecutionTimeoutInSeconds": self._timeout,
            }
        }

    @property
    def _size(self) -> dict[str, Any]:
        return {"Type": "CAPACITY_PERCENT", "Value": self.percent}

    @property
    def _timeout(self) -> int:
        parts = 2 if self.kind in ("canary", "all-at-once") else math.ceil(100 / self.percent) + 1
        return min(28800, _START_SECONDS + parts * self.wait_seconds)
