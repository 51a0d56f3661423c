"""Posters for tests, and what an independent reader finds in the PDFs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray
from pypdfium2 import raw

from bestiary.images import decode
from bestiary.poster.page import MM_PER_INCH
from bestiary.poster.poster import Poster
from bestiary.sample import draw_photo

POINTS = 72
URL = "https://www.example.org/help"


@cache
def drawing(label: str, side: int = 256) -> NDArray[np.uint8]:
    """Draw an animal; nothing of any photograph is in the tests."""
    return decode(draw_photo(label, 1, side))


def poster_of(*labels: str, **said: Any) -> Poster:
    """Make a poster of drawings that says all it can."""
    usual: dict[str, Any] = {"url": URL, "credits": "Drawing: Bestiary"}
    return Poster([drawing(label) for label in labels], labels, **{**usual, **said})


@dataclass(frozen=True)
class Box:
    """Where something is, in millimetres from the page's upper left corner."""

    left: float
    top: float
    right: float
    bottom: float

    def within(self, other: Box, slack: float = 0.0) -> bool:
        return (
            self.left >= other.left - slack
            and self.top >= other.top - slack
            and self.right <= other.right + slack
            and self.bottom <= other.bottom + slack
        )

    def touches(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


class Page:
    """The one page of a PDF."""

    def __init__(self, data: bytes) -> None:
        document = pdfium.PdfDocument(data)
        assert len(document) == 1
        self.document = document
        self.page = document[0]

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in millimetres."""
        return tuple(side / POINTS * MM_PER_INCH for side in self.page.get_size())

    @cached_property
    def letters(self) -> list[tuple[str, Box]]:
        """Every letter that can be selected, spaces left out."""
        text = self.page.get_textpage()
        found = []
        for number in range(text.count_chars()):
            letter = chr(raw.FPDFText_GetUnicode(text.raw, number))
            box = self._box(*text.get_charbox(number))
            if letter.strip() and box.right > box.left:
                found.append((letter, box))
        return found

    @property
    def collisions(self) -> list[str]:
        """Pairs of letters that stand on each other, save those of a ligature such as ffi."""
        boxes = np.array([(box.left, box.top, box.right, box.bottom) for _, box in self.letters])
        least, most, size = boxes[:, :2], boxes[:, 2:], boxes[:, 2:] - boxes[:, :2]
        shared = np.minimum(most[:, None], most) - np.maximum(least[:, None], least)
        part = shared / np.minimum(size[:, None], size)
        first, second = np.nonzero(np.triu((part[..., 0] > 0.35) & (part[..., 1] > 0.2), 3))
        return [
            self.letters[one][0] + self.letters[other][0] for one, other in zip(first, second, strict=True)
        ]

    @property
    def text(self) -> str:
        """All text, as one would copy it, on one line."""
        return " ".join(self.page.get_textpage().get_text_bounded().split())

    @property
    def pictures(self) -> list[tuple[Box, float]]:
        """Where pictures are, and their dots an inch there."""
        found = []
        for item in self.page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]):
            box = self._box(*item.get_bounds())
            width, _ = item.get_px_size()
            found.append((box, width / ((box.right - box.left) / MM_PER_INCH)))
        return found

    @property
    def links(self) -> set[str]:
        """Addresses that can be clicked."""
        found = set()
        for number in range(raw.FPDFPage_GetAnnotCount(self.page.raw)):
            annotation = raw.FPDFPage_GetAnnot(self.page.raw, number)
            action = raw.FPDFLink_GetAction(raw.FPDFAnnot_GetLink(annotation))
            length = raw.FPDFAction_GetURIPath(self.document.raw, action, None, 0)
            buffer = (raw.c_char * length)() if hasattr(raw, "c_char") else bytearray(length)
            raw.FPDFAction_GetURIPath(self.document.raw, action, buffer, length)
            found.add(bytes(buffer).rstrip(b"\0").decode())
        return found

    def _box(self, left: float, bottom: float, right: float, top: float) -> Box:
        height = self.page.get_height()
        sides = (left, height - top, right, height - bottom)
        return Box(*(side / POINTS * MM_PER_INCH for side in sides))
