"""What an update is doing, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.deployment.endpoint import Endpoint
    from pipelines.deployment.planning import Plan

_ORDER = ("Baking", "ActivatingTraffic", "Creating", "Deleting")
"""Where two fleets are at different things, the one that matters more."""


def line(plan: Plan, endpoint: Endpoint) -> str:
    """Say what the endpoint is doing for a plan."""
    version = f"version {plan.version.version}"
    if plan.cancels:
        return f"taking the update back: {version} stays"
    if endpoint.status == "RollingBack":
        return f"going back to version {plan.from_version}"
    if endpoint.status == "Creating":
        return f"starting {plan.served.endpoint} with {version}"
    if endpoint.status == "Deleting":
        return f"removing {plan.served.endpoint}, which failed"
    doing = {stage.status: stage.message for stage in reversed(endpoint.stages)}
    if not plan.wait_seconds:
        doing.pop("Baking", None)
    status = next((status for status in _ORDER if status in doing), "")
    said = {
        "Creating": f"warming the new fleet for {version}",
        "ActivatingTraffic": f"moving traffic to {version} ({plan.strategy})",
        "Baking": f"watching the alarms for {plan.wait_seconds} s",
        "Deleting": "ending the old fleet",
    }.get(status, "")
    message = doing.get(status, "")
    return f"{said} ({message})" if said and message else said
