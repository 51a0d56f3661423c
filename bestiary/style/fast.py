"""Style transfer in one pass: a network that knows paintings in general (Ghiasi et al. 2017)."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from bestiary.style import pictures
from bestiary.style.errors import CannotStylize
from bestiary.style.hub import HANDLE, Module
from bestiary.style.tflite import Pair
from bestiary.style.vectors import Vectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from bestiary.style.gatys import Style

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

MOST_PIXELS = 2048 * 2048
"""Larger pictures are painted at this size and then enlarged: LiteRT takes 280 bytes of memory a pixel."""


class Model(Protocol):
    """A predictor of style vectors and a transformer of pictures; all pictures are float32 of 0 to 1.

    Attributes
    ----------
    digest
        Of the predictor: equal ones give equal vectors.
    style_side
        Side in pixels of the square paintings that it looks at.
    multiple
        The sides of photos must be multiples of this.
    """

    digest: str
    style_side: int
    multiple: int

    def vector(self, style: Floats) -> Floats:
        """Return the style vector of (S, S, 3)."""
        ...

    def transform(self, content: Floats, vector: Floats) -> Floats:
        """Paint (H, W, 3)."""
        ...


def read(where: str | None = None, threads: int | None = None) -> Model:
    """Open a model.

    Parameters
    ----------
    where
        A folder with a SavedModel or a TFLite pair, or a handle of TensorFlow Hub; by default the module
        that the original report used, `hub.HANDLE`.
    threads
        For the TFLite pair; by default all cores.

    Raises
    ------
    CannotStylize
        There is no such model, or it cannot be had.
    """
    where = where or HANDLE
    folder = Path(where)
    if folder.is_dir():
        if (folder / "saved_model.pb").exists():
            return Module(str(folder))
        if any(folder.glob("*.tflite")):
            return Pair.of(folder, threads or os.cpu_count() or 1)
        raise CannotStylize(f"{where} holds neither saved_model.pb nor .tflite files")
    if "://" not in where:
        raise CannotStylize(f"{where}: a model is a folder, or a handle such as {HANDLE}")
    return Module(where)


def paint(  # noqa: PLR0913 - what a picture is made of
    model: Model,
    content: Pixels,
    styles: Sequence[Style],
    *,
    size: int,
    strength: float = 1.0,
    vectors: Vectors | None = None,
) -> Pixels:
    """Paint a photo in the manner of one or several paintings.

    Parameters
    ----------
    model
        What paints.
    content
        The photo, uint8 (H, W, 3) RGB of any size; nothing of it is cut off.
    styles
        The paintings; their style vectors are averaged by their weights.
    size
        Longest side of the result, in pixels.
    strength
        0 to 1: from the photo's own style vector to the paintings'.
    vectors
        Vectors known from before.

    Returns
    -------
    uint8 (H, W, 3).

    Raises
    ------
    CannotStylize
        The strength is out of its range, or the photo is too small.
    """
    if not 0 <= strength <= 1:
        raise CannotStylize(f"--strength {strength:g}: it goes from 0 to 1")
    photo = pictures.fitted(content, size)
    known = vectors or Vectors()
    whole = sum(style.weight for style in styles)
    if whole <= 0:
        raise CannotStylize("a picture needs at least one style whose weight is more than 0")

    def vector(image: Pixels) -> Floats:
        return known.of(model.digest, image, lambda image: _look(model, image))

    mixed = np.sum([style.weight / whole * vector(style.image) for style in styles], axis=0)
    if strength < 1:
        mixed = strength * mixed + (1 - strength) * vector(content)
    return _transformed(model, photo, mixed.astype(np.float32))


def _look(model: Model, painting: Pixels) -> Floats:
    """Average the vectors of squares that cover a painting: none of it is squashed or left out."""
    pictures.check(painting)
    side = model.style_side
    height, width = painting.shape[:2]
    longer = side * max(height, width) // min(height, width)
    fitted = pictures.resized(painting, (longer, side) if height > width else (side, longer))
    count = min(8, math.ceil(longer / side))
    starts = np.linspace(0, longer - side, count).round().astype(int)
    squares = (
        fitted[start : start + side] if height > width else fitted[:, start : start + side]
        for start in starts
    )
    vectors = [model.vector(_unit(square)) for square in squares]
    return np.asarray(np.mean(vectors, axis=0), np.float32)


def _transformed(model: Model, photo: Pixels, vector: Floats) -> Pixels:
    height, width = photo.shape[:2]
    shrink = min(1.0, (MOST_PIXELS / (height * width)) ** 0.5)
    small = pictures.resized(photo, (max(1, int(height * shrink)), max(1, int(width * shrink))))
    rows, columns = (-side % model.multiple for side in small.shape[:2])
    padded = np.pad(small, ((0, rows), (0, columns), (0, 0)), mode="symmetric")
    painted = model.transform(_unit(padded), vector)
    painted = painted[: small.shape[0], : small.shape[1]]
    return pictures.resized(pictures.rounded(painted * 255), (height, width))


def _unit(image: Pixels) -> Floats:
    return image.astype(np.float32) / np.float32(255)
