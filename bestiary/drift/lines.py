"""Lines of captured files, one at a time: what is read may be larger than the memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

LONGEST_LINE = 32 << 20
"""Bytes; a request and an answer of 6 MB each take 16 MB in base64."""


class Line(NamedTuple):
    """A line of a file: its number from 1, and its bytes; None where it is longer than `LONGEST_LINE`."""

    number: int
    data: bytes | None


def read_lines(path: Path, longest: int = LONGEST_LINE) -> Iterator[Line]:
    """Yield the lines of a file that hold anything, never more than `longest` bytes at once."""
    with path.open("rb") as file:
        number = 0
        while data := file.readline(longest):
            number += 1
            if len(data) == longest and not data.endswith(b"\n"):
                _skip(file, longest)
                yield Line(number, None)
            elif data.strip():
                yield Line(number, data)


def _skip(file: BinaryIO, longest: int) -> None:
    while (rest := file.readline(longest)) and not rest.endswith(b"\n"):
        pass
