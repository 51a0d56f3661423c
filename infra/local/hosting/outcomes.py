"""What CloudWatch is told of each request, in namespace ``AWS/SageMaker``.

https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html#cloudwatch-metrics-endpoint-invocation
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.local.hosting.traffic import Chosen
    from infra.local.metrics import Metrics

NAMESPACE = "AWS/SageMaker"


@dataclass(frozen=True)
class Outcome:
    """How one request went.

    Attributes
    ----------
    status
        HTTP status of the container; 0 when it did not answer.
    model_seconds
        How long the container took.
    overhead_seconds
        How long all else took.
    """

    status: int
    model_seconds: float
    overhead_seconds: float


def count(metrics: Metrics, endpoint: str, chosen: Chosen, outcome: Outcome) -> None:
    """Tell CloudWatch of a request: errors as 1 or 0, so that their average is a rate; times in microseconds.

    Each value is there for the endpoint's variant, and for the variant of this endpoint configuration alone:
    an alarm that watches a new fleet only has ``EndpointConfigName`` as a third dimension.
    """
    failed = not 200 <= outcome.status < 300
    values = (
        ("Invocations", 1.0, "None"),
        ("Invocation4XXErrors", float(400 <= outcome.status < 500), "None"),
        ("Invocation5XXErrors", float(outcome.status >= 500 or not outcome.status), "None"),
        ("InvocationModelErrors", float(failed), "None"),
        ("InvocationsPerInstance", 1.0 / max(1, chosen.instances), "None"),
        ("OverheadLatency", outcome.overhead_seconds * 1e6, "Microseconds"),
        *([("ModelLatency", outcome.model_seconds * 1e6, "Microseconds")] if outcome.model_seconds else []),
    )
    whole = {"EndpointName": endpoint, "VariantName": chosen.variant}
    for dimensions in (whole, {**whole, "EndpointConfigName": chosen.config}):
        for name, value, unit in values:
            metrics.put(NAMESPACE, name, value, dimensions, unit)
