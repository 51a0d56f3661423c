"""What an endpoint was asked and answered, from the JSON lines that SageMaker captures.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from bestiary.drift.errors import UnusableWindow
from bestiary.drift.lines import read_lines
from bestiary.drift.window import Window, moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

ENCODINGS = {"JSON", "CSV", "BASE64"}


@dataclass(frozen=True)
class Body:
    """A request's or an answer's body.

    Attributes
    ----------
    content_type
        Without parameters, in lower case.
    text
        As it stands in the file.
    encoding
        ``BASE64``, or ``JSON`` or ``CSV`` for text as it is.
    """

    content_type: str
    text: str
    encoding: str

    @property
    def data(self) -> bytes:
        """The body's bytes; raises `ValueError` where its base64 is none."""
        if self.encoding == "BASE64":
            return binascii.a2b_base64(self.text, strict_mode=True)
        return self.text.encode()


@dataclass(frozen=True)
class Event:
    """One request and its answer; a side that was not captured is None.

    Attributes
    ----------
    time
        When, UTC.
    event_id
        SageMaker's own.
    inference_id
        What the caller gave the request; empty for nothing.
    request, answer
        Their bodies.
    """

    time: datetime
    event_id: str
    inference_id: str
    request: Body | None
    answer: Body | None


@dataclass(frozen=True)
class BadLine:
    """A line that is no captured event: its file below the folder that was read, its number, and why."""

    file: str
    number: int
    reason: str


def read_capture(folder: Path, window: Window | None = None) -> Iterator[Event | BadLine]:
    """Yield what was captured in a window, file by file in the order of their names.

    Parameters
    ----------
    folder
        Holds ``{endpoint}/{variant}/yyyy/mm/dd/hh/*.jsonl``, or any folders with such files.
    window
        Events at other times are passed over: SageMaker hands over whole hours.
    """
    window = window or Window()
    for path in sorted(folder.rglob("*.jsonl")):
        name = path.relative_to(folder).as_posix()
        try:
            for line in read_lines(path):
                found = _event(name, line.number, line.data)
                if isinstance(found, BadLine) or found.time in window:
                    yield found
        except OSError as error:
            yield BadLine(name, 0, f"the file cannot be read: {error.strerror}")


def _event(file: str, number: int, data: bytes | None) -> Event | BadLine:
    if data is None:
        return BadLine(file, number, "the line is too long to be a captured request")
    try:
        line = from_json(data)
    except ValueError as error:
        return BadLine(file, number, f"no JSON: {error}")
    try:
        captured, about = line["captureData"], line["eventMetadata"]
        return Event(
            time=moment(about["inferenceTime"]),
            event_id=str(about["eventId"]),
            inference_id=str(about.get("inferenceId", "")),
            request=_body(captured.get("endpointInput")),
            answer=_body(captured.get("endpointOutput")),
        )
    except UnusableWindow as error:
        return BadLine(file, number, f"inferenceTime: {error}")
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        return BadLine(file, number, f"no captured request: {what}")


def _body(side: Any) -> Body | None:  # noqa: ANN401 - any JSON value
    if side is None:
        return None
    encoding, text = side["encoding"], side["data"]
    if encoding not in ENCODINGS or not isinstance(text, str):
        raise ValueError(f"a body in {encoding!r}, which is none of {', '.join(sorted(ENCODINGS))}")
    content_type = str(side.get("observedContentType") or "").partition(";")[0].strip().lower()
    return Body(content_type, text, encoding)
