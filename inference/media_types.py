"""Which of two sides' media types to use (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from email.message import Message
from typing import TYPE_CHECKING

from inference.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

JSON = "application/json"
JSON_LINES = "application/jsonlines"
CSV = "text/csv"


def sent(header: str | None, allowed: Sequence[str]) -> str:
    """Return the media type of a request's body, without its parameters.

    Raises
    ------
    Refusal
        415, with the types that are allowed.
    """
    name = _essence(header or "")
    if name not in allowed:
        given = f"not {name}" if name else "and the request has no Content-Type"
        raise Refusal(415, f"send one of {', '.join(allowed)}, {given}", {"Accept": ", ".join(allowed)})
    return name


def wanted(header: str | None, offered: Sequence[str]) -> str:
    """Return the offered media type that an Accept header likes best; the first where it does not care.

    Raises
    ------
    Refusal
        406, with the types that are offered.
    """
    ranges = [_range(part) for part in (header or "*/*").split(",") if part.strip()]
    ranked = sorted(offered, key=lambda name: -_quality(name, ranges))
    if _quality(ranked[0], ranges) <= 0:
        raise Refusal(406, f"accept one of {', '.join(offered)}, not {header}")
    return ranked[0]


def _essence(value: str) -> str:
    return value.partition(";")[0].strip().lower()


def _range(part: str) -> tuple[str, float]:
    message = Message()
    message["Accept"] = part.strip()
    weight = message.get_param("q", "1", header="Accept")
    try:
        return _essence(part), min(1.0, max(0.0, float(str(weight))))
    except ValueError:
        return _essence(part), 1.0


def _quality(name: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Return how much a type is liked: the weight of the most specific range that it is in."""
    for pattern in (name, f"{name.partition('/')[0]}/*", "*/*"):
        for accepted, weight in ranges:
            if accepted == pattern:
                return weight
    return 0.0
