"""What the endpoint captured: where in S3 it lies, and whether the last photos are among it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pipelines.deployment.endpoint import VARIANT
from pipelines.deployment.requests import CAPTURES
from pipelines.names import CLASSIFIER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipelines.place import Place

_PREFIX = f"{CAPTURES}/{CLASSIFIER}/{VARIANT}/"
_MOST_FOLDERS = 7
_LATELY = timedelta(minutes=15)
_PATIENCE_SECONDS = 180.0
_POLL_SECONDS = 0.5
_METRICS = {"asked": "Invocations", "refused": "Invocation4XXErrors", "failed": "Invocation5XXErrors"}


def folders(place: Place, start: datetime) -> list[str]:
    """List the S3 prefixes of what was captured since a moment: hours if they are few, else days.

    Parameters
    ----------
    start
        In UTC.
    """
    hours = {item["Key"].rpartition("/")[0] for item in _objects(place, start)}
    depth = 0
    found = hours
    while len(found) > _MOST_FOLDERS:
        depth += 1
        found = {folder.rsplit("/", depth)[0] for folder in hours}
    return [f"s3://{place.surroundings.bucket}/{folder}/" for folder in sorted(found)]


def wait(place: Place, say: Callable[[str], None], patience: float = _PATIENCE_SECONDS) -> None:
    """Wait until what the endpoint was asked last is captured, or for so many seconds.

    SageMaker writes captures to S3 some time after the answers, within minutes. CloudWatch counts requests by
    the minute: one in whose last minute something was captured is not waited for any longer.
    """
    asked = _asked_last(place)
    if asked is None or _captured_since(place, asked):
        return
    about = f"{patience / 60:.0f} min"
    say(f"waiting for the photos of {asked.astimezone():%H:%M} to be captured, {about} at most")
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and not _captured_since(place, asked):
        time.sleep(_POLL_SECONDS)


def _asked_last(place: Place) -> datetime | None:
    """Return the last minute in which the endpoint answered something; ``None`` where that is long ago."""
    now = datetime.now(UTC)
    dimensions = [{"Name": "EndpointName", "Value": CLASSIFIER}, {"Name": "VariantName", "Value": VARIANT}]
    queries = [
        {
            "Id": name,
            "MetricStat": {
                "Metric": {"Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": dimensions},
                "Period": 60,
                "Stat": "Sum",
            },
        }
        for name, metric in _METRICS.items()
    ]
    told: Any = place.client("cloudwatch").get_metric_data(
        MetricDataQueries=queries, StartTime=now - _LATELY, EndTime=now + timedelta(minutes=1)
    )
    counts: dict[str, dict[datetime, float]] = {
        each["Id"]: dict(zip(each["Timestamps"], each["Values"], strict=True))
        for each in told["MetricDataResults"]
    }
    wrong = [counts.get(name, {}) for name in ("refused", "failed")]
    return max(
        (
            minute
            for minute, requests in counts.get("asked", {}).items()
            if requests > sum(found.get(minute, 0.0) for found in wrong)
        ),
        default=None,
    )


def _captured_since(place: Place, moment: datetime) -> bool:
    return any(item["LastModified"] >= moment for item in _objects(place, moment - timedelta(hours=1)))


def _objects(place: Place, start: datetime) -> Iterator[Any]:
    pages = place.s3.get_paginator("list_objects_v2").paginate(
        Bucket=place.surroundings.bucket, Prefix=_PREFIX, StartAfter=f"{_PREFIX}{start:%Y/%m/%d/%H}"
    )
    return (item for page in pages for item in page.get("Contents", []))
