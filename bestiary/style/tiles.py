"""A large picture as windows that overlap, so that a network's memory does not grow with the picture."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

STRIDE = 32
"""Windows begin at multiples of this, which the strides of the usual networks divide: their maps line up."""


@dataclass(frozen=True)
class Tile:
    """A window into a picture, and the part of it that no other window answers for.

    Attributes
    ----------
    rows, columns
        Of the window.
    core
        First and last row, first and last column of that part, counted from the window's own corner.
    """

    rows: slice
    columns: slice
    core: tuple[int, int, int, int]


def tiles(shape: tuple[int, ...], pixels: int, halo: int) -> list[Tile]:
    """Divide a picture.

    Parameters
    ----------
    shape
        Of the picture: height, width.
    pixels
        A picture of no more than so many stays whole; else no window has more.
    halo
        What a window sees around its core, in pixels, where the picture goes on: as much as the network's
        receptive field reaches, and the windows together compute what it would on the whole.
    """
    height, width = shape[:2]
    if height * width <= pixels:
        return [Tile(slice(0, height), slice(0, width), (0, height, 0, width))]
    side = max(STRIDE, (int(pixels**0.5) - 2 * halo) // STRIDE * STRIDE)
    return [
        Tile(rows, columns, (*vertical, *horizontal))
        for (rows, vertical), (columns, horizontal) in product(
            _spans(height, side, halo), _spans(width, side, halo)
        )
    ]


def _spans(length: int, side: int, halo: int) -> Iterator[tuple[slice, tuple[int, int]]]:
    for start in range(0, length, side):
        end = min(length, start + side)
        first, last = max(0, start - halo), min(length, end + halo)
        yield slice(first, last), (start - first, end - first)
