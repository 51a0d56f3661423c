"""What a network sees: behind its scores, of one length for every network, the same for years."""

import numpy as np
import pytest
from small_networks import backbone_network, keras

from bestiary.classifiers import custom_cnn, transfer, tuned_network
from bestiary.classifiers.classifier import Classifier
from bestiary.classifiers.embedding import LENGTH, with_embedding
from bestiary.images import Preprocessing

PHOTOS = np.random.default_rng(4).integers(0, 256, (3, 32, 32, 3), np.uint8)


def networks():
    keras()
    yield "custom_cnn", custom_cnn.build(32, 4)
    yield "transfer", transfer.build(backbone_network(), 4)
    yield "tuned", tuned_network.build(backbone_network(), 32, 4, 4, 0.75)[0]


def test_every_recipe_s_network_tells_what_it_sees_and_scores_as_before() -> None:
    for name, network in networks():
        both = np.asarray(with_embedding(network)(PHOTOS.astype(np.float32), training=False))
        alone = np.asarray(network(PHOTOS.astype(np.float32), training=False))
        assert (3, 4 + LENGTH) == both.shape, name
        assert np.abs(both[:, :4] - alone).max() <= 1e-6, name
        classifier = Classifier(network, name, ("a", "b", "c", "d"), Preprocessing(32), {}, None)
        assert classifier.embed(PHOTOS) == pytest.approx(both[:, 4:], abs=1e-4), name


def test_the_projection_never_changes() -> None:
    """A baseline of today must fit the answers of next year: these numbers are part of the format."""
    module = keras()
    image = module.Input((2, 2, 3))
    seen = module.layers.GlobalAveragePooling2D()(image)
    network = module.Model(image, module.layers.Dense(2, activation="softmax")(seen))
    first = np.zeros((1, 2, 2, 3), np.float32)
    first[..., 0] = 9.0
    found = np.asarray(with_embedding(network)(first))[0, 2:6]
    assert found == pytest.approx([1.6243454, -0.6117564, -0.5281718, -1.0729686], abs=1e-5)


def test_a_network_without_a_dense_layer_gives_its_scores_alone() -> None:
    module = keras()
    image = module.Input((4, 4, 3))
    network = module.Model(image, module.layers.Softmax()(module.layers.GlobalAveragePooling2D()(image)))
    assert (None, 3) == with_embedding(network).output_shape
    classifier = Classifier(network, "own", ("a", "b", "c"), Preprocessing(4), {}, None)
    assert (2, 0) == classifier.embed(PHOTOS[:2, :4, :4]).shape
    assert (0, 0) == classifier.embed(PHOTOS[:0]).shape
