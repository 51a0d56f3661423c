"""The original report's network."""

import numpy as np
import pytest
import small_networks

from bestiary.classifiers import custom_cnn, fitting
from bestiary.classifiers.recipe import Settings, TrainingError
from bestiary.classifiers.validation import HeldOut


def train(photos, **settings):
    small_networks.keras().utils.set_random_seed(settings.get("seed", 42))
    log = []
    return custom_cnn.train(photos, Settings(**settings), None, log.append), log


def test_the_layers_are_those_of_the_report():
    """Two convolutions with pooling, dropout 0.25, flatten, dense 128, softmax over the classes."""
    small_networks.keras()
    network = custom_cnn.build(128, 10)
    layers = [type(layer).__name__ for layer in network.layers]
    assert layers == [
        "InputLayer",
        "Rescaling",
        "Conv2D",
        "MaxPooling2D",
        "Conv2D",
        "MaxPooling2D",
        "Dropout",
        "Flatten",
        "Dense",
        "Dense",
    ]
    settings = [layer.get_config() for layer in network.layers]
    assert (32, (3, 3), "relu") == tuple(settings[2][key] for key in ("filters", "kernel_size", "activation"))
    assert (64, (3, 3), "relu") == tuple(settings[4][key] for key in ("filters", "kernel_size", "activation"))
    assert settings[6]["rate"] == 0.25
    assert (128, "relu") == (settings[8]["units"], settings[8]["activation"])
    assert (10, "softmax") == (settings[9]["units"], settings[9]["activation"])


def test_the_defaults_are_those_of_the_report():
    """Adam, batch 32, 30 % for validation, 15 epochs."""
    trained, log = train(small_networks.photos(size=12))
    expected = {"optimizer": "adam", "loss": "categorical_crossentropy", "epochs": 15, "batch_size": 32}
    assert expected.items() <= trained.recipe.items()
    assert (0.3, 1e-3) == (trained.recipe["validation_share"], trained.recipe["learning_rate"])
    assert list(range(1, 16)) == [epoch.epoch for epoch in trained.history]
    assert log == list(trained.history)


def test_it_learns_what_can_be_learned():
    """Three kinds of stripes are told apart on photos it has not seen."""
    trained, _ = train(small_networks.photos(each=20, size=16), batch_size=8)
    unseen = small_networks.photos(each=10, size=16, seed=2)
    answers = np.asarray(trained.model(unseen.images.astype("float32"))).argmax(axis=1)
    assert (answers == unseen.labels).mean() > 0.9
    assert trained.history[-1].loss < trained.history[0].loss / 2
    assert trained.history[-1].val_accuracy > 0.8


def test_photos_are_taken_as_they_are_prepared():
    """The prepare job has equalized them or not; the artifact must do the same to every later photo."""
    photos = small_networks.photos(size=12)
    trained, _ = train(photos, epochs=1, equalize="true")
    assert photos.preprocessing == trained.preprocessing


def test_the_seed_decides_everything():
    """Equal seeds give equal weights to the last bit, other seeds others."""
    photos = small_networks.photos(size=12)
    weights = [train(photos, epochs=2, seed=seed)[0].model.get_weights() for seed in (1, 1, 2)]
    for first, second in zip(weights[0], weights[1], strict=True):
        np.testing.assert_array_equal(first, second)
    assert not np.array_equal(weights[0][0], weights[2][0])


def test_one_photo_a_class_is_trained_on_and_not_validated():
    """There is nothing to hold out, and the history says so by its absence."""
    trained, _ = train(small_networks.photos(each=1, size=12), epochs=2)
    assert [None, None] == [epoch.val_loss for epoch in trained.history]


def test_a_loss_that_is_no_number_ends_the_training():
    """A step far too large must not end in an artifact of nothing."""
    with pytest.raises(TrainingError, match=r"epoch [0-9]+: lower LearningRate \(now 1e"):
        train(small_networks.photos(size=12), epochs=50, learning_rate=1e38)


def test_an_epoch_reports_what_keras_itself_would():
    """Without dropout, one epoch of one batch and the figures after it are those of Keras's own evaluate."""
    keras = small_networks.keras()
    photos = small_networks.photos(each=4, size=12)
    image = keras.Input((12, 12, 3))
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(image))
    network = keras.Model(image, keras.layers.Dense(3, activation="softmax")(x))
    network.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    held = HeldOut(np.arange(0, 12, 2), np.arange(1, 12, 2))
    before = network.evaluate(photos.images[held.training], photos.labels[held.training], verbose=0)
    (epoch,) = fitting.fit(
        network,
        [photos.images],
        photos.labels,
        held,
        lambda epoch: None,
        epochs=1,
        batch_size=32,
        seed=1,
        optimizer=keras.optimizers.Adam(),
    )
    after = network.evaluate(photos.images[held.validation], photos.labels[held.validation], verbose=0)
    assert (epoch.loss, epoch.accuracy) == pytest.approx(before, rel=1e-5)
    assert (epoch.val_loss, epoch.val_accuracy) == pytest.approx(after, rel=1e-5)
