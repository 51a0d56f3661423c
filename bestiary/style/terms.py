"""The objective's terms as TensorFlow computes them, compiled once for each feature network."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from bestiary.style.features import Features

    Floats = NDArray[np.float32]

Tensor = Any
_NOTHING = 1e-6


class Goal(NamedTuple):
    """What pictures are measured against.

    Attributes
    ----------
    maps
        The photo's, one a content layer, of the same window.
    scales
        What a squared difference from each of them counts.
    grams
        The paintings' mean Gram matrix, one a style layer.
    shares
        What each style layer counts in the style loss.
    weights
        Of content and style in gradients, as one vector.
    """

    maps: Any
    scales: Any
    grams: Any
    shares: Any
    weights: Any


class Terms(NamedTuple):
    """Functions of a window: float32 (H, W, 3), RGB of 0 to 255. `core` is as in `tiles.Tile`.

    Attributes
    ----------
    look
        Window → its content maps.
    spread
        Content maps, window's height and width, core → for each map the number of the core's cells and their
        sum and sum of squares, by channel.
    sums
        Window, core → for each style layer the sum of its Gram matrices over the core's cells, and how many.
    whole
        Window, goal → content loss, style loss, gradient of their weighted sum. For a picture that is one
        window.
    pull
        Window, core, goal, slopes of the weighted style loss by each sum of Gram matrices → content loss
        over the core, gradient. For a picture of several windows.
    """

    look: Callable[..., Any]
    spread: Callable[..., Any]
    sums: Callable[..., Any]
    whole: Callable[..., Any]
    pull: Callable[..., Any]


@functools.lru_cache(maxsize=4)
def compiled(features: Features) -> Terms:
    """Compile the terms for a feature network, once for pictures of all sizes."""
    import tensorflow as tf

    def maps(window: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        found = features.network(window[tf.newaxis], training=False)
        found = found if isinstance(found, (list, tuple)) else [found]
        # What the slice `one[0]` gets back is written into a map of noughts first; a squeeze costs nothing.
        by_name = dict(zip(features.layers, (tf.squeeze(one, 0) for one in found), strict=True))
        # Sums over thousands of cells need all digits, whatever the network computes in.
        exact = [tf.cast(by_name[name], tf.float32) for name in features.content_layers]
        return exact, [by_name[name] for name in features.style_layers]

    def look(window: Tensor) -> list[Tensor]:
        return maps(window)[0]

    def spread(found: list[Tensor], sides: Tensor, core: Tensor) -> list[tuple[Tensor, Tensor, Tensor]]:
        marks = [_mask(one, sides, core) for one in found]
        return [
            (
                tf.reduce_sum(mark),
                tf.reduce_sum(mark * one, (0, 1)),
                tf.reduce_sum(mark * tf.square(one), (0, 1)),
            )
            for one, mark in zip(found, marks, strict=True)
        ]

    def sums(window: Tensor, core: Tensor) -> list[tuple[Tensor, Tensor]]:
        found = maps(window)[1]
        marks = [_mask(one, tf.shape(window), core) for one in found]
        return [
            (_gram(one * tf.cast(mark, one.dtype)), tf.reduce_sum(mark))
            for one, mark in zip(found, marks, strict=True)
        ]

    def whole(window: Tensor, goal: Goal) -> tuple[Tensor, Tensor, Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(window)
            content, style = maps(window)
            lost, apart = _lost(content, goal, [1.0] * len(content)), _apart(style, goal)
            total = goal.weights[0] * lost + goal.weights[1] * apart
        return lost, apart, tape.gradient(total, window)

    def pull(window: Tensor, core: Tensor, goal: Goal, slopes: list[Tensor]) -> tuple[Tensor, Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(window)
            content, style = maps(window)
            sides = tf.shape(window)
            lost = _lost(content, goal, [_mask(one, sides, core) for one in content])
            total = goal.weights[0] * lost
            for one, slope in zip(style, slopes, strict=True):
                mark = tf.cast(_mask(one, sides, core), one.dtype)
                total += tf.reduce_sum(_gram(one * mark) * slope)
        return lost, tape.gradient(total, window)

    def numbers(*shape: int | None) -> Any:  # noqa: ANN401 - TensorFlow publishes no types
        return tf.TensorSpec(shape, tf.float32)

    # Open sizes: every level of a picture, every painting and every window is the same program.
    window, core = numbers(None, None, 3), tf.TensorSpec((4,), tf.int32)
    depths = dict(
        zip(features.layers, (output.shape[-1] for output in features.network.outputs), strict=True)
    )
    wanted = [numbers(None, None, depths[name]) for name in features.content_layers]
    grams = [numbers(depths[name], depths[name]) for name in features.style_layers]
    goal = Goal(wanted, [numbers() for _ in wanted], grams, [numbers() for _ in grams], numbers(2))
    return Terms(
        tf.function(look, input_signature=[window]),
        tf.function(spread, input_signature=[wanted, tf.TensorSpec((2,), tf.int32), core]),
        tf.function(sums, input_signature=[window, core]),
        _with_fixed_weights(tf.function(whole, input_signature=[window, goal])),
        tf.function(pull, input_signature=[window, core, goal, grams]),
    )


def _with_fixed_weights(function: Any) -> Callable[..., Any]:  # noqa: ANN401 - TensorFlow publishes no types
    """Make a network's weights constants of a function: they are brought into the processor's order once."""

    @functools.cache
    def fixed() -> Any:  # noqa: ANN401
        import tensorflow as tf
        from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

        made = convert_variables_to_constants_v2(function.get_concrete_function())
        # Called as it is, TensorFlow first finds that the arguments do not fit a signature it has lost, and
        # writes all their numbers into a message that nobody sees: a tenth of the time at 256 pixels.
        taken = [tf.TensorSpec(one.shape, one.dtype) for one in made.inputs]
        return tf.function(made, input_signature=taken).get_concrete_function()

    def call(window: Tensor, goal: Goal) -> Any:  # noqa: ANN401
        import tensorflow as tf

        return fixed()(*(tf.convert_to_tensor(one) for one in (window, *tf.nest.flatten(goal))))

    return call


def variation(image: Floats) -> tuple[float, Floats]:
    """Return the mean squared difference of neighbours in units of the full range, and its gradient.

    Parameters
    ----------
    image
        float32 (H, W, 3), 0 to 255.
    """
    down, across = image[1:] - image[:-1], image[:, 1:] - image[:, :-1]
    total, slope = 0.0, np.zeros_like(image)
    for apart, later, earlier in ((down, slope[1:], slope[:-1]), (across, slope[:, 1:], slope[:, :-1])):
        share = 1 / (apart.size * 255.0**2) if apart.size else 0.0
        total += share * float(np.vdot(apart, apart))
        pull = np.float32(2 * share) * apart
        np.add(later, pull, out=later)
        np.subtract(earlier, pull, out=earlier)
    return total, slope


def _mask(one: Tensor, sides: Tensor, core: Tensor) -> Tensor:
    """Mark the cells of a map whose middle lies in the core."""
    import tensorflow as tf

    marks = []
    for axis in (0, 1):
        cells = tf.cast(tf.shape(one)[axis], tf.float32)
        middles = (tf.range(cells) + 0.5) * tf.cast(sides[axis], tf.float32) / cells
        first, last = tf.cast(core[2 * axis], tf.float32), tf.cast(core[2 * axis + 1], tf.float32)
        marks.append(tf.cast((middles >= first) & (middles < last), tf.float32))
    return (marks[0][:, tf.newaxis] * marks[1])[..., tf.newaxis]


def _gram(one: Tensor) -> Tensor:
    """Sum the products of all pairs of channels over all places, in float32."""
    import tensorflow as tf

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def product(flat: Tensor) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
        exact = tf.cast(flat, tf.float32)

        def back(slope: Tensor) -> Tensor:
            # Both factors are the same map, and a slope by a Gram matrix is as symmetric as that is: one
            # product instead of the two that TensorFlow would make.
            return tf.matmul(flat, tf.cast(2 * slope, flat.dtype))

        return tf.matmul(exact, exact, transpose_a=True), back

    return product(tf.reshape(one, (-1, one.shape[-1])))


def _lost(found: list[Tensor], goal: Goal, masks: list[Any]) -> Tensor:
    import tensorflow as tf

    return tf.add_n(
        [
            scale * tf.reduce_sum(mark * tf.math.squared_difference(one, target))
            for one, target, scale, mark in zip(found, goal.maps, goal.scales, masks, strict=True)
        ]
    )


def _apart(found: list[Tensor], goal: Goal) -> Tensor:
    import tensorflow as tf

    parts = []
    for one, target, share in zip(found, goal.grams, goal.shares, strict=True):
        count = tf.cast(tf.shape(one)[0] * tf.shape(one)[1], tf.float32)
        size = tf.maximum(tf.reduce_sum(tf.square(target)), _NOTHING)
        # Not `** 2`: TensorFlow's gradient of that raises to the first power, as slowly as to any other.
        parts.append(share * tf.reduce_sum(tf.math.squared_difference(_gram(one) / count, target)) / size)
    return tf.add_n(parts)
