"""What can be measured of photos without knowing what they show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bestiary.dataset import Photo
from bestiary.images import equalize, luminance

Pixels = NDArray[np.uint8]

BINS = 32
_STRIDE = 2


@dataclass(frozen=True)
class Summary:
    """The photos of one class in the mean.

    Attributes
    ----------
    brightness
        Mean luminance, 0 to 1.
    contrast
        Standard deviation of the luminance within a photo, 0 to 0.5.
    sharpness
        Standard deviation of the luminance's Laplacian, in levels of 0 to 255; low means blurred.
    width, height
        Medians of the files' own sizes, in pixels.
    """

    brightness: float
    contrast: float
    sharpness: float
    width: int
    height: int


def summarize(photos: Sequence[Photo], images: Pixels, classes: Iterable[str]) -> dict[str, Summary]:
    """Measure all photos and summarize them by class.

    Parameters
    ----------
    photos
        What to measure.
    images
        uint8 (rows, size, size, 3), not equalized; `Photo.row` points into it.
    classes
        The labels; each has a photo.
    """
    measured = {photo.file: _measure(images[photo.row]) for photo in photos}
    return {
        label: _summary([photo for photo in photos if photo.label == label], measured) for label in classes
    }


def histograms(photos: Iterable[Photo], images: Pixels) -> tuple[list[list[float]], list[list[float]]]:
    """Count colours before and after equalization, over all photos.

    Parameters
    ----------
    photos, images
        As in `summarize`. Every other pixel of every other row is counted.

    Returns
    -------
    Before and after: for red, green and blue, the shares of `BINS` equally wide bins from 0 to 255; they add
    up to 1.
    """
    before, after = np.zeros((3, BINS)), np.zeros((3, BINS))
    for photo in photos:
        thin = np.ascontiguousarray(images[photo.row, ::_STRIDE, ::_STRIDE])
        before += _count(thin)
        after += _count(equalize(thin))
    return _shares(before), _shares(after)


def _measure(image: Pixels) -> tuple[float, float, float]:
    luma = luminance(image).astype(np.int16)
    inside = luma[1:-1, 1:-1]
    laplacian = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:] - 4 * inside
    return float(luma.mean()) / 255, float(luma.std()) / 255, float(laplacian.std())


def _summary(photos: Sequence[Photo], measured: Mapping[str, tuple[float, float, float]]) -> Summary:
    brightness, contrast, sharpness = np.mean([measured[photo.file] for photo in photos], axis=0).tolist()
    width, height = np.median([(photo.width, photo.height) for photo in photos], axis=0).tolist()
    return Summary(round(brightness, 4), round(contrast, 4), round(sharpness, 2), int(width), int(height))


def _count(image: Pixels) -> NDArray[np.float64]:
    binned = image.reshape(-1, 3) // (256 // BINS) + np.arange(3, dtype=np.uint8) * BINS
    return np.bincount(binned.ravel(), minlength=3 * BINS).reshape(3, BINS).astype(float)


def _shares(counted: NDArray[np.float64]) -> list[list[float]]:
    shares: list[list[float]] = np.round(counted / counted.sum(axis=1, keepdims=True), 6).tolist()
    return shares
