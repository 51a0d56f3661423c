"""A network's weights as safetensors: numbers and their names, nothing that can run."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from bestiary.classifiers import graph

if TYPE_CHECKING:
    import keras


def write(network: keras.Model) -> bytes:
    """Return all weights of `network` in one file's bytes, equal for equal weights."""
    values = (np.asarray(weight, order="C") for weight in network.weights)
    data: bytes = save_tensors(dict(zip(_names(network), values, strict=True)))
    return data


def read(data: bytes, network: keras.Model) -> None:
    """Set all weights of `network` to those that `write` kept.

    Raises
    ------
    ValueError
        They are not the weights of this network: the first that differs in name, shape or type is named.
    """
    try:
        values = load_tensors(data)
    except SafetensorError as error:
        raise ValueError(f"the weights are damaged: {error}") from error
    names = _names(network)
    for name in sorted(set(names) ^ set(values)):
        raise ValueError(f"the weights and the architecture disagree about {name!r}")
    for name, weight in zip(names, network.weights, strict=True):
        if (values[name].shape, values[name].dtype.name) != (tuple(weight.shape), str(weight.dtype)):
            raise ValueError(
                f"weight {name!r} is {values[name].dtype.name} {values[name].shape}, not {weight.shape}"
            )
    position = 0
    for layer in network.layers:
        taken = len(layer.weights)
        graph.assign(layer, [values[name] for name in names[position : position + taken]])
        position += taken


def _names(network: keras.Model) -> list[str]:
    """Name the weights by their Keras paths, told apart where two share one."""
    seen: Counter[str] = Counter()
    names = []
    for weight in network.weights:
        seen[weight.path] += 1
        names.append(weight.path if seen[weight.path] == 1 else f"{weight.path}#{seen[weight.path]}")
    return names
