"""Parting networks, and running their frozen part once."""

import numpy as np
import pytest
import small_networks

from bestiary.classifiers import features, transfer
from bestiary.classifiers.backbone import load
from bestiary.classifiers.fitting import fit
from bestiary.classifiers.validation import hold_out

CLOSE = {"rtol": 1e-4, "atol": 1e-5}


def parted(network, last):
    whole = transfer.build(network, len(small_networks.CLASSES))
    return whole, features.cut(whole, transfer.trained_layers(network, whole, last))


@pytest.mark.parametrize("last", [0, 1, 4, 7, 10, 100])
def test_the_parts_together_answer_as_the_whole(last):
    """Wherever the cut goes through, both parts in a row must compute what the uncut network does."""
    whole, parts = parted(small_networks.backbone_network(), last)
    images = small_networks.photos().images
    cached = features.runner(parts.frozen)([images])
    np.testing.assert_allclose(
        whole(images.astype("float32"), training=False),
        features.runner(parts.trained)(cached)[0],
        **CLOSE,
    )


def test_a_cut_through_a_block_has_every_tensor_that_crosses_it():
    """Five layers from the end of the small network lie what is gated, its gate and the shortcut."""
    network = small_networks.backbone_network()
    _, parts = parted(network, 5)
    images = small_networks.photos().images
    crossing = ["block2_activation", "block2_expand", "block1_add"]
    keras = small_networks.keras()
    expected = [keras.Model(network.inputs[0], network.get_layer(name).output)(images) for name in crossing]
    found = features.runner(parts.frozen)([images])
    assert len(expected) == len(found)
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_allclose(one, other, **CLOSE)


def test_the_last_ten_layers_of_efficientnetb3_need_three_tensors():
    """The cut goes through block7b, between its squeeze and its excitation."""
    keras = small_networks.keras()
    network = keras.applications.EfficientNetB3(include_top=False, weights=None, input_shape=(64, 64, 3))
    small_networks.draw_statistics(network)
    _, parts = parted(network, 10)
    assert [(1, 1, 2304), (2, 2, 2304), (2, 2, 384)] == [tensor.shape[1:] for tensor in parts.frozen.outputs]
    images = small_networks.photos(each=1, size=64).images
    for plain, cached in zip(
        parts.frozen(images.astype("float32"), training=False),
        features.runner(parts.frozen)([images]),
        strict=True,
    ):
        assert np.abs(plain - cached).max() < 1e-3 * np.abs(plain).max()


def test_training_the_tail_trains_the_whole_and_leaves_the_frozen_part_alone():
    """After training on cached tensors, the assembled network must answer as the tail does, to rounding."""
    keras = small_networks.keras()
    network = small_networks.backbone_network()
    whole, parts = parted(network, 5)
    photos = small_networks.photos()
    cached = features.runner(parts.frozen)([photos.images])
    before = parts.frozen.get_weights()
    trained = [whole.get_layer(name).get_weights() for name in ("head_species", "block2_project_bn")]
    fit(
        parts.trained,
        cached,
        photos.labels,
        hold_out(photos.labels, photos.groups, 1),
        lambda epoch: None,
        epochs=2,
        batch_size=8,
        seed=1,
        optimizer=keras.optimizers.Adam(),
    )
    np.testing.assert_allclose(
        features.runner(parts.trained)(cached)[0],
        whole(photos.images.astype("float32"), training=False),
        **CLOSE,
    )
    for weight, now in zip(before, parts.frozen.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, now)
    for weights, name in zip(trained, ("head_species", "block2_project_bn"), strict=True):
        for weight, now in zip(weights, whole.get_layer(name).get_weights(), strict=True):
            assert not np.array_equal(weight, now)


def test_frozen_layers_behave_as_in_inference():
    """Neither stochastic depth nor the batch may change what is cached."""
    _, parts = parted(small_networks.backbone_network(), 1)
    images = small_networks.photos().images
    run = features.runner(parts.frozen, batch_size=5)
    alone = np.concatenate([run([images[place : place + 1]])[0] for place in range(len(images))])
    np.testing.assert_allclose(alone, run([images])[0], **CLOSE)


def test_what_does_not_fit_in_memory_is_cached_on_disk(monkeypatch):
    """A memory map must hold the same numbers, through any number of batches."""
    _, parts = parted(small_networks.backbone_network(), 5)
    images = small_networks.photos().images
    in_memory = features.runner(parts.frozen, batch_size=7)([images])
    monkeypatch.setattr(features, "IN_MEMORY_BYTES", 1000)
    on_disk = features.runner(parts.frozen, batch_size=7)([images])
    assert all(isinstance(array, np.memmap) for array in on_disk)
    for expected, found in zip(in_memory, on_disk, strict=True):
        np.testing.assert_array_equal(expected, found)


def test_a_pretrained_backbone_can_be_cut():
    """MobileNetV2, as Keras saved it, answers the same cut and uncut."""
    network = load(small_networks.stand_in(), 64)
    whole, parts = parted(network, 10)
    images = small_networks.photos(each=2, size=64).images
    np.testing.assert_allclose(
        whole(images.astype("float32"), training=False),
        features.runner(parts.trained)(features.runner(parts.frozen)([images]))[0],
        **CLOSE,
    )
