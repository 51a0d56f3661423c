"""What CloudWatch is told of asynchronous endpoints, in namespace ``AWS/SageMaker``.

https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.local.hosting.outcomes import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from infra.local.account import Account
    from infra.local.asynchronous.outcome import Outcome
    from infra.local.asynchronous.request import AsyncRequest


def measure(
    account: Account, endpoint: dict[str, Any], waiting: Sequence[AsyncRequest], under_way: int
) -> None:
    """Tell of a queue.

    Parameters
    ----------
    account
        Where it is.
    endpoint
        The endpoint's record.
    waiting
        Requests that no instance has yet, the oldest first.
    under_way
        Number of requests that instances have.
    """
    variants = endpoint.get("ProductionVariants", [])
    instances = sum(variant.get("CurrentInstanceCount", 0) for variant in variants)
    size = len(waiting) + under_way
    age = (account.clock.now() - waiting[0].received).total_seconds() if waiting else 0.0
    values = (
        ("ApproximateBacklogSize", float(size), "Count"),
        ("ApproximateBacklogSizePerInstance", size / max(1, instances), "Count"),
        ("HasBacklogWithoutCapacity", float(bool(waiting) and not instances), "Count"),
        ("ApproximateAgeOfOldestRequest", age, "Seconds"),
    )
    dimensions = {"EndpointName": endpoint["EndpointName"]}
    for name, value, unit in values:
        account.metrics.put(NAMESPACE, name, value, dimensions, unit)


def count(account: Account, request: AsyncRequest, outcome: Outcome, began: datetime) -> None:
    """Tell of a request that has ended; times in milliseconds."""
    dimensions = {"EndpointName": request.endpoint}
    now = account.clock.now()
    waited = (began - request.received).total_seconds() * 1000
    whole = (now - request.received).total_seconds() * 1000
    account.metrics.put(NAMESPACE, outcome.metric, 1.0, dimensions, "Count")
    account.metrics.put(NAMESPACE, "TimeInBacklog", waited, dimensions, "Milliseconds")
    account.metrics.put(NAMESPACE, "TotalProcessingTime", whole, dimensions, "Milliseconds")
