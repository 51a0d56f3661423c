"""Feature networks, from files and VGG19."""

import numpy as np
import pytest
from small_networks import keras
from style_models import features, network, photo

from bestiary.classifiers.download import Unreachable
from bestiary.style import CannotStylize, vgg19
from bestiary.style import features as networks
from bestiary.style.precision import chosen


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "small.keras"
    network().save(path)
    return path


def test_a_file_gives_the_maps_of_its_layers(file):
    """What is looked at are the layers named, for pictures of any size."""
    found = networks.read(file, ["three"], ["one", "three"])
    maps = found.network(photo(50, 30)[np.newaxis].astype(np.float32))
    assert ("three", "one") == found.layers
    assert [(1, 7, 12, 16), (1, 30, 50, 8)] == [tuple(one.shape) for one in maps]


def test_a_network_saved_for_one_size_takes_any():
    """The input is opened; what the network computes stays."""
    module = keras()
    image = module.Input((64, 64, 3))
    fixed = module.Model(image, module.layers.Conv2D(4, 3, name="only")(image))
    found = networks.chosen("fixed", fixed, ["only"], ["only"])
    picture = photo(64, 64)[np.newaxis].astype(np.float32)
    assert np.array_equal(fixed(picture), found.network(picture))
    assert (1, 28, 38, 4) == tuple(found.network(photo(40, 30)[np.newaxis].astype(np.float32)).shape)


def test_average_pooling_replaces_the_maximum():
    """Every pooling layer averages, and nothing else changes."""
    kinds = [type(layer).__name__ for layer in features(pooling="average").network.layers]
    assert "MaxPooling2D" not in kinds
    assert 2 == kinds.count("AveragePooling2D")


@pytest.mark.parametrize(
    ("content", "style", "words"),
    [
        (["four"], ["one"], "small has no layer 'four'; it has .*one, pool_one, two, pool_two, three"),
        ([], ["one"], "say which layers"),
    ],
)
def test_unknown_layers_are_named_with_those_there_are(file, content, style, words):
    """A person can choose from the message."""
    with pytest.raises(CannotStylize, match=words):
        networks.read(file, content, style)


def test_a_file_that_is_no_network_is_refused(tmp_path):
    """One line, not a traceback."""
    (tmp_path / "photo.keras").write_bytes(b"not a network")
    with pytest.raises(CannotStylize, match=r"photo.keras is not a model saved by Keras 3"):
        networks.read(tmp_path / "photo.keras", ["a"], ["b"])


def test_vgg19_without_its_weights_says_so_loudly(monkeypatch):
    """Random weights are never silent, and the network sees pictures as Keras prepares them for it."""

    def unreachable(*arguments):
        raise Unreachable("no answer in 5 seconds")

    monkeypatch.setattr(vgg19, "fetch", unreachable)
    found = vgg19.build(content_layers=["block1_conv2"], style_layers=["block1_conv1"])
    assert "VGG19 has random weights, not ImageNet's (no answer in 5 seconds)" in found.warning
    picture = photo(40, 30)[np.newaxis].astype(np.float32)
    centred = found.network.get_layer("blue_green_red")(picture)
    expected = keras().applications.vgg19.preprocess_input(picture.copy())
    assert np.allclose(expected, centred, atol=1e-3)


def test_auto_precision_is_one_that_the_processor_has():
    """What a person chose stays; auto is one of the two."""
    assert "float32" == chosen("float32")
    assert chosen("auto") in ("float32", "bfloat16")
