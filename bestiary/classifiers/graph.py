"""The layers of a Keras functional model as a graph, read from its public configuration."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import keras
    import numpy as np
    import numpy.typing as npt

Config = dict[str, Any]


class Source(NamedTuple):
    """A tensor of a graph: an output of the layer that makes it."""

    layer: str
    output: int


def configuration(network: keras.Model) -> Config:
    """Return a copy of a functional model's configuration as plain JSON values, free to be changed."""
    config: Config = json.loads(json.dumps(network.get_config()))
    return config


def sources(layer: Config) -> tuple[Source, ...]:
    """Return the tensors that a layer of a configuration takes, in order."""
    return tuple(Source(history[0], history[2]) for history in histories(layer["inbound_nodes"]))


def outputs(config: Config) -> tuple[Source, ...]:
    """Return the tensors that the model answers, in order."""
    found = config["output_layers"]
    return tuple(Source(name, index) for name, _, index in ([found] if isinstance(found[0], str) else found))


def histories(value: Any) -> Iterator[list[Any]]:  # noqa: ANN401 - any JSON value
    """Yield every ``[layer, node, output]`` that a part of a configuration refers to, free to be changed."""
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            yield value["config"]["keras_history"]
            return
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from histories(item)


def tensor(network: keras.Model, source: Source) -> Any:  # noqa: ANN401 - Keras publishes no type for it
    """Return the symbolic tensor of `network` that `source` names."""
    made = network.get_layer(source.layer).output
    return made[source.output] if isinstance(made, (list, tuple)) else made


def assign(layer: keras.Layer, weights: Sequence[npt.NDArray[np.float32]]) -> None:
    """Set a layer's weights, in the order of ``layer.weights``."""
    if weights:
        layer.set_weights(list(weights))
    if hasattr(layer, "finalize_state"):
        # Normalization computes with copies of its weights, which only this call brings up to date.
        layer.finalize_state()


def copied(network: keras.Model) -> keras.Model:
    """Return a functional model of the same layers and weights that no other model has made use of."""
    import keras
    import numpy as np

    copy = keras.Model.from_config(configuration(network))
    for layer in copy.layers:
        assign(layer, [np.asarray(weight) for weight in network.get_layer(layer.name).get_weights()])
    return copy
