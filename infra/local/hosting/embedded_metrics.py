"""Metrics in a container's log, in CloudWatch's embedded metric format.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.local.metrics import Metrics

_MARK = '"_aws"'


def read(line: str, metrics: Metrics) -> None:
    """Hand the metrics of a log line to CloudWatch; a line of another kind is passed over."""
    if _MARK not in line:
        return
    try:
        found = json.loads(line)
        about = found["_aws"]
        moment = datetime.fromtimestamp(about["Timestamp"] / 1000, UTC)
        for directive in about["CloudWatchMetrics"]:
            _take(found, directive, moment, metrics)
    except (ValueError, LookupError, TypeError, AttributeError, OSError, OverflowError):
        return


def _take(found: dict[str, Any], directive: dict[str, Any], moment: datetime, metrics: Metrics) -> None:
    for names in directive["Dimensions"]:
        dimensions = {name: str(found[name]) for name in names}
        for metric in directive["Metrics"]:
            values = found[metric["Name"]]
            for value in values if isinstance(values, list) else [values]:
                if math.isfinite(value):
                    unit = metric.get("Unit", "None")
                    metrics.put(directive["Namespace"], metric["Name"], value, dimensions, unit, moment)
