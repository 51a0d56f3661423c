"""Sizes of paper, and where the pictures stand on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Layout = Literal["full", "plate", "band"]
Kind = Literal["pdf", "png"]
LAYOUTS: tuple[Layout, ...] = ("full", "plate", "band")
MOST_PICTURES = 6
MM_PER_INCH = 25.4
DPI = 300
_GAP = 0.8


@dataclass(frozen=True)
class Page:
    """A size of paper.

    Attributes
    ----------
    width, height
        In millimetres.
    """

    width: float
    height: float

    @property
    def unit(self) -> float:
        """A hundredth of the shorter side, in millimetres: what everything on the page is measured in."""
        return min(self.width, self.height) / 100

    @property
    def square(self) -> bool:
        """Whether words stand beside the pictures rather than below them."""
        return self.width == self.height


PAGES = {"a4": Page(210, 297), "a3": Page(297, 420), "square": Page(182.88, 182.88)}
"""The square has 2160 pixels at 300 dpi, twice what the social networks show."""


@dataclass(frozen=True)
class Cell:
    """A rectangle on the page, in millimetres from the upper left corner."""

    left: float
    top: float
    width: float
    height: float


def cells(layout: Layout, page: Page, aspects: Sequence[float], *, right_to_left: bool = False) -> list[Cell]:
    """Place the pictures.

    Parameters
    ----------
    layout
        ``full``: they fill the page. ``plate``: framed on paper, as in an old natural history. ``band``: the
        upper part, or half of a square, up to the edges.
    page
        The paper.
    aspects
        Width by height of each picture; one to six.
    right_to_left
        Mirrors what stands side by side.

    Returns
    -------
    One cell for each picture.
    """
    frame = _frame(layout, page, aspects, right_to_left=right_to_left)
    return _divided(frame, len(aspects), _GAP * page.unit)


def _frame(layout: Layout, page: Page, aspects: Sequence[float], *, right_to_left: bool) -> Cell:
    unit = page.unit
    if layout == "full":
        # Wide pictures would lose too much at the sides of a tall page: they fade out above its foot.
        # Several stay above it, or the lower ones would be in the dark.
        if len(aspects) > 1:
            return Cell(0, 0, page.width, (58 if page.square else 84) * unit)
        tall = max(84 if page.square else 106, 100 / aspects[0])
        return Cell(0, 0, page.width, min(tall * unit, page.height))
    if layout == "band":
        if not page.square:
            return Cell(0, 0, page.width, 82 * unit)
        return Cell(0 if right_to_left else 46 * unit, 0, 54 * unit, page.height)
    if page.square:
        width = min(max(86 * aspects[0], 42), 50) if len(aspects) == 1 else 50
        left = 100 - 7 - width if right_to_left else 7
        return Cell(left * unit, 7 * unit, width * unit, 86 * unit)
    width, height = _plate(aspects[0]) if len(aspects) == 1 else (82.0, 62.0)
    return Cell((100 - width) / 2 * unit, 9 * unit, width * unit, height * unit)


def _plate(aspect: float) -> tuple[float, float]:
    """Width and height of a frame that shows a photo whole, unless it is very wide or very tall."""
    width = min(max(68 * aspect, 48), 82)
    return width, min(max(width / aspect, 52), 68)


def _divided(frame: Cell, count: int, gap: float) -> list[Cell]:
    """Divide a frame: one large cell for the first of three, otherwise equal ones."""
    tall = frame.height >= frame.width
    if count == 3:
        large, rest = _split(frame, [0.6, 0.4], gap, downwards=tall)
        return [large, *_split(rest, [0.5, 0.5], gap, downwards=not tall)]
    lines = 1 if count == 1 else count if count == 2 else 2 if count == 4 else 3
    if count == 5:
        first, second = _split(frame, [0.55, 0.45], gap, downwards=tall)
        return [
            *_split(first, [0.5] * 2, gap, downwards=not tall),
            *_split(second, [1 / 3] * 3, gap, downwards=not tall),
        ]
    across = count // lines
    return [
        cell
        for line in _split(frame, [1 / lines] * lines, gap, downwards=tall)
        for cell in _split(line, [1 / across] * across, gap, downwards=not tall)
    ]


def _split(cell: Cell, shares: list[float], gap: float, *, downwards: bool) -> list[Cell]:
    room = (cell.height if downwards else cell.width) - gap * (len(shares) - 1)
    made, at = [], cell.top if downwards else cell.left
    for share in shares:
        length = room * share
        made.append(
            Cell(cell.left, at, cell.width, length) if downwards else Cell(at, cell.top, length, cell.height)
        )
        at += length + gap
    return made
