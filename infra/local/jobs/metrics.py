"""Metrics that a training job prints, found by the regular expressions of its ``MetricDefinitions``."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

    from infra.local.account import Account

NAMESPACE = "/aws/sagemaker/TrainingJobs"


class MetricReader:
    """Reads metrics off a job's lines, keeps the last value of each and hands all to CloudWatch.

    Parameters
    ----------
    account
        Whose CloudWatch.
    job
        The job's name, the dimension of its metrics.
    definitions
        Regular expressions by metric name; the first group is the value.
    """

    def __init__(
        self, account: Account, job: str, definitions: Iterable[tuple[str, re.Pattern[str]]]
    ) -> None:
        self._account = account
        self._job = job
        self._definitions = tuple(definitions)
        self._last: dict[str, dict[str, Any]] = {}

    def read(self, line: str) -> None:
        """Take the metrics of one line."""
        for name, pattern in self._definitions:
            for found in pattern.finditer(line):
                self._take(name, found)

    def final(self) -> list[dict[str, Any]]:
        """Return the last value of each metric, as ``FinalMetricDataList`` has it."""
        return list(self._last.values())

    def _take(self, name: str, found: re.Match[str]) -> None:
        try:
            value = float(found[1] if found.re.groups else found[0])
        except (TypeError, ValueError):  # the group took no part, or is no number, as a lone dot
            return
        if not math.isfinite(value):  # CloudWatch takes none
            return
        now = datetime.now(UTC)
        self._last[name] = {"MetricName": name, "Value": value, "Timestamp": now}
        self._account.metrics.put(NAMESPACE, name, value, {"TrainingJobName": self._job})
