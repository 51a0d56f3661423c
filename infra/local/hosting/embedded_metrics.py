"""Metrics in a container's log, in CloudWatch's embedded metric format.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from infra.local.metric import Metric
from infra.local.summary import Summary

if TYPE_CHECKING:
    from infra.local.metrics import Metrics

_MARK = '"_aws"'


def read(line: str, metrics: Metrics, *, lasting: bool = False) -> None:
    """Hand the metrics of a log line to CloudWatch, to last or not; a line of another kind is passed over."""
    if _MARK not in line:
        return
    try:
        found = json.loads(line)
        about = found["_aws"]
        moment = datetime.fromtimestamp(about["Timestamp"] / 1000, UTC)
        for directive in about["CloudWatchMetrics"]:
            _take(found, directive, moment, metrics, lasting=lasting)
    except (ValueError, LookupError, TypeError, AttributeError, OSError, OverflowError):
        return


def _take(
    found: dict[str, Any], directive: dict[str, Any], moment: datetime, metrics: Metrics, *, lasting: bool
) -> None:
    for names in directive["Dimensions"]:
        dimensions = {name: str(found[name]) for name in names}
        for metric in directive["Metrics"]:
            values = found[metric["Name"]]
            summary = Summary()
            for value in values if isinstance(values, list) else [values]:
                if math.isfinite(value):
                    summary.add(value)
            if summary.count:
                named = Metric.of(directive["Namespace"], metric["Name"], dimensions)
                metrics.put_set(named, metric.get("Unit", "None"), moment, summary, lasting=lasting)
