"""What an endpoint tells CloudWatch: lines of its embedded metric format on stdout.

CloudWatch makes metrics of such lines wherever a log group gets them; nothing has to be called
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
"""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NAMESPACE = "Bestiary/Serving"
MOST_VALUES = 100
"""The format's limit for the values of one metric in one line."""

UNITS = {
    "Latency": "Milliseconds",
    "BatchSize": "Count",
    "QueueDepth": "Count",
    "Requests": "Count",
    "Errors4XX": "Count",
    "Errors5XX": "Count",
    "Rejected": "Count",
}


class Metrics:
    """Collects from all threads what happened since the last line.

    ``Latency`` is from a request's headers to its answer; ``BatchSize`` has a value for each batch,
    ``QueueDepth`` how many photos were left waiting then; ``Rejected`` counts the requests for which there
    was no room (they are among ``Errors5XX`` too).
    """

    def __init__(self) -> None:
        self._latencies: list[float] = []
        self._batches: list[tuple[int, int]] = []
        self._counts: Counter[str] = Counter()

    def count_request(self, status: int, seconds: float) -> None:
        """Tell of a request that was answered."""
        self._latencies.append(round(1000 * seconds, 2))
        self._counts["Requests"] += 1
        if status >= 400:
            self._counts[f"Errors{status // 100}XX"] += 1
        if status == 503:
            self._counts["Rejected"] += 1

    def count_batch(self, size: int, waiting: int) -> None:
        """Tell of a batch that begins."""
        self._batches.append((size, waiting))

    def lines(self, dimensions: dict[str, str]) -> Iterator[str]:
        """Yield what happened since the last call, and forget it."""
        latencies, self._latencies = self._latencies, []
        batches, self._batches = self._batches, []
        counts, self._counts = self._counts, Counter()
        values: dict[str, Sequence[float]] = {
            "Latency": latencies,
            "BatchSize": [size for size, _ in batches],
            "QueueDepth": [waiting for _, waiting in batches],
            **{name: [counts[name]] for name in counts},
        }
        for start in range(0, max(map(len, values.values())), MOST_VALUES):
            part = {name: list(some[start : start + MOST_VALUES]) for name, some in values.items()}
            yield _line({name: some for name, some in part.items() if some}, dimensions)


def write(metrics: Metrics, dimensions: dict[str, str], stream: TextIO) -> None:
    """Write what happened since the last call."""
    stream.writelines(f"{line}\n" for line in metrics.lines(dimensions))
    stream.flush()


def _line(values: dict[str, list[float]], dimensions: dict[str, str]) -> str:
    directive: dict[str, Any] = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Task"], ["Task", "ModelVersion"]],
        "Metrics": [{"Name": name, "Unit": UNITS[name]} for name in values],
    }
    about = {"Timestamp": int(1000 * time.time()), "CloudWatchMetrics": [directive]}
    return json.dumps({"_aws": about, **dimensions, **values}, separators=(",", ":"))
