"""The recipe that ``bench/style.py`` measures against: style transfer as tutorials write it.

Adam on the pixels at full size, from the photo, all of it in one ``tf.function`` (TensorFlow's tutorial
"Neural style transfer": rate 0.02 of the range, first decay 0.99, epsilon 0.1). Its losses are written down
here once more, from their definitions, and are those of ``bestiary.style.objective``.
"""

from collections.abc import Callable, Iterator

import keras
import numpy as np
import tensorflow as tf

from bestiary.style import Weights, features

Tensor = tf.Tensor
# The tutorial's losses are sums, weighted by 1e-2 and 1e4; these are shares. At this mean, gradients have the
# size that they have there, so that the optimizer's epsilon means what it does there.
SLOPE = 1e2


def steps(
    network: features.Features, photo: np.ndarray, painting: np.ndarray, weights: Weights
) -> Iterator[tuple[np.ndarray, float]]:
    """Yield each step's picture, float32 (H, W, 3) of 0 to 255, and its total, for ever."""
    loss = _loss(network, photo, painting, weights)
    image = tf.Variable(photo[np.newaxis] / 255, dtype=tf.float32)
    adam = keras.optimizers.Adam(0.02, beta_1=0.99, epsilon=0.1)
    adam.build([image])
    with tf.GradientTape() as tape:
        first = loss(image)
    scale = SLOPE / float(np.abs(tape.gradient(first, image).numpy()).mean())

    @tf.function
    def step() -> Tensor:
        with tf.GradientTape() as tape:
            total = loss(image)
        adam.apply([scale * tape.gradient(total, image)], [image])
        image.assign(tf.clip_by_value(image, 0.0, 1.0))
        return total

    while True:
        before = image.numpy()[0] * 255
        yield before, float(step())


def _loss(
    network: features.Features, photo: np.ndarray, painting: np.ndarray, weights: Weights
) -> Callable[[Tensor], Tensor]:
    def maps(image: Tensor) -> dict[str, Tensor]:
        found = network.network(image * 255, training=False)
        return dict(zip(network.layers, found if isinstance(found, list) else [found], strict=True))

    def gram(one: Tensor) -> Tensor:
        cells = tf.cast(tf.shape(one)[1] * tf.shape(one)[2], tf.float32)
        return tf.linalg.einsum("bijc,bijd->bcd", one, one) / cells

    def rough(image: Tensor) -> Tensor:
        down, across = image[:, 1:] - image[:, :-1], image[:, :, 1:] - image[:, :, :-1]
        return tf.reduce_mean(down**2) + tf.reduce_mean(across**2)

    shown, painted = (tf.constant(one[np.newaxis] / 255, tf.float32) for one in (photo, painting))
    content = {name: maps(shown)[name] for name in network.content_layers}
    style = {name: gram(maps(painted)[name]) for name in network.style_layers}
    varied = {
        name: tf.reduce_sum((one - tf.reduce_mean(one, (1, 2), keepdims=True)) ** 2)
        for name, one in content.items()
    }
    roughest = tf.maximum(rough(shown), rough(painted))

    def loss(image: Tensor) -> Tensor:
        found = maps(image)
        lost = [tf.reduce_sum((found[name] - one) ** 2) / varied[name] for name, one in content.items()]
        apart = [
            tf.reduce_sum((gram(found[name]) - one) ** 2) / tf.reduce_sum(one**2)
            for name, one in style.items()
        ]
        return (
            weights.content * tf.add_n(lost) / len(lost)
            + weights.style * tf.add_n(apart) / len(apart)
            + weights.variation * rough(image) / roughest
        )

    return loss
