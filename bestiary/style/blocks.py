"""Convolutions over blocks of two by two pixels instead of over pixels.

A map (H, W, C) seen as (H/2, W/2, 4 C) has few places and many channels, which is what processors multiply
fastest; a kernel over it computes the very sums that the kernel over pixels does. Of a block's channels the
first C are its upper left pixel's, then the upper right's, the lower left's and the lower right's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


def folded(image: Floats) -> Floats:
    """Turn (H, W, C) into (H/2, W/2, 4 C)."""
    height, width, channels = image.shape
    parts = image.reshape(height // 2, 2, width // 2, 2, channels).transpose(0, 2, 1, 3, 4)
    return parts.reshape(height // 2, width // 2, 4 * channels)


def unfolded(blocks: Floats) -> Floats:
    """Turn (H/2, W/2, 4 C) into (H, W, C)."""
    height, width, channels = blocks.shape
    parts = blocks.reshape(height, width, 2, 2, channels // 4).transpose(0, 2, 1, 3, 4)
    return parts.reshape(2 * height, 2 * width, channels // 4)


def same(kernel: Floats) -> Floats:
    """Return the kernel from blocks to blocks for one of stride 1 that reaches an even number of pixels."""
    size, _, given, made = kernel.shape
    reach = size // 2
    wide = np.zeros((reach + 1, reach + 1, 2, 2, given, 2, 2, made), np.float32)
    for row, column, y, x in np.ndindex(2, 2, size, size):
        # Counted from the first pixel that a block's upper left pixel sees.
        down, right = row + y, column + x
        wide[down // 2, right // 2, down % 2, right % 2, :, row, column] = kernel[y, x]
    return wide.reshape(reach + 1, reach + 1, 4 * given, 4 * made)


def doubled(kernel: Floats) -> Floats:
    """Return the kernel from a map to the blocks that one of 3 by 3 makes of the map at twice its size."""
    given, made = kernel.shape[2:]
    wide = np.zeros((3, 3, given, 2, 2, made), np.float32)
    for row, column, y, x in np.ndindex(2, 2, 3, 3):
        # Neighbours in the enlarged map are often the same pixel: their weights add up.
        wide[(row + y + 1) // 2, (column + x + 1) // 2, :, row, column] += kernel[y, x]
    return wide.reshape(3, 3, given, 4 * made)


def halved(kernel: Floats) -> Floats:
    """Return the kernel from blocks to a map for a 3 by 3 one of stride 2; it looks up and left."""
    given, made = kernel.shape[2:]
    wide = np.zeros((2, 2, 2, 2, given, made), np.float32)
    for y, x in np.ndindex(3, 3):
        down, right = y + 1, x + 1
        wide[down // 2, right // 2, down % 2, right % 2] = kernel[y, x]
    return wide.reshape(2, 2, 4 * given, made)
