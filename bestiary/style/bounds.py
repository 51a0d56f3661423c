"""What keeps colours within 0 to 255 while L-BFGS, which knows no bounds, moves them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

STIFFNESS = 1000.0
"""From the mean square of what lies outside, in units of the full range, to loss, where weights add up to 1.
Without it, clipping the finished picture lost style: of a panda and The Great Wave 0.10 became 0.14."""


def outside(image: Floats, weight: float) -> tuple[float, Floats]:
    """Return the price of colours outside 0 to 255, and its gradient, of the picture's shape.

    Parameters
    ----------
    image
        float32 (H, W, 3), RGB.
    weight
        All weights of the loss together.
    """
    beyond = image - np.clip(image, 0, 255)
    price = weight * STIFFNESS / (image.size * 255.0**2)
    return price * float(np.vdot(beyond, beyond)), np.float32(2 * price) * beyond
