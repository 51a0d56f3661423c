"""The constraints of one shape (length, value, enum, pattern), worded as AWS words them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Sized
from typing import TYPE_CHECKING

from infra.local import patterns

if TYPE_CHECKING:
    from botocore.model import Shape

_LONGEST_SHOWN = 500


def broken(value: object, shape: Shape) -> list[str]:
    """List the constraints of a shape that a value of the right type breaks, e.g. ``Member must …``."""
    rules = shape.metadata
    size = _size(value)
    failed = [
        "enum" in rules and value not in rules["enum"],
        "max" in rules and size > rules["max"],
        "min" in rules and size < rules["min"],
        "pattern" in rules and isinstance(value, str) and not patterns.matches(rules["pattern"], value),
    ]
    return [text for text, fails in zip(_texts(shape), failed, strict=True) if fails]


def violation(value: object, path: str, constraint: str) -> str:
    """Word one violation; a value of ``None`` is what is missing."""
    shown = "null" if value is None else f"'{_cut(_shown(value))}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"


def of_members(value: object, path: str, what: str, shape: Shape) -> str:
    """Word a violation by a list's or map's scalar members, which AWS reports on the whole.

    Parameters
    ----------
    value, path
        The list or map and where it is.
    what
        ``Member``, ``Map keys`` or ``Map value``.
    shape
        The members' shape.
    """
    rules = shape.metadata
    there = ["enum" in rules, "max" in rules, "min" in rules, "pattern" in rules]
    texts = [text for text, holds in zip(_texts(shape), there, strict=True) if holds]
    return violation(value, path, f"{what} must satisfy constraint: [{', '.join(texts)}]")


def _size(value: object) -> float:
    if isinstance(value, Sized):
        return len(value)
    return value if isinstance(value, int | float) else 0


def _texts(shape: Shape) -> tuple[str, str, str, str]:
    rules = shape.metadata
    measure = "value" if shape.type_name in {"integer", "long", "float", "double"} else "length"
    return (
        f"Member must satisfy enum value set: [{', '.join(rules.get('enum', ()))}]",
        f"Member must have {measure} less than or equal to {rules.get('max')}",
        f"Member must have {measure} greater than or equal to {rules.get('min')}",
        f"Member must satisfy regular expression pattern: {rules.get('pattern')}",
    )


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}={_shown(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return "[" + ", ".join(_shown(item) for item in value) + "]"
    return str(value)
