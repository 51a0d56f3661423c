"""What tests of updates ask for, see and measure."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError
from hosting_world import Endpoints, until

CANARY = {
    "Type": "CANARY",
    "WaitIntervalInSeconds": 600,
    "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 20},
}


def update(endpoints: Endpoints, name: str, config: str, **request: Any) -> None:
    """Begin an update."""
    endpoints.world.call("UpdateEndpoint", EndpointName=name, EndpointConfigName=config, **request)


def blue_green(routing: dict[str, Any], *alarms: str, keep: int = 0) -> dict[str, Any]:
    """Write a deployment configuration."""
    config: dict[str, Any] = {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": keep}
    }
    if alarms:
        config["AutoRollbackConfiguration"] = {"Alarms": [{"AlarmName": alarm} for alarm in alarms]}
    return config


def alarm(endpoints: Endpoints, name: str, endpoint: str, **request: Any) -> str:
    """Put an alarm on an endpoint, on its errors unless told."""
    rule = {"MetricName": "Invocation5XXErrors", "Statistic": "Sum", "Threshold": 0}
    endpoints.world.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/SageMaker",
        Dimensions=[
            {"Name": "EndpointName", "Value": endpoint},
            {"Name": "VariantName", "Value": "AllTraffic"},
        ],
        Period=10,
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
        **(request or rule),
    )
    return name


def baking(endpoints: Endpoints, name: str, at: float | None = None) -> dict[str, Any]:
    """Wait until a share of the traffic, or any, is being watched, and return what the update tells."""
    found: dict[str, Any] = {}

    def there() -> bool:
        found.update(endpoints.describe(name).get("PendingDeploymentSummary", {}))
        if not found:
            return False
        first = found["ProductionVariants"][0]
        share = first["CurrentWeight"] / first["DesiredWeight"]
        return first["VariantStatus"][0]["Status"] == "Baking" and at in {None, share}

    until(there, lambda: str(endpoints.describe(name)))
    return found


def advance(endpoints: Endpoints, seconds: float) -> None:
    """Let time go by."""
    endpoints.world.account.clock.advance(timedelta(seconds=seconds))


class Load:
    """Clients that ask an endpoint again and again, and remember every answer."""

    def __init__(self, endpoints: Endpoints, name: str, clients: int = 4) -> None:
        self.names: list[str] = []
        self.errors: list[str] = []
        self._over = threading.Event()
        self._ask = lambda: endpoints.ask(name, b"sleep 0.05")["name"]
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]
        for thread in self._threads:
            thread.start()

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                self.names.append(self._ask())
            except ClientError as error:
                self.errors.append(str(error))

    def see(self, name: str, times: int = 5) -> None:
        """Wait until answers of a model came."""
        until(lambda: self.names.count(name) >= times, lambda: f"{self.names[-20:]} {self.errors}")

    def end(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
