"""What a monitoring container left for CloudWatch, in files of JSON lines.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-cloudwatch.html
"""

from __future__ import annotations

import json
import logging
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from infra.local.metric import Metric
from infra.local.summary import Summary

if TYPE_CHECKING:
    from pathlib import Path

    from infra.local.metrics import Metrics

NAMESPACE = "/aws/sagemaker/Endpoint/data-metrics"
FOLDER = "output/metrics/cloudwatch"
_MOST = 10_000
_log = logging.getLogger(__name__)


def publish(folder: Path, metrics: Metrics) -> None:
    """Hand the metrics in a folder's files to CloudWatch; lines that are none are logged."""
    lines = [line for file in sorted(folder.glob("*.jsonl")) for line in _lines(file)]
    for line in lines[:_MOST]:
        try:
            _put(json.loads(line), metrics)
        except (ArithmeticError, ValueError, LookupError, TypeError, AttributeError) as error:
            _log.warning("a monitoring job's metric is none: %s: %s", error, line[:200])


def _lines(file: Path) -> list[str]:
    return [line for line in file.read_text("utf-8", errors="replace").splitlines() if line.strip()]


def _put(found: dict[str, Any], metrics: Metrics) -> None:
    dimensions = {each["Name"]: str(each["Value"]) for each in found.get("Dimensions", [])}
    moment = datetime.fromisoformat(found["Timestamp"])
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    unit = found.get("Unit", "None")
    if "StatisticValues" in found:
        values = found["StatisticValues"]
        count, total = float(values["SampleCount"]), float(values["Sum"])
        mean = {total / count: count}
        summary = Summary(count, total, float(values["Minimum"]), float(values["Maximum"]), mean)
    elif math.isfinite(value := float(found["Value"])):
        summary = Summary()
        summary.add(value)
    else:
        return
    metrics.put_set(
        Metric.of(NAMESPACE, found["MetricName"], dimensions), unit, moment, summary, lasting=True
    )
