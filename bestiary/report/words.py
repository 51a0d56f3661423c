"""Numbers and settings as the page writes them."""

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

_NARROW_SPACE = "\u202f"


def percent(share: float | None, digits: int = 0) -> str:
    """Write a share, 0 to 1, as per cent; a dash where nothing was measured."""
    return "–" if share is None else f"{share * 100:.{digits}f}{_NARROW_SPACE}%"


def count(number: int) -> str:
    """Write a number with its thousands apart."""
    return f"{number:,}".replace(",", _NARROW_SPACE)


def breakable(path: str) -> Markup:
    """Write a path so that a line may end after each of its slashes; everything in it is escaped."""
    return Markup("/<wbr>").join(path.split("/"))


def soft(name: str) -> Markup:
    """Write a name so that a narrow column may break it: after ``efficientnet``, after ``custom_``."""
    return Markup("<wbr>").join(re.split(r"(?<=[a-z]{3})(?=[a-z]\d)|(?<=[_-])", name))


def short(digest: str) -> str:
    """Give the first twelve characters of a digest, with its algorithm left off."""
    return digest.rpartition(":")[2][:12]


def flatten(settings: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """List nested settings as dotted names and plain values, for a table."""
    rows: list[tuple[str, str]] = []
    for name, value in settings.items():
        if isinstance(value, Mapping):
            rows += flatten(value, f"{prefix}{name}.")
        else:
            rows.append((f"{prefix}{name}", _plain(value)))
    return rows


def _plain(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "–"}[value]
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        return ", ".join(_plain(each) for each in value)
    return str(value)
