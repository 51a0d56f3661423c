"""A poster's colours, taken from its pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bestiary.poster.colour import Floats, contrast, from_oklch, oklab

Pixels = NDArray[np.uint8]

WHITE = "#ffffff"
_SIDE = 64
_BINS = 36
_GREYS = 0.015
_EARTH = 1.2


@dataclass(frozen=True)
class Palette:
    """Colours that go with the pictures and can be read on each other; each is ``#rrggbb``.

    Attributes
    ----------
    deep
        Nearly black, of the hue of the pictures' dark parts: ground for white words (contrast 12 or more).
    field
        A full colour of the pictures' main hue: ground for white words (7 or more).
    paper
        Nearly white, with a breath of the main hue: ground for `ink` and `accent`.
    ink
        Nearly black: words on `paper` (7 or more).
    accent
        The main hue: words on `paper` (4.5 or more).
    glow
        The main hue, light: words on `deep` and `field` (4.5 or more).
    """

    deep: str
    field: str
    paper: str
    ink: str
    accent: str
    glow: str


def palette_of(pictures: Sequence[Pixels]) -> Palette:
    """Take a palette from pictures, uint8 (H, W, 3), RGB."""
    small = [
        np.asarray(Image.fromarray(picture).resize((_SIDE, _SIDE), Image.Resampling.BOX)).reshape(-1, 3)
        for picture in pictures
    ]
    lab = oklab(np.concatenate(small))
    hue, chroma = _main_hue(lab)
    dark = lab[lab[:, 0] <= np.quantile(lab[:, 0], 0.4)].mean(axis=0)
    dark_hue = float(np.arctan2(dark[2], dark[1])) if np.hypot(dark[1], dark[2]) > _GREYS / 3 else hue
    dark_chroma = min(float(np.hypot(dark[1], dark[2])), 0.035)
    deep = _readable(0.22, min(dark_chroma, chroma), dark_hue, -0.01, 12, WHITE)
    field = _readable(0.42, min(chroma, 0.11), hue, -0.01, 7, WHITE)
    paper = from_oklch(0.972, min(chroma * 0.12, 0.012), hue)
    return Palette(
        deep=deep,
        field=field,
        paper=paper,
        ink=_readable(0.27, min(chroma * 0.4, 0.03), hue, -0.01, 7, paper),
        accent=_readable(0.55, min(chroma, 0.13), hue, -0.01, 4.5, paper),
        glow=_readable(0.84, min(chroma, 0.11), hue, 0.01, 4.5, deep, field),
    )


def _main_hue(lab: Floats) -> tuple[float, float]:
    """Find the hue that most colour is of, in radians, and how strong it is; greys count little."""
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    hues = np.arctan2(lab[:, 2], lab[:, 1])
    weights = np.where((lab[:, 0] > 0.15) & (lab[:, 0] < 0.97), chroma, 0)
    if weights.mean() < _GREYS:
        # A grey picture has no hue of its own: a trace of earth keeps the paper from looking blue.
        return _EARTH, _GREYS
    bins = ((hues + np.pi) / (2 * np.pi) * _BINS).astype(int) % _BINS
    histogram = np.bincount(bins, weights, _BINS)
    smooth = histogram + 0.6 * (np.roll(histogram, 1) + np.roll(histogram, -1))
    best = int(smooth.argmax())
    near = np.isin(bins, [(best + step) % _BINS for step in (-1, 0, 1)]) & (weights > 0)
    middle = np.average(lab[near, 1:], axis=0, weights=weights[near])
    return float(np.arctan2(middle[1], middle[0])), float(np.quantile(chroma[near], 0.75))


def _readable(lightness: float, chroma: float, hue: float, step: float, least: float, *others: str) -> str:
    """Step to the first lightness whose contrast to all other colours suffices."""
    colour = from_oklch(lightness, chroma, hue)
    while min(contrast(colour, other) for other in others) < least and 0.02 < lightness < 0.99:
        lightness += step
        colour = from_oklch(lightness, chroma, hue)
    return colour
