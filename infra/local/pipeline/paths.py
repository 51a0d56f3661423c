"""Paths into documents: ``Outputs['train'].S3Output.S3Uri``, ``metrics[0].value``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.local.pipeline.model import Json

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""(?:^|\.)(?P<member>[^.\[\]'"\s][^.\[\]'"]*) | \[(?P<index>\d+)\]
    | \['(?P<key>[^']*)'\] | \["(?P<quoted>[^"]*)"\]""",
    re.VERBOSE,
)


class NothingThereError(LookupError):
    """A path that leads nowhere in its document; the message says where it ended."""


def parse(text: str) -> Path:
    """Read a path.

    Returns
    -------
    tuple
        Names as text, positions as integers.

    Raises
    ------
    ValueError
        When it has no path's form.
    """
    tokens: list[str | int] = []
    end = 0
    while end < len(text) or not text:
        found = _TOKEN.match(text, end)
        if not found or text.startswith("."):
            raise ValueError(f"'{text}' is no path such as a.b['c'][0]")
        tokens.append(_token(found))
        end = found.end()
    return tuple(tokens)


def look_up(document: Json, path: Path) -> Json:
    """Follow a path; a name in a list of named things finds the one of that name.

    Raises
    ------
    NothingThereError
        When something on the way is not there.
    """
    here = document
    for position, token in enumerate(path):
        try:
            here = _descend(here, token)
        except (KeyError, IndexError, TypeError, StopIteration):
            before = show(path[:position]) or "the document"
            raise NothingThereError(f"{before} has no {show((token,))}") from None
    return here


def show(path: Path) -> str:
    """Write a path as `parse` reads it."""
    text = "".join(f"[{token}]" if isinstance(token, int) else _name(token) for token in path)
    return text.removeprefix(".")


def name_of(item: Json) -> str | None:
    """Name of one of AWS's named things: its first member ``Name`` or ``…Name`` (OutputName, ChannelName)."""
    if not isinstance(item, dict):
        return None
    names = [item[member] for member in item if is_name(member) and isinstance(item[member], str)]
    return names[0] if names else None


def is_name(member: str) -> bool:
    """Say whether a member names the thing that it stands in."""
    return member.endswith("Name")


def _token(found: re.Match[str]) -> str | int:
    if found["index"] is not None:
        return int(found["index"])
    return next(text for text in (found["member"], found["key"], found["quoted"]) if text is not None)


def _descend(here: Json, token: str | int) -> Json:
    if isinstance(token, str) and isinstance(here, list):
        return next(item for item in here if name_of(item) == token)
    if isinstance(here, str) or (isinstance(token, int) and not isinstance(here, list)):
        raise TypeError
    return here[token]


def _name(token: str) -> str:
    return f".{token}" if re.fullmatch(r"[\w-]+", token) else f"['{token}']"
