"""Feature networks: what a picture's content and style are measured with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from bestiary.classifiers import backbone, graph
from bestiary.classifiers.backbone import UnusableBackbone
from bestiary.style.errors import CannotStylize

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import keras

Pooling = Literal["max", "average"]
Precision = Literal["float32", "bfloat16"]


@dataclass(frozen=True)
class Features:
    """A network whose layers say what a picture shows, and in what manner.

    Attributes
    ----------
    name
        Of the network, for people.
    network
        From float32 (1, H, W, 3) RGB of 0 to 255 to the maps of `layers`, in their order.
    content_layers
        Whose maps say what a picture shows.
    style_layers
        Whose maps' correlations (Gram matrices) say in what manner it is painted.
    warning
        What nobody who looks at the result must miss, or ``""``.
    """

    name: str
    network: keras.Model
    content_layers: tuple[str, ...]
    style_layers: tuple[str, ...]
    warning: str = ""

    @property
    def layers(self) -> tuple[str, ...]:
        """All layers that are looked at, each once."""
        return tuple(dict.fromkeys(self.content_layers + self.style_layers))

    def check(self, shape: tuple[int, ...]) -> None:
        """Make sure that something of a picture of this height and width reaches every layer.

        Raises
        ------
        CannotStylize
            It is too small. (TensorFlow itself computes on with whatever lies in memory.)
        """
        try:
            self.network.compute_output_shape((1, shape[0], shape[1], 3))
        except ValueError:
            raise CannotStylize(
                f"{self.name} sees nothing in a picture of {shape[1]}×{shape[0]} pixels: "
                "ask for a larger --size, or cut the picture"
            ) from None


def read(
    path: Path,
    content_layers: Sequence[str],
    style_layers: Sequence[str],
    *,
    pooling: Pooling = "max",
    precision: Precision = "float32",
) -> Features:
    """Read a ``.keras`` file: a convolutional network from 0-255 RGB images to a feature map.

    Parameters
    ----------
    path
        The file. Only plain Keras layers are built from it.
    content_layers, style_layers
        Names of its layers.
    pooling
        ``average`` replaces the network's maximum pooling, as Gatys et al. (2015) did.
    precision
        In which numbers the network computes.

    Raises
    ------
    CannotStylize
        It is no such file, or has no such layers.
    """
    try:
        network = backbone.opened(path)
    except UnusableBackbone as error:
        raise CannotStylize(str(error)) from error
    if not content_layers or not style_layers:
        raise CannotStylize(
            f"{path.name}: say which layers to look at with --content-layers and --style-layers; "
            f"it has {_names(network)}"
        )
    return chosen(path.stem, network, content_layers, style_layers, pooling=pooling, precision=precision)


def chosen(  # noqa: PLR0913 - a network and what to make of it
    name: str,
    network: keras.Model,
    content_layers: Sequence[str],
    style_layers: Sequence[str],
    *,
    pooling: Pooling = "max",
    precision: Precision = "float32",
    warning: str = "",
) -> Features:
    """Cut a network down to what its chosen layers need, for pictures of any size.

    Raises
    ------
    CannotStylize
        It has no such layers, or is tied to one picture size.
    """
    import keras

    layers = tuple(dict.fromkeys([*content_layers, *style_layers]))
    for layer in layers:
        if layer not in {one.name for one in network.layers}:
            raise CannotStylize(f"{name} has no layer {layer!r}; it has {_names(network)}")
    cut = keras.Model(network.inputs[0], [network.get_layer(layer).output for layer in layers])
    try:
        cut = _remade(cut, pooling, precision)
    except Exception as error:  # Keras raises whatever its layers do.
        raise CannotStylize(f"{name} cannot take pictures of any size: {error}") from error
    if any(len(output.shape) != 4 for output in cut.outputs):
        raise CannotStylize(f"{name}: content and style layers must give maps, height×width×channels")
    return Features(name, cut, tuple(content_layers), tuple(style_layers), warning)


def _remade(network: keras.Model, pooling: Pooling, precision: Precision) -> keras.Model:
    """Build the network anew: any input size, the asked pooling and precision, the same weights."""
    import keras

    config = graph.configuration(network)
    exact = True
    for layer in config["layers"]:
        settings = layer["config"]
        if layer["class_name"] == "InputLayer":
            settings["batch_shape"] = [None, None, None, 3]
        # Levels of 0 to 255 need more digits than bfloat16 has: it begins behind the first layer that sees
        # more in them than colours.
        if precision == "bfloat16" and not exact and "dtype" in settings:
            settings["dtype"] = "bfloat16"
        exact = exact and settings.get("filters", 3) == 3
        if pooling == "average" and layer["class_name"] == "MaxPooling2D":
            layer["class_name"] = layer["registered_name"] = "AveragePooling2D"
            settings["name"] = layer["name"]
        layer.pop("build_config", None)
    made = keras.Model.from_config(config)
    for layer in made.layers:
        graph.assign(layer, network.get_layer(layer.name).get_weights())
        layer.trainable = False
    return made


def _names(network: Any) -> str:  # noqa: ANN401 - a Keras model
    return ", ".join(layer.name for layer in network.layers if len(layer.output.shape) == 4)
