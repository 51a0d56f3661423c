"""A run's figures for CloudWatch: as the files that Model Monitor reads, and as lines of a log.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-cloudwatch.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bestiary.drift.features import NUMBERS
from bestiary.drift.monitoring import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from bestiary.drift.monitoring import Result

NAMESPACE = "Bestiary/Monitoring"
"""Of the metrics in the log: those in files get Model Monitor's own."""


@dataclass(frozen=True)
class Metric:
    """One figure.

    Attributes
    ----------
    name
        As CloudWatch has it; of features, as Model Monitor's own container names them.
    value
        A number; for a distribution its ``SampleCount``, ``Sum``, ``Minimum`` and ``Maximum``.
    unit
        CloudWatch's.
    """

    name: str
    value: float | Mapping[str, float]
    unit: str = "None"


def metrics(result: Result) -> list[Metric]:
    """List the figures of a run; none of one that had not enough to tell."""
    if result.verdict is Verdict.NOT_ENOUGH:
        return []
    counts = result.gathered.counts
    listed = [
        Metric("violations", len(result.violations), "Count"),
        Metric("photos", counts.photos, "Count"),
        Metric("errors", counts.errors, "Count"),
        Metric("unanswered", counts.unanswered, "Count"),
        Metric("bad_lines", counts.bad_lines, "Count"),
        Metric("low_confidence_share", counts.unsure / counts.photos if counts.photos else 0.0),
    ]
    for name in NUMBERS:
        column = result.gathered.sample.columns.get(name, ())
        if len(column):
            spread = {"SampleCount": len(column), "Sum": sum(column), "Minimum": min(column)}
            listed.append(Metric(f"feature_data_{name}", {**spread, "Maximum": max(column)}))
    for finding in result.findings:
        one = finding.comparison
        if one.effect is not None:
            listed.append(Metric(f"feature_baseline_drift_{one.feature.name}", one.effect))
            listed.append(Metric(f"feature_violation_{one.feature.name}", float(one.drifted), "Count"))
    return listed


def as_file(listed: Iterable[Metric], dimensions: Mapping[str, str], moment: datetime) -> str:
    """Write metrics as JSON lines for ``/opt/ml/output/metrics/cloudwatch``."""
    around = {
        "Timestamp": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
    }
    lines = []
    for metric in listed:
        if isinstance(metric.value, float | int):
            value: dict[str, Any] = {"Value": float(metric.value)}
        else:
            value = {"StatisticValues": {name: float(part) for name, part in metric.value.items()}}
        lines.append(json.dumps({"MetricName": metric.name, **around, **value, "Unit": metric.unit}))
    return "".join(f"{line}\n" for line in lines)


def as_log_line(listed: Sequence[Metric], dimensions: Mapping[str, str], moment: datetime) -> str:
    """Write metrics as one line in CloudWatch's embedded metric format, which a job without network can use.

    Distributions are left to the files.
    """
    plain = {metric.name: metric for metric in listed if isinstance(metric.value, float | int)}
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": metric.name, "Unit": metric.unit} for metric in plain.values()],
    }
    about = {"Timestamp": int(moment.timestamp() * 1000), "CloudWatchMetrics": [directive]}
    values = {name: metric.value for name, metric in plain.items()}
    return json.dumps({"_aws": about, **dimensions, **values})
