"""The original report's head on a backbone."""

import numpy as np
import pytest
import small_networks

from bestiary.classifiers import artifact, features, transfer
from bestiary.classifiers.fitting import fit
from bestiary.classifiers.recipe import Settings, TrainingError
from bestiary.classifiers.validation import HeldOut


def train(photos, network=None, warning="", **settings):
    small_networks.keras().utils.set_random_seed(settings.get("seed", 42))
    log = []
    base = small_networks.backbone(network or small_networks.backbone_network(), warning)
    return transfer.train(photos, Settings(**settings), base, log.append), log


def test_the_head_is_that_of_the_report():
    """Dense 512, 512, 1024, 1024 (ReLU), dropout 0.2 then 0.1, batch normalisation, softmax."""
    network = small_networks.backbone_network()
    head = transfer.build(network, 10).layers[len(network.layers) :]
    kinds = [type(layer).__name__ for layer in head]
    dense = [layer.get_config() for layer in head if type(layer).__name__ == "Dense"]
    assert kinds == [
        "GlobalAveragePooling2D",
        *["Dense", "Dense", "Dropout"] * 2,
        "BatchNormalization",
        "Dense",
    ]
    assert [512, 512, 1024, 1024, 10] == [settings["units"] for settings in dense]
    assert [*["relu"] * 4, "softmax"] == [settings["activation"] for settings in dense]
    assert [0.2, 0.1] == [layer.rate for layer in head if type(layer).__name__ == "Dropout"]


def test_the_last_ten_layers_and_the_head_are_trained():
    """Everything before them is frozen, in the artifact's own words too."""
    network = small_networks.backbone_network()
    trained, _ = train(small_networks.photos(), network, epochs=1, equalize="false")
    frozen = [layer.name for layer in network.layers[:-10]]
    assert frozen == [layer.name for layer in trained.model.layers if not layer.trainable]
    assert trained.recipe["trained_layers"] == 10


def test_a_backbone_of_fewer_layers_is_trained_whole():
    """Nothing is frozen, and what is cached are the photos."""
    keras = small_networks.keras()
    image = keras.Input((32, 32, 3), name="image")
    network = keras.Model(image, keras.layers.Conv2D(4, 3, name="conv")(image))
    before = network.get_layer("conv").get_weights()[0]
    trained, _ = train(small_networks.photos(), network, epochs=1)
    assert not np.array_equal(before, trained.model.get_layer("conv").get_weights()[0])


def test_training_is_what_keras_does_with_the_same_layers():
    """A step on cached tensors is a step of the whole network, the frozen part in inference.

    Batch normalisation of trained layers goes by the batch in both. The frozen block's stochastic depth is
    switched off for the plain way, which is what caching means; so is dropout in the head, which is chance.
    """
    keras = small_networks.keras()
    photos = small_networks.photos()
    weights = []
    for plainly in (True, False):
        network = small_networks.backbone_network()
        for layer in network.layers:
            if type(layer).__name__ == "Dropout":
                layer.rate = 0.0
        keras.utils.set_random_seed(5)
        if plainly:
            whole = transfer.build(network, 3)
            chosen = transfer.trained_layers(network, whole)
            for layer in whole.layers:
                layer.trainable = layer.name in chosen
                if layer.name.startswith("head_dropout"):
                    layer.rate = 0.0
            whole.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
            whole.train_on_batch(photos.images.astype("float32"), photos.labels)
        else:
            whole = transfer.build(network, 3)
            parts = features.cut(whole, transfer.trained_layers(network, whole))
            for layer in whole.layers:
                if layer.name.startswith("head_dropout"):
                    layer.rate = 0.0
            cached = features.runner(parts.frozen)([photos.images])
            everything = (np.arange(len(photos.labels)), np.array([], np.int64))
            fit(
                parts.trained,
                cached,
                photos.labels,
                HeldOut(*everything),
                lambda epoch: None,
                epochs=1,
                batch_size=100,
                seed=1,
                optimizer=keras.optimizers.SGD(0.1),
            )
        weights.append(whole.get_weights())
    for plain, cached in zip(*weights, strict=True):
        np.testing.assert_allclose(plain, cached, rtol=1e-3, atol=1e-5)


def test_an_artifact_of_it_answers_as_the_trained_network(tmp_path):
    """The frozen part, trained apart from the rest, is whole again."""
    photos = small_networks.photos()
    trained, _ = train(photos, epochs=2, equalize="true")
    artifact.save(tmp_path, "efficientnetb3", trained, photos.classes, None)
    classifier = artifact.load(tmp_path)
    assert classifier.preprocessing.equalize
    images = classifier.preprocessing.finish(photos.images)
    np.testing.assert_allclose(
        trained.model(images.astype("float32"), training=False),
        classifier.predict(images),
        rtol=1e-4,
        atol=1e-5,
    )


def test_the_backbones_warning_goes_with_the_model():
    """A reader of the report must learn that weights were random."""
    trained, _ = train(small_networks.photos(), warning="random weights", epochs=1)
    assert trained.warnings == ("random weights",)


def test_no_backbone_is_a_clear_error():
    """It names the channel that is missing."""
    with pytest.raises(TrainingError, match=r"channel with backbone\.keras"):
        transfer.train(small_networks.photos(), Settings(), None, print)


@pytest.mark.slow
def test_a_pretrained_backbone_tells_real_animals_apart_after_a_few_epochs():
    """On photos of ../shared/data the stand-in's head beats chance by far within three epochs."""
    from bestiary.classifiers.backbone import load

    path = small_networks.stand_in()
    folder = path.parent.parent / "animals"
    photos = small_networks.real_photos(folder, ("crab", "leopard", "panda"), each=20, size=96)
    trained, log = train(photos, load(path, 96), epochs=8, batch_size=16)
    assert trained.history[-1].val_accuracy > 0.6
    assert log[0].startswith("equalize=")
