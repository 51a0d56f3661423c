"""The fields of a form, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inference import multipart
from inference.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inference.task import Request


def fields(request: Request) -> dict[str, list[bytes]]:
    """Take a request's form apart; a field may come several times."""
    found: dict[str, list[bytes]] = {}
    for part in multipart.parts(request.body, request.content_type_header):
        found.setdefault(part.name, []).append(part.data)
    return found


def weighed(styles: Sequence[bytes], weights: Sequence[bytes]) -> tuple[tuple[bytes, float], ...]:
    """Give each painting its weight; 1 where none is given.

    Raises
    ------
    Refusal
        400: there are not as many weights as paintings, or one is no number from 0 up.
    """
    if len(weights) not in {0, len(styles)}:
        raise Refusal(
            400, f"the form has {len(weights)} weights for {len(styles)} styles: give each one, or none"
        )
    numbers = [_weight(text) for text in weights] or [1.0] * len(styles)
    return tuple(zip(styles, numbers, strict=True))


def _weight(text: bytes) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise Refusal(400, f"the weight {text[:20]!r} is no number from 0 up")
    return number
