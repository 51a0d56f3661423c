"""Architectures that may be built, and those that may not."""

import json

import pytest
import small_networks

from bestiary.classifiers import architecture
from bestiary.classifiers.architecture import ForbiddenLayer


def plain():
    keras = small_networks.keras()
    image = keras.Input((8, 8, 3), name="image")
    x = keras.layers.Conv2D(4, 3, kernel_regularizer="l2", kernel_constraint="max_norm", name="conv")(image)
    x = keras.layers.Flatten(name="flatten")(x)
    return keras.Model(image, keras.layers.Dense(3, name="dense")(x), name="plain")


def edited(change):
    config = json.loads(architecture.write(plain()))
    change(config["config"]["layers"][1])
    return json.dumps(config).encode()


def test_a_network_of_plain_layers_comes_back_the_same():
    """Written, read and written again it is the same bytes."""
    text = architecture.write(plain())
    assert architecture.write(architecture.read(text)) == text


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("keras.layers", "Lambda"),
        ("keras.layers", "TFSMLayer"),
        ("keras.layers", "JaxLayer"),
        ("keras.layers", "TorchModuleWrapper"),
        ("keras.src.ops.numpy", "Add"),
        ("builtins", "function"),
        ("os", "system"),
        (None, "Conv2D"),
        ("my_package", "Conv2D"),
    ],
)
def test_what_is_no_plain_layer_is_never_built(module, name):
    """Neither what can hold code nor what would have to be imported."""
    text = edited(lambda layer: layer.update(module=module, class_name=name))
    with pytest.raises(ForbiddenLayer, match=name):
        architecture.read(text)


def test_a_custom_class_under_a_plain_name_is_not_looked_up():
    """Keras looks for a registered class first; ours must never get that far."""
    text = edited(lambda layer: layer.update(registered_name="my_package>Conv2D"))
    with pytest.raises(ForbiddenLayer, match="my_package>Conv2D"):
        architecture.read(text)


@pytest.mark.parametrize("part", ["kernel_initializer", "activation", "kernel_regularizer", "dtype"])
def test_code_inside_a_layer_is_found_too(part):
    """A plain layer may hold other objects, which are looked at as well."""
    lambda_object = {"module": "builtins", "class_name": "__lambda__", "config": {"value": "gASV"}}
    text = edited(lambda layer: layer["config"].update({part: lambda_object}))
    with pytest.raises(ForbiddenLayer, match="__lambda__"):
        architecture.read(text)


def test_a_network_with_its_own_code_cannot_be_written():
    """What could not be read again is refused before it becomes an artifact."""
    keras = small_networks.keras()
    image = keras.Input((8, 8, 3))
    network = keras.Model(image, keras.layers.Lambda(lambda x: x * 2, name="twice")(image))
    with pytest.raises(ForbiddenLayer, match="Lambda"):
        architecture.write(network)
