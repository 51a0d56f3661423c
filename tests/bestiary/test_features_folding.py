"""Batch normalisation folded into convolutions."""

import numpy as np
import pytest
import small_networks

from bestiary.classifiers.folding import fold


def kinds(network):
    return [type(layer).__name__ for layer in network.layers]


def normalised(convolution, **settings):
    keras = small_networks.keras()
    image = keras.Input((8, 8, 4))
    x = convolution(image)
    x = keras.layers.BatchNormalization(**settings)(x)
    network = keras.Model(image, keras.layers.Activation("silu")(x))
    small_networks.draw_statistics(network)
    return network


def same(network, copy):
    images = np.random.default_rng(1).uniform(-1, 1, (3, *network.inputs[0].shape[1:])).astype("float32")
    np.testing.assert_allclose(network(images, training=False), copy(images), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("settings", [{}, {"scale": False}, {"center": False}, {"epsilon": 0.1}])
@pytest.mark.parametrize("kind", ["Conv2D", "DepthwiseConv2D"])
def test_a_normalised_convolution_becomes_one_convolution(kind, settings, bias):
    """One layer less, the same answers."""
    layers = small_networks.keras().layers
    options = {"use_bias": bias, "bias_initializer": "random_normal"}
    convolution = (
        layers.Conv2D(5, 3, **options)
        if kind == "Conv2D"
        else layers.DepthwiseConv2D(3, depth_multiplier=2, depthwise_initializer="random_normal", **options)
    )
    network = normalised(convolution, **settings)
    copy = fold(network)
    assert ["InputLayer", kind, "Activation"] == kinds(copy)
    same(network, copy)


def test_a_convolution_with_an_activation_is_left_alone():
    """What is normalised is no longer linear in the kernel."""
    network = normalised(small_networks.keras().layers.Conv2D(5, 3, activation="relu"))
    assert kinds(network) == kinds(fold(network))
    same(network, fold(network))


def test_a_convolution_that_something_else_reads_too_is_left_alone():
    """The other reader wants it without normalisation."""
    keras = small_networks.keras()
    image = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(3, 1)(image)
    network = keras.Model(image, keras.layers.add([keras.layers.BatchNormalization()(x), x]))
    small_networks.draw_statistics(network)
    assert kinds(network) == kinds(fold(network))
    same(network, fold(network))


def test_a_normalisation_may_be_the_answer_itself():
    """Outputs that were folded away are those of the convolution now."""
    keras = small_networks.keras()
    image = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(3, 1)(image)
    network = keras.Model(image, keras.layers.BatchNormalization()(x))
    small_networks.draw_statistics(network)
    assert ["InputLayer", "Conv2D"] == kinds(fold(network))
    same(network, fold(network))


def test_a_whole_backbone_folds_to_the_same_answers():
    """Branches, gates, shortcuts and fixed input statistics survive."""
    network = small_networks.backbone_network()
    copy = fold(network)
    assert "BatchNormalization" not in kinds(copy)
    same(network, copy)
