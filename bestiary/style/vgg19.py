"""VGG19 (Simonyan and Zisserman 2014), the network that Gatys et al. (2015) took content and style from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from bestiary.classifiers.download import Unreachable, fetch
from bestiary.classifiers.efficientnet import cache
from bestiary.style.features import Features, Pooling, Precision, chosen

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras

URL = (
    "https://storage.googleapis.com/tensorflow/keras-applications/vgg19/"
    "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5"
)
MD5 = "253f8cb515780f3b799900260a226db6"
"""As Keras publishes it for this file."""

CONTENT_LAYERS = ("block5_conv2",)
STYLE_LAYERS = ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1")
_MEAN = (103.939, 116.779, 123.68)
"""Of blue, green and red over ImageNet; subtracted from what the network sees."""


def build(  # noqa: PLR0913 - each is a person's choice
    *,
    weights: Literal["auto", "random"] = "auto",
    content_layers: Sequence[str] = CONTENT_LAYERS,
    style_layers: Sequence[str] = STYLE_LAYERS,
    pooling: Pooling = "max",
    precision: Precision = "float32",
    seed: int = 0,
) -> Features:
    """Build the network.

    Parameters
    ----------
    weights
        ``auto``: ImageNet's, from Keras's cache or downloaded into it (80 MB), and random ones with a warning
        where they cannot be had; ``random``: those at once.
    content_layers, style_layers, pooling, precision
        As of `features.chosen`.
    seed
        Of random weights.

    Raises
    ------
    CannotStylize
        It has no such layers.
    """
    warning = ""
    try:
        if weights == "random":
            raise Unreachable("random ones were asked for")  # noqa: TRY301 - the same words for both
        fetch(URL, MD5, cache() / "models" / URL.rpartition("/")[2])
    except Unreachable as error:
        warning = (
            f"VGG19 has random weights, not ImageNet's ({error}): what comes out is no style transfer as "
            f"published. Put {URL} into {cache() / 'models'}, or name another network with --features"
        )
    network = _network(None if warning else "imagenet", seed)
    return chosen(
        "VGG19", network, content_layers, style_layers, pooling=pooling, precision=precision, warning=warning
    )


def _network(weights: str | None, seed: int) -> keras.Model:
    """Build VGG19 with what it subtracts from a picture as its first layer, so that it takes plain RGB."""
    import keras
    import numpy as np

    keras.utils.set_random_seed(seed)
    plain = keras.applications.VGG19(include_top=False, weights=weights)
    image = keras.Input((None, None, 3), name="image")
    centred = keras.layers.Conv2D(3, 1, name="blue_green_red")(image)
    network = keras.applications.VGG19(include_top=False, weights=None, input_tensor=centred)
    for layer in plain.layers[1:]:
        network.get_layer(layer.name).set_weights(layer.get_weights())
    swap = np.eye(3, dtype=np.float32)[::-1].reshape(1, 1, 3, 3)
    network.get_layer("blue_green_red").set_weights([swap, -np.asarray(_MEAN, np.float32)])
    return network
