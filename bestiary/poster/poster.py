"""A poster: pictures of animals, and what they say to whoever stands before them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bestiary.poster import content
from bestiary.poster.code import qr_code
from bestiary.poster.errors import PosterError
from bestiary.poster.framing import framed
from bestiary.poster.page import MOST_PICTURES, PAGES, Kind, Layout, cells
from bestiary.poster.palette import palette_of
from bestiary.poster.typesetting import typeset
from bestiary.poster.wording import RIGHT_TO_LEFT

Pixels = NDArray[np.uint8]

SMALLEST_SIDE = 64
"""Pixels of a picture's shorter side under which there is nothing to hang."""


@dataclass(frozen=True)
class Poster:
    """What a poster shows and says.

    Attributes
    ----------
    pictures
        One to six, uint8 (H, W, 3), RGB.
    labels
        The animal of each picture.
    language
        ISO 639-1 code of one of `bestiary.poster.wording.languages`.
    title
        Instead of the animal's name.
    call
        Instead of the usual call to act.
    url
        Where the call leads, ``http://`` or ``https://``; shown, linked and as a QR code. Empty for none.
    credits
        Of the photographer, the painter, the publisher.
    fonts
        Font files for letters that the usual fonts lack.
    focus
        Where to look in pictures that are cut: 0 at the left or top, 1 at the right or bottom; ``None`` for
        where most happens.
    """

    pictures: Sequence[Pixels]
    labels: Sequence[str]
    language: str = "en"
    title: str = ""
    call: str = ""
    url: str = ""
    credits: str = ""
    fonts: tuple[Path, ...] = ()
    focus: float | None = None


@dataclass(frozen=True)
class Made:
    """A finished poster.

    Attributes
    ----------
    data
        The whole file, one page.
    dpi
        Dots an inch that the coarsest picture itself has at its size on paper; below 150 one sees it.
    """

    data: bytes
    dpi: int


def make(poster: Poster, size: str, layout: Layout, kind: Kind) -> Made:
    """Lay a poster out; the same poster gives the same bytes.

    Parameters
    ----------
    poster
        What it shows and says.
    size
        One of `bestiary.poster.page.PAGES`.
    layout
        One of `bestiary.poster.page.LAYOUTS`.
    kind
        ``pdf``: with real text, tagged for those who hear it (PDF/UA-1), pictures at 300 dpi. ``png``: 2160
        pixels on the shorter side.

    Raises
    ------
    PosterError
        Where there are too many pictures or words, or letters that no font has.
    """
    _check(poster.pictures)
    page = PAGES[size]
    aspects = [picture.shape[1] / picture.shape[0] for picture in poster.pictures]
    places = cells(layout, page, aspects, right_to_left=poster.language in RIGHT_TO_LEFT)
    shown = [
        framed(picture, place, poster.focus) for picture, place in zip(poster.pictures, places, strict=True)
    ]
    parts = {f"{number}.jpg": data for number, (data, _) in enumerate(shown)}
    if poster.url:
        parts["qr.svg"] = qr_code(poster.url, page)
    said = content.said(
        poster.labels,
        content.Wish(poster.language, poster.title, poster.call, poster.url, poster.credits),
    )
    laid_out = content.laid_out(page, places, palette_of(poster.pictures), poster.labels)
    data = typeset({**said, **laid_out}, layout, parts, kind, poster.fonts)
    return Made(data, min(dpi for _, dpi in shown))


def _check(pictures: Sequence[Pixels]) -> None:
    if not 1 <= len(pictures) <= MOST_PICTURES:
        raise PosterError(f"a poster has 1 to {MOST_PICTURES} pictures, not {len(pictures)}")
    for picture in pictures:
        height, width = picture.shape[:2]
        if min(height, width) < SMALLEST_SIDE:
            raise PosterError(
                f"a picture of {width} x {height} pixels is too small for a poster: "
                f"its shorter side must have {SMALLEST_SIDE}"
            )
