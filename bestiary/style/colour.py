"""A picture's colours: taken from another one, or kept (Gatys et al. 2016, Preserving Color)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[Any]

Keeping = Literal["no", "luminance", "histogram"]
"""How the photo's colours are kept: by painting ``luminance`` alone, or by giving the painting the photo's
``histogram`` first."""


def recoloured(image: Floats, like: Floats) -> NDArray[np.float32]:
    """Give a picture another one's mean and covariance of colours, moving each colour as little as can be.

    That is the optimal transport between two normal distributions (Pitié and Kokaram 2007).

    Parameters
    ----------
    image, like
        (H, W, 3) RGB of 0 to 255, of any sizes.

    Returns
    -------
    float32 of the shape of `image`, within 0-255.
    """
    pixels, wanted = (one.reshape(-1, 3).astype(np.float64) for one in (image, like))
    covered, aimed = _covariance(pixels), _covariance(wanted)
    root, inverse = _power(covered, 0.5), _power(covered, -0.5)
    map_ = inverse @ _power(root @ aimed @ root, 0.5) @ inverse
    moved = (pixels - pixels.mean(axis=0)) @ map_ + wanted.mean(axis=0)
    return np.asarray(np.clip(moved, 0, 255).reshape(image.shape), np.float32)


def prepared(content: Pixels, style: Pixels, keeping: Keeping) -> Pixels:
    """Recolour a painting so that a picture in its manner can keep the photo's colours."""
    if keeping == "no":
        return style
    if keeping == "histogram":
        return np.rint(recoloured(style, content)).astype(np.uint8)
    light = np.asarray(Image.fromarray(style).convert("L"), np.float64)
    aim = np.asarray(Image.fromarray(content).convert("L"), np.float64)
    moved = (light - light.mean()) * (aim.std() / max(light.std(), 1.0)) + aim.mean()
    return np.repeat(np.clip(np.rint(moved), 0, 255).astype(np.uint8)[..., np.newaxis], 3, axis=-1)


def finished(painted: Pixels, content: Pixels, keeping: Keeping) -> Pixels:
    """Put the photo's colours back onto what was painted; both uint8 of one shape."""
    if keeping != "luminance":
        return painted
    light, _, _ = Image.fromarray(painted).convert("YCbCr").split()
    _, blue, red = Image.fromarray(content).convert("YCbCr").split()
    return np.asarray(Image.merge("YCbCr", (light, blue, red)).convert("RGB"), np.uint8)


def _covariance(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    apart = pixels - pixels.mean(axis=0)
    # One squared level more, or a picture of one colour could not be turned into any other.
    found: NDArray[np.float64] = apart.T @ apart / len(pixels) + np.eye(3)
    return found


def _power(matrix: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(matrix)
    found: NDArray[np.float64] = (vectors * np.maximum(values, 1e-9) ** exponent) @ vectors.T
    return found
