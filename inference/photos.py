"""The photos in a request's body, by its media type."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from inference.errors import Refusal
from inference.media_types import JSON, JSON_LINES

if TYPE_CHECKING:
    from collections.abc import Sequence

IMAGES = ("image/jpeg", "image/png", "image/webp")
MOST_PHOTOS = 512


def split(body: bytes, content_type: str) -> Sequence[bytes | Refusal]:
    """Return the photos of a request, as files.

    Parameters
    ----------
    body
        One photo as it is for ``image/…``; ``{"instances": [{"b64": …}]}`` for ``application/json``; a line
        ``{"b64": …}`` a photo for ``application/jsonlines``.
    content_type
        One of these types.

    Returns
    -------
    One entry a photo, in order. A line that holds none has its `Refusal` in its place, so that the other
    lines of a batch are still answered.

    Raises
    ------
    Refusal
        400: the body holds no photos.
    """
    if not body:
        raise Refusal(400, "the body is empty: send a photo")
    if content_type == JSON:
        return _instances(_parsed(body, "the body"))
    if content_type == JSON_LINES:
        return _lines(body)
    return [body]


def _instances(document: Any) -> list[bytes]:  # noqa: ANN401 - any JSON value
    instances = document.get("instances") if isinstance(document, dict) else None
    if not isinstance(instances, list) or not instances:
        raise Refusal(400, 'the body must look like {"instances": [{"b64": "<a photo in base64>"}]}')
    _check_count(len(instances))
    return [_photo(instance, f"instances[{index}]") for index, instance in enumerate(instances)]


def _lines(body: bytes) -> list[bytes | Refusal]:
    lines = [line for line in body.split(b"\n") if line.strip()]
    if not lines:
        raise Refusal(400, 'the body holds no line: send one {"b64": "<a photo in base64>"} a photo')
    _check_count(len(lines))
    return [_line(line) for line in lines]


def _line(line: bytes) -> bytes | Refusal:
    try:
        return _photo(_parsed(line, "the line"), "the line")
    except Refusal as refusal:
        return refusal


def _photo(value: Any, where: str) -> bytes:  # noqa: ANN401 - any JSON value
    text = value.get("b64") if isinstance(value, dict) else None
    if not isinstance(text, str):
        raise Refusal(400, f'{where} must look like {{"b64": "<a photo in base64>"}}')
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError as error:
        raise Refusal(400, f"{where} is no base64: {error}") from error


def _parsed(text: bytes, where: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, f"{where} is no JSON: {error}") from error


def _check_count(count: int) -> None:
    if count > MOST_PHOTOS:
        raise Refusal(400, f"{count} photos in one request, the most is {MOST_PHOTOS}: send several requests")
