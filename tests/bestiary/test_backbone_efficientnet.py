"""EfficientNetB3 with the weights that can be had."""

import time

import numpy as np
import pytest
import small_networks

from bestiary.classifiers import efficientnet, keras_file
from bestiary.classifiers.download import Unreachable
from bestiary.classifiers.efficientnet import WeightsUnavailable


@pytest.fixture(autouse=True)
def keras():
    return small_networks.keras()


@pytest.fixture
def offline(monkeypatch):
    def fetch(url, md5, path):
        raise Unreachable("no answer in 5 seconds")

    monkeypatch.setattr(efficientnet, "fetch", fetch)


def test_without_a_network_auto_takes_random_weights_and_says_so(offline):
    """The warning is the same words whatever the reason, which is told apart from it."""
    built = efficientnet.build("auto", 32, 1)
    assert (built.weights, built.reason) == ("random", "no answer in 5 seconds")
    assert "random weights" in built.warning
    assert "no answer" not in built.warning
    assert built.network.inputs[0].shape == (None, 32, 32, 3)
    assert built.network.outputs[0].shape == (None, 1, 1, 1536)


def test_without_a_network_imagenet_is_refused_with_what_to_do(offline):
    """Who asks for ImageNet's weights does not get others."""
    with pytest.raises(
        WeightsUnavailable, match=r"no answer in 5 seconds.*put https://.*--backbone FILE.keras"
    ):
        efficientnet.build("imagenet", 32, 1)


def test_random_weights_need_no_network(monkeypatch):
    """Nothing is asked of the server, and the reader is warned all the same."""
    monkeypatch.setattr(efficientnet, "fetch", None)
    built = efficientnet.build("random", 32, 1)
    assert "as Weights=random asks" in built.warning


def test_with_the_weights_at_hand_keras_builds_the_network_for_imagenet(monkeypatch, tmp_path, keras):
    """That network has a layer more than one of random weights, which no later loading would add."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    fetched, asked = [], []
    real = keras.applications.EfficientNetB3

    def application(*, weights, **settings):
        asked.append(weights)
        return real(weights=None, **settings)

    monkeypatch.setattr(efficientnet, "fetch", lambda *arguments: fetched.append(arguments))
    monkeypatch.setattr(keras.applications, "EfficientNetB3", application)
    built = efficientnet.build("auto", 32, 1)
    assert (["imagenet"], "imagenet", "", "") == (asked, *built[1:])
    path = tmp_path / "models" / "efficientnetb3_notop.h5"
    assert [(efficientnet.URL, "af6d107764bb5b1abb91932881670226", path)] == fetched


def test_one_network_saved_twice_is_one_file(tmp_path, monkeypatch, keras):
    """Neither the time nor where its objects lie in memory is in it, and it is a file that Keras loads."""
    network = small_networks.backbone_network()
    keras_file.write(network, tmp_path / "first.keras")
    real = time.localtime
    monkeypatch.setattr(time, "localtime", lambda *seconds: real(86400.0 * 365 * 20))
    again = keras.models.load_model(tmp_path / "first.keras")
    keras_file.write(again, tmp_path / "second.keras")
    assert (tmp_path / "first.keras").read_bytes() == (tmp_path / "second.keras").read_bytes()
    for weight, other in zip(network.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, other)
    assert ["first.keras", "second.keras"] == sorted(path.name for path in tmp_path.iterdir())


def test_the_seed_decides_random_weights():
    """Equal seeds give equal weights, other seeds others."""
    kernels = [
        efficientnet.build("random", 32, seed).network.get_layer("stem_conv").get_weights()[0]
        for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(kernels[0], kernels[1])
    assert not np.array_equal(kernels[0], kernels[2])
