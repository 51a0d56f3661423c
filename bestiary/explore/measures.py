"""What can be measured of photos without knowing what they show."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bestiary.dataset import Photo
from bestiary.images import equalize
from bestiary.images.statistics import Statistics, measure

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
        Medians of the photos' own sizes, upright, in pixels.
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
    measured: dict[str, list[Statistics]] = {label: [] for label in classes}
    for photo in photos:
        measured[photo.label].append(measure(photo.header, images[photo.row]))
    return {label: _summary(ones) for label, ones in measured.items()}


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


def _summary(measured: Sequence[Statistics]) -> Summary:
    return Summary(
        brightness=round(statistics.fmean(one.brightness for one in measured), 4),
        contrast=round(statistics.fmean(one.contrast for one in measured), 4),
        sharpness=round(statistics.fmean(one.sharpness for one in measured), 2),
        width=round(statistics.median(one.width for one in measured)),
        height=round(statistics.median(one.height for one in measured)),
    )


def _count(image: Pixels) -> NDArray[np.float64]:
    binned = image.reshape(-1, 3) // (256 // BINS) + np.arange(3, dtype=np.uint8) * BINS
    return np.bincount(binned.ravel(), minlength=3 * BINS).reshape(3, BINS).astype(float)


def _shares(counted: NDArray[np.float64]) -> list[list[float]]:
    shares: list[list[float]] = np.round(counted / counted.sum(axis=1, keepdims=True), 6).tolist()
    return shares
