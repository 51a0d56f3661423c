"""EfficientNetB3 with the weights that can be had."""

import hashlib
import time

import h5py
import numpy as np
import pytest
import small_networks

from bestiary.classifiers import artifact, backbone, efficientnet, keras_file, transfer
from bestiary.classifiers.download import Unreachable
from bestiary.classifiers.efficientnet import WeightsUnavailable
from bestiary.classifiers.recipe import Trained
from bestiary.images import Preprocessing


@pytest.fixture(autouse=True)
def keras():
    return small_networks.keras()


def no_answer(url, md5, path):
    raise Unreachable("no answer in 5 seconds")


@pytest.fixture(scope="module")
def offline():
    """Build it once without a network: it is large."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(efficientnet, "fetch", no_answer)
        return efficientnet.build("auto", 32, 1)


@pytest.fixture(scope="module")
def random():
    """Build it once with random weights, of another seed, where nothing can be fetched."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(efficientnet, "fetch", None)
        return efficientnet.build("random", 32, 2)


def test_without_a_network_auto_takes_random_weights_and_says_so(offline):
    """The warning is the same words whatever the reason, which is told apart from it."""
    built = offline
    assert (built.weights, built.reason) == ("random", "no answer in 5 seconds")
    assert "random weights" in built.warning
    assert "no answer" not in built.warning
    assert built.network.inputs[0].shape == (None, 32, 32, 3)
    assert built.network.outputs[0].shape == (None, 1, 1, 1536)


def test_without_a_network_imagenet_is_refused_with_what_to_do(monkeypatch):
    """Who asks for ImageNet's weights does not get others."""
    monkeypatch.setattr(efficientnet, "fetch", no_answer)
    with pytest.raises(
        WeightsUnavailable, match=r"no answer in 5 seconds.*put https://.*--backbone FILE.keras"
    ):
        efficientnet.build("imagenet", 32, 1)


def test_random_weights_need_no_network(random):
    """Nothing is asked of the server, and the reader is warned all the same."""
    assert "as Weights=random asks" in random.warning


def test_imagenets_network_is_kept_whole(monkeypatch, tmp_path, keras, offline):
    """Keras gives it a layer more than one of random weights, which loading weights later would not add.

    From a file in Keras's own cache, through ``backbone.keras``, to an artifact: always the same answers.
    """
    from keras.src.applications import efficientnet as keras_efficientnet
    from keras.src.legacy.saving import legacy_h5_format
    from keras.src.utils import file_utils

    path = tmp_path / "models" / "efficientnetb3_notop.h5"
    path.parent.mkdir()
    plain = offline.network
    small_networks.draw_statistics(plain)
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, plain)
    md5 = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    monkeypatch.setattr(efficientnet, "MD5", md5)
    monkeypatch.setitem(keras_efficientnet.WEIGHTS_HASHES, "b3", (md5, md5))
    monkeypatch.setattr(file_utils.config, "keras_home", lambda: str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))

    built = efficientnet.build("auto", 32, 1)
    assert ("imagenet", "", "") == tuple(built[1:])
    assert len(plain.layers) + 1 == len(built.network.layers)

    keras_file.write(built.network, tmp_path / "backbone.keras")
    loaded = backbone.load(tmp_path / "backbone.keras", 32)
    trained = Trained(transfer.build(loaded, 3), Preprocessing(32), (), {})
    artifact.save(tmp_path / "model", "efficientnetb3", trained, small_networks.CLASSES, None)
    images = small_networks.photos(each=1).images.astype("float32")
    np.testing.assert_allclose(built.network(images), loaded(images), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(
        trained.model(images), artifact.load(tmp_path / "model").network(images), rtol=1e-4, atol=1e-5
    )


def test_one_network_saved_twice_is_one_file(tmp_path, monkeypatch, keras):
    """Neither the time nor where its objects lie in memory is in it, and it is a file that Keras loads."""
    network = small_networks.backbone_network()
    keras_file.write(network, tmp_path / "first.keras")
    real = time.localtime
    monkeypatch.setattr(time, "localtime", lambda *seconds: real(86400.0 * 365 * 20))
    keras_file.write(network, tmp_path / "second.keras")
    assert (tmp_path / "first.keras").read_bytes() == (tmp_path / "second.keras").read_bytes()
    again = keras.models.load_model(tmp_path / "first.keras")
    for weight, other in zip(network.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, other)
    assert ["first.keras", "second.keras"] == sorted(path.name for path in tmp_path.iterdir())


def test_other_seeds_give_other_weights(offline, random):
    """That equal ones give equal bytes is shown by the whole job."""
    kernels = [built.network.get_layer("stem_conv").get_weights()[0] for built in (offline, random)]
    assert not np.array_equal(*kernels)
