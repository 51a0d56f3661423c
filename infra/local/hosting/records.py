"""What an endpoint's record says while it lives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.local.hosting.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from infra.local.hosting.plan import Variant

Record = dict[str, Any]

ENDPOINT = "endpoint"
CONFIG = "endpoint-config"
LONGEST_REASON = 1024

SETTLED = frozenset({"InService", "OutOfService", "Failed", "UpdateRollbackFailed"})
"""Statuses in which nothing is under way."""
STOPPED = (
    "The local SageMaker stopped while the endpoint was being updated; it is back on the old configuration."
)


def at(record: Record, status: str, now: datetime, **changes: object) -> Record:
    """Give a record another status; a member of None is taken out."""
    changed: Record = {**record, **changes, "EndpointStatus": status, "LastModifiedTime": now}
    if changed.get("FailureReason"):
        changed["FailureReason"] = changed["FailureReason"][:LONGEST_REASON]
    return {name: value for name, value in changed.items() if value is not None}


def deployed(plan: Plan, counts: Mapping[str, int], now: datetime) -> Record:
    """Return the members that tell of what an endpoint runs, and let it come back after a restart."""
    return {
        "EndpointConfigName": plan.config,
        "ProductionVariants": [_summary(each, counts.get(each.name, 0), now) for each in plan.variants],
        "DataCaptureConfig": _capture(plan),
        "AsyncInferenceConfig": plan.asynchronous or None,
        "Deployed": plan.record(),
    }


@dataclass(frozen=True)
class Progress:
    """How far an update is.

    Attributes
    ----------
    stage
        ``Creating``, ``ActivatingTraffic`` or ``Baking``.
    share
        Share of the traffic that the new fleet gets, from 0 to 1.
    counts
        Its instances by variant.
    began, now
        When the update began, and what time it is.
    """

    stage: str
    share: float
    counts: Mapping[str, int]
    began: datetime
    now: datetime


def pending(plan: Plan, progress: Progress) -> Record:
    """Return the ``PendingDeploymentSummary`` of a plan that an update is bringing up."""
    traffic = f"{progress.share:.0%} of the traffic"
    status = {"Status": progress.stage, "StatusMessage": traffic, "StartTime": progress.now}
    summaries = [
        {
            **_summary(each, progress.counts.get(each.name, 0), progress.now),
            "CurrentWeight": each.weight * progress.share,
            "VariantStatus": [status],
        }
        for each in plan.variants
    ]
    return {
        "EndpointConfigName": plan.config,
        "ProductionVariants": summaries,
        "StartTime": progress.began,
    }


def plan_of(record: Record) -> Plan:
    """Return what an endpoint runs, with the sizes and weights that it was given since."""
    return Plan.read(record["Deployed"])


def _summary(variant: Variant, count: int, now: datetime) -> Record:
    image = variant.container.image
    return {
        "VariantName": variant.name,
        "DeployedImages": [{"SpecifiedImage": image, "ResolvedImage": image, "ResolutionTime": now}],
        "CurrentWeight": variant.weight,
        "DesiredWeight": variant.weight,
        "CurrentInstanceCount": count,
        "DesiredInstanceCount": variant.count,
    }


def _capture(plan: Plan) -> Record | None:
    if not plan.capture:
        return None
    on = plan.capture.get("EnableCapture", True)
    return {
        "EnableCapture": on,
        "CaptureStatus": "Started" if on else "Stopped",
        "CurrentSamplingPercentage": plan.capture["InitialSamplingPercentage"],
        "DestinationS3Uri": plan.capture["DestinationS3Uri"],
        "KmsKeyId": plan.capture.get("KmsKeyId", ""),
    }
