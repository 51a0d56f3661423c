"""Data capture: what an endpoint was asked and answered, in S3, at no cost for the request.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
"""

from __future__ import annotations

import base64
import json
import logging
import random
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from infra.local.errors import AwsError
from infra.local.jobs.s3_uri import S3Uri

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from infra.local.objects import ObjectStore

_log = logging.getLogger(__name__)

LARGEST_FILE = 4 << 20
"""Bytes of requests and answers after which a file is put before its time."""
_MOST_WAITING = 64 << 20
_PAUSE = 0.5
"""Seconds without a request after which what was captured is put at once: nothing is gained by waiting on."""
_SIDES = {"Input": ("Input",), "Output": ("Output",), "InputAndOutput": ("Input", "Output")}


@dataclass(frozen=True)
class Side:
    """A request or an answer.

    Attributes
    ----------
    content_type
        As its header has it.
    body
        Its bytes.
    """

    content_type: str
    body: bytes


@dataclass(frozen=True)
class Event:
    """One request and its answer.

    Attributes
    ----------
    variant
        Which variant answered.
    moment
        When, UTC.
    given, answered
        The request and the answer.
    inference_id
        The ``InferenceId`` of the request; empty for none.
    """

    variant: str
    moment: datetime
    given: Side
    answered: Side
    inference_id: str = ""


class Capture:
    """Writes an endpoint's captured data on a thread of its own; what cannot be written is lost and logged.

    Parameters
    ----------
    objects
        S3.
    endpoint
        The endpoint's name.
    config
        Its ``DataCaptureConfig``.
    seconds
        After which what was captured is put to S3, while requests go on coming.
    """

    def __init__(self, objects: ObjectStore, endpoint: str, config: dict[str, Any], seconds: float) -> None:
        self.config = config
        self._objects = objects
        self._endpoint = endpoint
        self._to = S3Uri.parse(config["DestinationS3Uri"])
        self._share = config["InitialSamplingPercentage"] / 100
        self._sides = {side for option in config["CaptureOptions"] for side in _SIDES[option["CaptureMode"]]}
        self._encodings = _encodings(config.get("CaptureContentTypeHeader", {}))
        self._seconds = seconds
        self._changed = threading.Condition()
        self._putting = threading.Lock()
        self._waiting: list[Event] = []
        self._bytes = 0
        self._taken = 0.0
        self._closed = False
        self._lost = 0
        self._thread = threading.Thread(target=self._run, name=f"capture of {endpoint}", daemon=True)
        self._thread.start()

    def take(self, event: Event) -> None:
        """Keep a request and its answer, if chance will have it."""
        if random.random() >= self._share:  # noqa: S311 - which requests are captured is no secret
            return
        with self._changed:
            if self._bytes > _MOST_WAITING:
                self._lost += 1
                return
            self._waiting.append(event)
            self._taken = time.monotonic()
            self._bytes += len(event.given.body) + len(event.answered.body)
            if len(self._waiting) == 1 or self._bytes > LARGEST_FILE:
                self._changed.notify_all()

    def flush(self) -> None:
        """Put what was captured so far to S3; it is there on return."""
        with self._putting:
            with self._changed:
                events, self._waiting, self._bytes = self._waiting, [], 0
                lost, self._lost = self._lost, 0
            if lost:
                _log.warning("capture of %s: no room for %d requests", self._endpoint, lost)
            self._put(events)

    def close(self) -> None:
        """Put what is left to S3 and end."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                latest = time.monotonic() + self._seconds
                while (left := self._left(latest)) > 0:
                    self._changed.wait(left)
                last = self._closed
            self.flush()
            if last:
                return

    def _left(self, latest: float) -> float:
        """Seconds until what waits is put: at `latest`, or before it in a pause of the requests."""
        if self._closed or self._bytes > LARGEST_FILE:
            return 0.0
        return min(latest, self._taken + _PAUSE) - time.monotonic()

    def _put(self, events: Iterable[Event]) -> None:
        files: dict[tuple[str, str], list[Event]] = defaultdict(list)
        for event in events:
            files[event.variant, f"{event.moment:%Y/%m/%d/%H}"].append(event)
        for (variant, hour), held in files.items():
            first = held[0].moment
            name = f"{first:%M-%S}-{first.microsecond // 1000:03d}-{uuid4()}.jsonl"
            key = self._to.under(self._endpoint, variant, hour, name)
            try:
                self._objects.put(key.bucket, key.key, "".join(map(self._line, held)).encode())
            except (AwsError, OSError) as error:
                _log.warning("capture of %s: %d requests are lost: %s", self._endpoint, len(held), error)

    def _line(self, event: Event) -> str:
        sides = {"Input": event.given, "Output": event.answered}
        about = {"inferenceId": event.inference_id} if event.inference_id else {}
        line = {
            "captureData": {
                f"endpoint{name}": self._side(name, side)
                for name, side in sides.items()
                if name in self._sides
            },
            "eventMetadata": {
                "eventId": str(uuid4()),
                **about,
                "inferenceTime": f"{event.moment:%Y-%m-%dT%H:%M:%SZ}",
            },
            "eventVersion": "0",
        }
        return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"

    def _side(self, name: str, side: Side) -> dict[str, str]:
        encoding = self._encodings.get(side.content_type.partition(";")[0].strip().lower(), "BASE64")
        data = ""
        try:
            data = side.body.decode() if encoding != "BASE64" else ""
        except UnicodeDecodeError:
            encoding = "BASE64"
        if encoding == "BASE64":
            data = base64.b64encode(side.body).decode()
        return {
            "observedContentType": side.content_type,
            "mode": name.upper(),
            "data": data,
            "encoding": encoding,
        }


def _encodings(header: dict[str, list[str]]) -> dict[str, str]:
    """Map content types to how they are written; those that are not named are written in base64."""
    csv = dict.fromkeys((kind.lower() for kind in header.get("CsvContentTypes", [])), "CSV")
    return csv | dict.fromkeys((kind.lower() for kind in header.get("JsonContentTypes", [])), "JSON")
