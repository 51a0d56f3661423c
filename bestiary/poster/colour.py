"""Colours in OKLCH, in which equal steps look equal, and how well one can be read on another."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Ottosson, "A perceptual color space for image processing" (2020).
_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


def oklab(rgb: NDArray[np.uint8]) -> Floats:
    """Convert sRGB (…, 3), 0 to 255, to OKLab: lightness 0 to 1, and the two opponents."""
    lms: Floats = np.cbrt(_linear(rgb / 255) @ _TO_LMS.T)
    lab: Floats = lms @ _TO_LAB.T
    return lab


def from_oklch(lightness: float, chroma: float, hue: float) -> str:
    """Return the nearest sRGB colour of this lightness and hue, with less chroma where it must be.

    Parameters
    ----------
    lightness
        0 to 1.
    chroma
        0 for grey, to about 0.3.
    hue
        In radians.

    Returns
    -------
    ``#rrggbb``.
    """
    while True:
        lab = np.array([lightness, chroma * np.cos(hue), chroma * np.sin(hue)])
        linear = np.linalg.inv(_TO_LMS) @ (np.linalg.inv(_TO_LAB) @ lab) ** 3
        if chroma < 0.002 or (linear.min() >= -1e-4 and linear.max() <= 1 + 1e-4):
            break
        chroma *= 0.95
    channels = np.round(_gamma(np.clip(linear, 0, 1)) * 255).astype(int)
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, ``#rrggbb``: 1 to 21, as WCAG 2 defines it."""
    luminances = sorted(float(_linear(_channels(colour) / 255) @ _LUMINANCE) for colour in (one, other))
    return (luminances[1] + 0.05) / (luminances[0] + 0.05)


def _channels(colour: str) -> Floats:
    return np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)], np.float64)


def _linear(srgb: Floats) -> Floats:
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def _gamma(linear: Floats) -> Floats:
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
