"""Files that can serve as backbones, and what is said of those that cannot."""

import json
import zipfile

import numpy as np
import pytest
import small_networks

from bestiary.classifiers import backbone
from bestiary.classifiers.backbone import About, UnusableBackbone


def saved(network, path):
    network.save(path)
    return path


def refused(path, size=32):
    with pytest.raises(UnusableBackbone) as error:
        backbone.load(path, size)
    assert "\n" not in str(error.value)
    return str(error.value)


def layers():
    return small_networks.keras().layers


def test_a_good_file_is_loaded(tmp_path):
    """It answers as the network that was saved."""
    network = small_networks.backbone_network()
    loaded = backbone.load(saved(network, tmp_path / "small.keras"), 32)
    images = small_networks.photos().images.astype("float32")
    np.testing.assert_allclose(network(images), loaded(images), rtol=1e-5)


def test_a_network_for_any_size_takes_every_size(tmp_path):
    """Open sides are good for 32 pixels and for 50."""
    keras = small_networks.keras()
    image = keras.Input((None, None, 3))
    path = saved(keras.Model(image, layers().Conv2D(4, 3)(image)), tmp_path / "any.keras")
    for size in (32, 50):
        assert backbone.load(path, size).inputs[0].shape == (None, None, None, 3)


def test_a_sequential_network_is_a_graph_like_any_other(tmp_path):
    """The cut needs to know how its layers hang together."""
    keras = small_networks.keras()
    network = keras.Sequential([keras.Input((32, 32, 3)), layers().Conv2D(4, 3, name="a"), layers().ReLU()])
    loaded = backbone.load(saved(network, tmp_path / "chain.keras"), 32)
    images = small_networks.photos().images.astype("float32")
    np.testing.assert_allclose(network(images), loaded(images), rtol=1e-5)


def test_a_sequential_network_without_an_input_is_refused(tmp_path):
    """It has no shapes, and no graph."""
    network = small_networks.keras().Sequential([layers().Conv2D(4, 3)])
    assert "give it an Input layer" in refused(saved(network, tmp_path / "chain.keras"))


def test_a_compiled_network_is_loaded_without_its_optimizer(tmp_path):
    """How it was trained does not matter, even where that was a class of one's own."""
    keras = small_networks.keras()
    network = small_networks.backbone_network()
    network.compile(keras.optimizers.Adam(), "mse")
    assert not backbone.load(saved(network, tmp_path / "small.keras"), 32).compiled


@pytest.mark.parametrize("data", [b"", b"a text file", b"PK\x05\x06" + bytes(18)])
def test_what_keras_did_not_save_is_refused(tmp_path, data):
    """Text, nothing at all, and an archive of something else."""
    path = tmp_path / "notes.keras"
    path.write_bytes(data)
    assert refused(path).startswith("notes.keras is not a model saved by Keras 3: save one with model.save")


def test_a_missing_file_is_refused(tmp_path):
    """It names the path."""
    assert refused(tmp_path / "nowhere.keras").endswith(
        "nowhere.keras cannot be read: No such file or directory"
    )


def test_a_lambda_layer_is_refused_before_anything_is_built(tmp_path):
    """It is named, and nothing of it runs."""
    keras = small_networks.keras()
    image = keras.Input((32, 32, 3))
    network = keras.Model(image, layers().Lambda(lambda x: x * 2, name="twice")(image))
    text = refused(saved(network, tmp_path / "evil.keras"))
    assert text.startswith(
        "evil.keras: keras.layers.Lambda (layer 'twice') is not one of Keras's own plain layers"
    )


def test_a_custom_layer_is_refused(tmp_path):
    """Its code is not in the file, and code in a file would not be run."""
    keras = small_networks.keras()

    @keras.saving.register_keras_serializable(package="mine")
    class Twice(keras.layers.Layer):
        def call(self, inputs):
            return inputs * 2

    image = keras.Input((32, 32, 3))
    text = refused(saved(keras.Model(image, Twice(name="twice")(image)), tmp_path / "mine.keras"))
    assert "Twice" in text


def test_a_classifier_is_refused(tmp_path):
    """What is wanted is what lies before its head."""
    keras = small_networks.keras()
    image = keras.Input((32, 32, 3))
    network = keras.Model(image, layers().Dense(10)(layers().Flatten()(image)))
    text = refused(saved(network, tmp_path / "whole.keras"))
    assert text.startswith("whole.keras gives 10: a backbone gives one feature map")
    assert "include_top=False" in text


def test_two_outputs_are_refused(tmp_path):
    """There is one feature map to put a head on."""
    keras = small_networks.keras()
    image = keras.Input((32, 32, 3))
    maps = [layers().Conv2D(4, 3)(image), layers().Conv2D(4, 5)(image)]
    assert "gives 30×30×4 and 28×28×4" in refused(saved(keras.Model(image, maps), tmp_path / "two.keras"))


@pytest.mark.parametrize("channels", [1, 4, None])
def test_other_channels_than_three_are_refused(tmp_path, channels):
    """Photos are RGB."""
    keras = small_networks.keras()
    image = keras.Input((32, 32, channels))
    network = keras.Model(image, layers().MaxPooling2D()(image))
    text = refused(saved(network, tmp_path / "grey.keras"))
    assert text == (
        f"grey.keras takes 32×32×{channels or 'any'}: a backbone takes height×width×3, RGB images of 0-255"
    )


def test_another_fixed_size_names_the_setting(tmp_path):
    """One line to type, not a shape error from the depths."""
    path = saved(small_networks.backbone_network(48), tmp_path / "fixed.keras")
    assert refused(path, 32) == (
        "fixed.keras takes images of 48 pixels, not 32: run with --set TransferImageSize=48"
    )


def test_a_model_within_the_model_is_refused(tmp_path):
    """Its last ten layers would all be one."""
    keras = small_networks.keras()
    image = keras.Input((32, 32, 3))
    network = keras.Model(image, layers().ReLU()(small_networks.backbone_network()(image)))
    assert "its layer 'small' is itself a model" in refused(saved(network, tmp_path / "nested.keras"))


def test_a_layer_that_is_used_twice_is_refused(tmp_path):
    """It would lie on both sides of a cut."""
    keras = small_networks.keras()
    image = keras.Input((32, 32, 3))
    twice = layers().Conv2D(3, 1, name="twice")
    network = keras.Model(image, twice(twice(image)))
    assert "its layer 'twice' is used twice" in refused(saved(network, tmp_path / "shared.keras"))


def test_damaged_weights_are_refused(tmp_path):
    """The archive is whole, what it holds is not."""
    path = saved(small_networks.backbone_network(), tmp_path / "small.keras")
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {**contents, "model.weights.h5": b"nothing"}.items():
            archive.writestr(name, data)
    assert refused(path).startswith("small.keras: Keras cannot load it: ")


def test_the_pretrained_stand_in_is_a_backbone():
    """A real file, for any size, with a feature map of 1,280 channels."""
    network = backbone.load(small_networks.stand_in(), 224)
    assert network.outputs[0].shape[-1] == 1280


def test_a_backbone_is_read_with_what_is_known_of_it(tmp_path):
    """As the backbone job leaves it for the training jobs."""
    path = saved(small_networks.backbone_network(), tmp_path / backbone.NETWORK)
    about = About("small", "random", "careful", backbone.digest(path), 99)
    (tmp_path / backbone.ABOUT).write_text(json.dumps(about.as_json()))
    found = backbone.read(tmp_path, 32)
    assert (about, ("careful",)) == (found.about, found.warnings)


@pytest.mark.parametrize("text", [None, "", "{}", '{"name": "a"}', "[]"])
def test_a_backbone_without_its_description_is_refused(tmp_path, text):
    """Missing, empty or of another kind."""
    saved(small_networks.backbone_network(), tmp_path / backbone.NETWORK)
    if text is not None:
        (tmp_path / backbone.ABOUT).write_text(text)
    with pytest.raises(UnusableBackbone, match=backbone.ABOUT):
        backbone.read(tmp_path, 32)


def test_a_backbone_that_was_changed_on_the_way_is_refused(tmp_path):
    """Its digest says so before it is loaded."""
    path = saved(small_networks.backbone_network(), tmp_path / backbone.NETWORK)
    about = About("small", "random", "", backbone.digest(path), 99)
    (tmp_path / backbone.ABOUT).write_text(json.dumps(about.as_json()))
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(UnusableBackbone, match="was changed"):
        backbone.read(tmp_path, 32)
