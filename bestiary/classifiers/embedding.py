"""What a network sees in a photo, as a few numbers: its last features before it decides on a species.

They tell new kinds of photos from known ones better than scores do, and cost nothing: the network computes
them anyway. A random projection keeps distances (Johnson and Lindenstrauss 1984), so a monitor needs no more
than these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bestiary.classifiers import graph

if TYPE_CHECKING:
    import keras

LENGTH = 64
_SEED = 1
LEAST = 1e-12
"""The shortest length that is divided by."""


def with_embedding(network: keras.Model) -> keras.Model:
    """Return a classifier that answers with its scores and, behind them, what it sees.

    Parameters
    ----------
    network
        From images to probabilities N×C; its layers are shared. It may be built to take a list of one.

    Returns
    -------
    A model of one input and one output, N×(C + `LENGTH`): the input of the last dense layer, brought to
    length one and projected at random, always in the same way. N×C where there is no dense layer.
    """
    import keras

    scores, features = network.outputs[0], _features(network)
    if features is None:
        return keras.Model(network.inputs[0], scores)
    # Keras's UnitNormalization is not a number in LiteRT where all features are nought.
    squares = keras.ops.sum(keras.ops.square(features), axis=-1, keepdims=True)
    turned = features / keras.ops.maximum(keras.ops.sqrt(squares), LEAST)
    project = keras.layers.Dense(LENGTH, use_bias=False, trainable=False, name="embedding")
    seen = project(turned)
    project.set_weights([_projection(features.shape[-1])])
    return keras.Model(
        network.inputs[0], keras.layers.Concatenate(name="embedding_behind_scores")([scores, seen])
    )


def _features(network: keras.Model) -> Any:  # noqa: ANN401 - Keras publishes no type for tensors
    dense = [layer for layer in graph.configuration(network)["layers"] if layer["class_name"] == "Dense"]
    if not dense:
        return None
    [source] = graph.sources(dense[-1])
    features = graph.tensor(network, source)
    return features if len(features.shape) == 2 else None


def _projection(features: int) -> npt.NDArray[np.float32]:
    # RandomState's numbers are the same in every version of NumPy: a baseline must fit answers years later.
    drawn = np.random.RandomState(_SEED).standard_normal((features, LENGTH))
    return drawn.astype(np.float32)
