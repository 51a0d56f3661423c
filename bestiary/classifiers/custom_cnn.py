"""The small network of the original report: the baseline that a pretrained backbone has to beat.

Two convolutions with pooling (ReLU), dropout 0.25, flatten, dense 128 (ReLU), softmax; Adam, categorical
cross-entropy, batch 32, 30 % held out for validation, 15 epochs, on 128×128 photos with equalized luminance.

Where the report is silent the usual is taken: 32 and 64 filters of 3×3 without padding, 2×2 pooling, Keras's
default initialisers and Adam's step of 0.001, the weights of the last epoch.

Expected: test accuracy 0.39, 0.44 and 0.49 (seeds 1, 2 and 3 of both the split and the training) on 100 of
480 web photographs of ten kinds of animals, 38 of each for training and validation. The command::

    bestiary run --data DIR --set Seed=1
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bestiary.classifiers.fitting import fit
from bestiary.classifiers.recipe import Photos, Report, Settings, Trained
from bestiary.classifiers.validation import SHARE, hold_out

if TYPE_CHECKING:
    import keras

    from bestiary.classifiers.backbone import Backbone
    from bestiary.classifiers.checkpoint import Checkpoints

LEARNING_RATE = 1e-3


def build(size: int, classes: int) -> keras.Model:
    """Return the untrained network: 0-255 RGB images N×size×size×3 to probabilities N×classes."""
    import keras
    from keras import layers

    image = keras.Input((size, size, 3), name="image")
    x = layers.Rescaling(1 / 255, name="rescaling")(image)
    x = layers.Conv2D(32, 3, activation="relu", name="convolution_1")(x)
    x = layers.MaxPooling2D(name="pooling_1")(x)
    x = layers.Conv2D(64, 3, activation="relu", name="convolution_2")(x)
    x = layers.MaxPooling2D(name="pooling_2")(x)
    x = layers.Dropout(0.25, name="dropout")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(128, activation="relu", name="dense")(x)
    return keras.Model(
        image, layers.Dense(classes, activation="softmax", name="species")(x), name="custom_cnn"
    )


def train(
    photos: Photos,
    settings: Settings,
    backbone: Backbone | None,
    report: Report,
    checkpoints: Checkpoints | None = None,
) -> Trained:
    """Train the network on `photos` as they are; see the package for the form all recipes share.

    Raises
    ------
    TrainingError
        The loss is no longer a number.
    """
    import keras

    del backbone
    rate = settings.learning_rate or LEARNING_RATE
    model = build(photos.images.shape[1], len(photos.classes))
    history = fit(
        model,
        [photos.images],
        photos.labels,
        hold_out(photos.labels, photos.groups, settings.seed),
        report,
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        seed=settings.seed,
        optimizer=keras.optimizers.Adam(rate),
        checkpoints=checkpoints,
    )
    recipe = {
        "optimizer": "adam",
        "learning_rate": rate,
        "loss": "categorical_crossentropy",
        "epochs": settings.epochs,
        "batch_size": settings.batch_size,
        "validation_share": SHARE,
        "seed": settings.seed,
    }
    return Trained(model, photos.preprocessing, history, recipe)
