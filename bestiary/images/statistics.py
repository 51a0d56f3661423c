"""What can be said of a photo without knowing what it shows, for watching what an endpoint is sent."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bestiary.images.equalization import luminance
from bestiary.images.header import Header
from bestiary.images.layout import layout
from bestiary.images.preprocessing import Preprocessing

BINS = 16
MEASURED = Preprocessing(128)
"""How a photo is prepared before it is measured, whatever its model wants: so that the photos of two models,
of training and of an endpoint can be compared."""

VECTORS = ("red", "green", "blue", "layout")
"""The measures that are rows of numbers."""

_LEVELS = np.arange(256)
_TURNED = {5, 6, 7, 8}
"""EXIF orientations that lay a picture on its side."""


@dataclass(frozen=True)
class Statistics:
    """Measures of one photo.

    Attributes
    ----------
    width, height
        Of the file, upright, in pixels.
    brightness
        Mean luminance, 0 to 1.
    contrast
        Standard deviation of the luminance, 0 to 0.5.
    saturation
        Mean saturation of HSV, 0 to 1, over every other pixel of every other row.
    sharpness
        Standard deviation of the luminance's Laplacian, in levels of 0 to 255; low means blurred
        (Pech-Pacheco et al. 2000 use its square).
    red, green, blue
        Shares of the pixels in `BINS` equally wide bins from 0 to 255; each adds up to 1.
    layout
        Where light and colour lie; see `bestiary.images.layout`.
    """

    width: int
    height: int
    brightness: float
    contrast: float
    saturation: float
    sharpness: float
    red: tuple[float, ...]
    green: tuple[float, ...]
    blue: tuple[float, ...]
    layout: tuple[float, ...]


def measure(header: Header, image: NDArray[np.uint8]) -> Statistics:
    """Measure one photo.

    Parameters
    ----------
    header
        Of the file.
    image
        uint8 (size, size, 3), RGB: the photo prepared as `MEASURED`. Sharpness depends on the size, so
        compare only photos that were resized alike.

    Returns
    -------
    Statistics, rounded to what the eye could tell.
    """
    luma = luminance(image)
    counts = np.array(Image.fromarray(luma).histogram())
    brightness = float(counts @ _LEVELS) / luma.size
    variance = float(counts @ _LEVELS**2) / luma.size - brightness**2
    width, height = header.width, header.height
    if header.orientation in _TURNED:
        width, height = height, width
    red, green, blue = _histograms(image)
    return Statistics(
        width=width,
        height=height,
        brightness=round(brightness / 255, 4),
        contrast=round(max(0.0, variance) ** 0.5 / 255, 4),
        saturation=round(_saturation(image[::2, ::2]), 4),
        sharpness=round(_sharpness(luma), 2),
        red=red,
        green=green,
        blue=blue,
        layout=layout(image),
    )


def _saturation(image: NDArray[np.uint8]) -> float:
    # Channel by channel: NumPy's own maximum over a last axis of three takes 15 times as long.
    red, green, blue = image[..., 0], image[..., 1], image[..., 2]
    most = np.maximum(np.maximum(red, green), blue)
    least = np.minimum(np.minimum(red, green), blue)
    return float(((most - least) / np.maximum(most, 1)).mean())


def _sharpness(luma: NDArray[np.uint8]) -> float:
    if min(luma.shape) < 3:
        return 0.0
    levels = luma.astype(np.int16)
    laplacian = levels[:-2, 1:-1] + levels[2:, 1:-1]
    laplacian += levels[1:-1, :-2]
    laplacian += levels[1:-1, 2:]
    laplacian -= 4 * levels[1:-1, 1:-1]
    return float(laplacian.std())


def _histograms(image: NDArray[np.uint8]) -> list[tuple[float, ...]]:
    counted = np.reshape(Image.fromarray(image).histogram(), (3, BINS, -1)).sum(axis=2)
    shares: list[list[float]] = np.round(counted / (image.shape[0] * image.shape[1]), 4).tolist()
    return [tuple(channel) for channel in shares]
