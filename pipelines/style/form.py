"""What a stylizer's endpoint is sent: pictures and settings as ``multipart/form-data``."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.style.inputs import Files

ACCEPTED = {"JPEG": "image/jpeg", "PNG": "image/png"}
"""Media types that are answered, by Pillow's name of the format."""


@dataclass(frozen=True)
class Settings:
    """How an endpoint is to paint; ``None`` leaves it to the version.

    Attributes
    ----------
    method
        ``fast`` or ``gatys``.
    size
        Longest side of the picture, in pixels.
    square
        Whether squares are cut out of all pictures first.
    keep_color
        Whether and how the photo's colours are kept.
    strength
        Of ``fast``, 0 to 1.
    steps, start, content_weight, style_weight, tv_weight, seed
        Of ``gatys``.
    """

    method: Literal["fast", "gatys"]
    size: int
    square: bool
    keep_color: Literal["no", "luminance", "histogram"]
    strength: float
    steps: int | None
    start: Literal["recoloured", "content", "noise"]
    content_weight: float | None
    style_weight: float | None
    tv_weight: float | None
    seed: int


@dataclass(frozen=True)
class Form:
    """A request's body and its media type, boundary included."""

    body: bytes
    content_type: str


def write(files: Files, settings: Settings) -> Form:
    """Write a request for a picture."""
    given = {name: value for name, value in asdict(settings).items() if value is not None}
    fields = [("content", files.content), ("settings", json.dumps(given).encode())]
    return encoded([*fields, *paintings(files.styles)])


def paintings(styles: Sequence[tuple[bytes, float]]) -> list[tuple[str, bytes]]:
    """List the fields of paintings and their weights."""
    return [
        field
        for data, weight in styles
        for field in (("style", data), ("weight", repr(float(weight)).encode()))
    ]


def encoded(fields: Sequence[tuple[str, bytes]]) -> Form:
    """Write fields one after the other, as they are."""
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + data + b"\r\n"
        for name, data in fields
    ]
    return Form(b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}")
