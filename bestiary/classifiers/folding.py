"""Batch normalisation folded into the convolutions before it: the same answers in less time.

In inference ``normalise(conv(x))`` is itself a convolution with scaled kernels and a bias (Jacob et al. 2018,
*Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference*, section 3.2).
TensorFlow does not do it by itself while the weights are variables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bestiary.classifiers import graph

if TYPE_CHECKING:
    import keras

CONVOLUTIONS = ("Conv2D", "DepthwiseConv2D")


def fold(network: keras.Model) -> keras.Model:
    """Return a copy of a functional model for inference alone, with fewer layers.

    Only a normalisation that is the sole reader of a linear convolution is folded; everything else is copied.
    """
    import keras

    config = graph.configuration(network)
    pairs = _pairs(config)
    folded = {normalisation: convolution for convolution, normalisation in pairs.items()}
    config["layers"] = [layer for layer in config["layers"] if layer["name"] not in folded]
    for layer in config["layers"]:
        if layer["name"] in pairs:
            layer["config"]["use_bias"] = True
        for history in graph.histories(layer["inbound_nodes"]):
            history[0] = folded.get(history[0], history[0])
    config["output_layers"] = [
        [folded.get(source.layer, source.layer), 0, source.output] for source in graph.outputs(config)
    ]
    copy = keras.Model.from_config(config)
    for layer in copy.layers:
        _fill(layer, network, pairs.get(layer.name))
    return copy


def _pairs(config: graph.Config) -> dict[str, str]:
    """Name the convolutions that a normalisation can be folded into, with that normalisation."""
    readers: dict[str, list[str]] = {source.layer: [""] for source in graph.outputs(config)}
    for layer in config["layers"]:
        for source in graph.sources(layer):
            readers.setdefault(source.layer, []).append(layer["name"])
    kinds = {layer["name"]: layer for layer in config["layers"]}
    return {
        layer["name"]: reader
        for layer in config["layers"]
        if layer["class_name"] in CONVOLUTIONS and layer["config"]["activation"] == "linear"
        for reader in readers.get(layer["name"], [])
        if len(readers[layer["name"]]) == 1
        and reader
        and kinds[reader]["class_name"] == "BatchNormalization"
        and kinds[reader]["config"]["axis"] in (-1, 3)
        and layer["config"]["data_format"] == "channels_last"
    }


def _fill(layer: keras.Layer, network: keras.Model, normalisation: str | None) -> None:
    """Give a layer of the copy its weights."""
    weights = [np.asarray(weight) for weight in network.get_layer(layer.name).get_weights()]
    if normalisation is not None:
        weights = _folded(
            weights, network.get_layer(normalisation), depthwise="Depthwise" in type(layer).__name__
        )
    graph.assign(layer, weights)


def _folded(
    weights: list[npt.NDArray[np.float32]],
    normalisation: Any,  # noqa: ANN401 - a keras layer
    *,
    depthwise: bool,
) -> list[npt.NDArray[np.float32]]:
    kernel, bias = weights[0], weights[1] if len(weights) > 1 else 0.0
    scale = 1 / np.sqrt(np.asarray(normalisation.moving_variance) + normalisation.epsilon)
    if normalisation.scale:
        scale = scale * np.asarray(normalisation.gamma)
    shift = (bias - np.asarray(normalisation.moving_mean)) * scale
    if normalisation.center:
        shift = shift + np.asarray(normalisation.beta)
    return [kernel * (scale.reshape(kernel.shape[2:]) if depthwise else scale), shift]
