"""Values of metrics that outlive the server: an alarm that looks back for a day must not forget in a restart.

What jobs and clients tell is kept; what instances tell of each request is not: it would cost the request.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from infra.local.metric import Metric
from infra.local.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.local.store import Store

KIND = "metric-value"
_KEPT = timedelta(days=15)


def keep(store: Store, metric: Metric, unit: str, moment: datetime, of: Summary) -> None:
    """Write a value, or several of one moment, to the store."""
    key = uuid4().hex
    record = {
        "Key": key,
        "Namespace": metric.namespace,
        "Name": metric.name,
        "Dimensions": dict(metric.dimensions),
        "Unit": unit,
        "Moment": moment,
        "Sums": [of.count, of.total, of.least, of.greatest],
        "Values": list(of.values.items()),
    }
    store.put(KIND, key, record)


def kept(store: Store, now: datetime) -> Iterator[tuple[Metric, str, datetime, Summary]]:
    """Read metrics, units, moments and values, as long as CloudWatch keeps them, and forget what is older."""
    for record in store.list(KIND):
        if record["Moment"] < now - _KEPT:
            store.delete(KIND, record["Key"])
            continue
        count, total, least, greatest = record["Sums"]
        values = dict(record["Values"])
        of = Summary(count, total, least, greatest, values)
        metric = Metric.of(record["Namespace"], record["Name"], record["Dimensions"])
        yield metric, record["Unit"], record["Moment"], of
