"""A network's architecture as JSON that can only ever build the Keras layers named here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

_LAYERS = """
    Activation ActivityRegularization Add AlphaDropout Average AveragePooling2D BatchNormalization CenterCrop
    Concatenate Conv2D Conv2DTranspose Cropping2D Dense DepthwiseConv2D Dot Dropout ELU Flatten
    GaussianDropout GaussianNoise GlobalAveragePooling2D GlobalMaxPooling2D GroupNormalization Identity
    InputLayer LayerNormalization LeakyReLU MaxPooling2D Maximum Minimum Multiply Normalization PReLU Permute
    RMSNormalization ReLU Rescaling Reshape Resizing SeparableConv2D Softmax SpatialDropout2D Subtract
    UnitNormalization UpSampling2D ZeroPadding2D
"""
_INITIALIZERS = """
    Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity LecunNormal LecunUniform Ones Orthogonal
    RandomNormal RandomUniform TruncatedNormal VarianceScaling Zeros
"""
ALLOWED = {
    "keras.layers": frozenset(_LAYERS.split()),
    "keras.initializers": frozenset(_INITIALIZERS.split()),
    "keras.regularizers": frozenset({"L1", "L2", "L1L2", "OrthogonalRegularizer"}),
    "keras.constraints": frozenset({"MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"}),
    "keras": frozenset({"DTypePolicy", "Functional", "Sequential"}),
    "keras.models": frozenset({"Functional", "Sequential"}),
    "keras.src.models.functional": frozenset({"Functional"}),
    "keras.src.ops.numpy": frozenset({"Flip", "Split"}),
    "keras.src.models.sequential": frozenset({"Sequential"}),
}
"""Class names by the module in their configuration: plain layers for pictures, nothing that holds code."""


class ForbiddenLayer(ValueError):  # noqa: N818 - it names what was found
    """An architecture holds something other than Keras's own plain layers; the message names it."""


def write(network: keras.Model) -> bytes:
    """Return the architecture of `network` as JSON, the same bytes for the same network."""
    import keras

    config = keras.saving.serialize_keras_object(network)
    check(config)
    return json.dumps(config, sort_keys=True, separators=(",", ":")).encode()


def read(text: bytes) -> keras.Model:
    """Build the network that `write` described, with weights yet to be set.

    Raises
    ------
    ForbiddenLayer
        Something in it is not allowed.
    ValueError
        It is no architecture.
    """
    import keras

    config = json.loads(text)
    check(config)
    try:
        network = keras.saving.deserialize_keras_object(config, safe_mode=True)
    except Exception as error:  # Keras raises whatever its layers do.
        raise ValueError(f"Keras cannot build the network: {error}") from error
    if not isinstance(network, keras.Model):
        raise ValueError("the architecture is not one of a network")  # noqa: TRY004 - a file is wrong, no argument is
    return network


def check(config: Any) -> None:  # noqa: ANN401 - any JSON value
    """Go through a Keras configuration and refuse what is not in `ALLOWED`.

    Raises
    ------
    ForbiddenLayer
        Names the first class that is not allowed.
    """
    if isinstance(config, dict):
        name = config.get("class_name")
        if name is not None and name != "__keras_tensor__":
            _check_class(name, config)
        config = list(config.values())
    if isinstance(config, list):
        for item in config:
            check(item)


def _check_class(name: object, config: dict[str, Any]) -> None:
    module = config.get("module")
    if name not in ALLOWED.get(str(module), ()):
        where = config.get("name") or _name_in(config.get("config"))
        layer = f" (layer {where!r})" if where else ""
        raise ForbiddenLayer(f"{module}.{name}{layer} is not one of Keras's own plain layers")
    # A registered name other than the class's own would be looked up among custom classes first.
    if config.get("registered_name") not in (None, name):
        raise ForbiddenLayer(
            f"{config['registered_name']} is a custom class, not one of Keras's own plain layers"
        )


def _name_in(config: object) -> object:
    return config.get("name") if isinstance(config, dict) else None
