"""What is painted beyond a picture's right and lower edge, so that all of the picture is seen.

Strides that leave a rest make a network blind to the last rows, and nothing would be painted there. What is
painted beyond costs time, and changes what the network sees at the edge: it is as little as will do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from bestiary.style.features import Features

    Floats = NDArray[np.float32]

Margin = tuple[int, int]
"""Rows and columns."""
_MOST = 32
_STRIP = 128


def margin(features: Features, shape: tuple[int, ...]) -> Margin:
    """Find how many rows and columns a picture needs beyond its own.

    Parameters
    ----------
    features
        What looks at it.
    shape
        Height and width of the picture, in pixels.

    Raises
    ------
    CannotStylize
        The picture is too small for the network.
    """
    features.check(shape)
    height, width = shape[:2]
    # The layer of the largest maps sees the most.
    finest = max(
        range(len(features.layers)), key=lambda index: _sides(features.network, index, (height, width))
    )
    eye = _ending(features.network, finest)
    return _beyond(eye, height, width, 0), _beyond(eye, width, height, 1)


def framed(image: Floats, beyond: Margin) -> Floats:
    """Continue a picture, float32 (H, W, 3), beyond two of its edges as a mirror would."""
    return np.pad(image, (*((0, side) for side in beyond), (0, 0)), mode="symmetric")


def inner(image: Floats, beyond: Margin) -> Floats:
    """Return a picture without what lies beyond its edges."""
    return image[: image.shape[0] - beyond[0], : image.shape[1] - beyond[1]]


def _sides(network: keras.Model, index: int, shape: tuple[int, int]) -> int:
    found = network.compute_output_shape((1, *shape, 3))
    height, width = (found if isinstance(found, list) else [found])[index][1:3]
    return int(height * width)


def _ending(network: keras.Model, index: int) -> keras.Model:
    import keras

    return keras.Model(network.inputs[0], network.outputs[index])


def _beyond(eye: keras.Model, length: int, across: int, axis: int) -> int:
    """As many rows (columns) as leave none of the `length` ones unseen; none where no number does."""
    # Of a strip it sees as many rows as of the picture.
    across = min(across, _STRIP)
    if not _unseen(eye, length, across, axis):
        return 0
    # To an even side: oneDNN takes a seventh more memory for pictures 1,025 pixels wide than for 1,026.
    even = range(1 + (length + 1) % 2, _MOST + 1, 2)
    return next((more for more in even if _unseen(eye, length + more, across, axis) <= more), 0)


def _unseen(eye: keras.Model, length: int, across: int, axis: int) -> int:
    """Count the last rows (columns) that nothing depends on."""
    import tensorflow as tf

    shape = (length, across) if axis == 0 else (across, length)
    noise = tf.constant(np.random.default_rng(0).uniform(0, 255, (1, *shape, 3)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(noise)
        seen = tf.reduce_sum(tf.cast(eye(noise, training=False), tf.float32))
    slopes = np.abs(tape.gradient(seen, noise)[0].numpy()).sum(axis=(1 - axis, 2))
    return int(np.argmax(slopes[::-1] > 0)) if slopes.any() else 0
