"""The original report's transfer learning: its four-layer head on a pretrained backbone.

All layers of the backbone frozen but the last 10; dense 512 and 512, dropout 0.2, dense 1024 and 1024 (all
ReLU), dropout 0.1, batch normalisation, softmax; Adam, categorical cross-entropy, batch 32, 30 % held out for
validation, 15 epochs.

Where the report is silent: the feature map is averaged over its positions, as EfficientNet's own classifier
does (flattened, 7×7×1536 features would make the first dense layer alone three times the backbone); each
dropout follows its pair of dense layers; Adam's step is 0.001; the weights are those of the last epoch. The
ten trained layers behave as Keras's layers do when trained, batch normalisation by the batch; the frozen ones
as in inference, without stochastic depth.

Expected, with MobileNetV2 pretrained on ImageNet in EfficientNetB3's place: test accuracy 0.90, 0.87 and 0.86
(seeds 1, 2 and 3 of both the split and the training) at 224 px on 100 of 480 web photographs of ten kinds of
animals, 38 of each for training and validation. The command::

    bestiary run --data DIR --backbone FILE.keras --set Seed=1
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bestiary.classifiers import equalization
from bestiary.classifiers.features import cut, runner
from bestiary.classifiers.fitting import fit
from bestiary.classifiers.recipe import Photos, Report, Settings, Trained, TrainingError
from bestiary.classifiers.validation import SHARE, hold_out

if TYPE_CHECKING:
    import keras

    from bestiary.classifiers.backbone import Backbone
    from bestiary.classifiers.checkpoint import Checkpoints

TRAINED_LAYERS = 10
LEARNING_RATE = 1e-3


def build(backbone: keras.Model, classes: int) -> keras.Model:
    """Return `backbone`, whose layers are shared, with the untrained head on it."""
    import keras
    from keras import layers

    x = layers.GlobalAveragePooling2D(name="head_pooling")(backbone.outputs[0])
    for number, (units, dropout) in enumerate(((512, 0.0), (512, 0.2), (1024, 0.0), (1024, 0.1)), start=1):
        x = layers.Dense(units, activation="relu", name=f"head_dense_{number}")(x)
        if dropout:
            x = layers.Dropout(dropout, name=f"head_dropout_{number}")(x)
    x = layers.BatchNormalization(name="head_normalization")(x)
    x = layers.Dense(classes, activation="softmax", name="head_species")(x)
    return keras.Model(backbone.inputs[0], x, name="transfer")


def trained_layers(backbone: keras.Model, network: keras.Model, last: int = TRAINED_LAYERS) -> set[str]:
    """Name the layers of `network` to train: its head and the `last` ones of the `backbone` it stands on."""
    own = [layer.name for layer in backbone.layers]
    return {layer.name for layer in network.layers} - set(own[: max(1, len(own) - last)])


def train(
    photos: Photos,
    settings: Settings,
    backbone: Backbone | None,
    report: Report,
    checkpoints: Checkpoints | None = None,
) -> Trained:
    """Train the head and the end of the backbone; see the package for the form all recipes share.

    Raises
    ------
    TrainingError
        There is no backbone, or the loss is no longer a number.
    """
    import keras

    if backbone is None:
        raise TrainingError("transfer learning needs a backbone: give the job a channel with backbone.keras")
    network = build(backbone.network, len(photos.classes))
    parts = cut(network, trained_layers(backbone.network, network))
    frozen, pool = runner(parts.frozen), runner(parts.onward("head_pooling"))
    seen = equalization.see(settings.equalize, photos, frozen, pool, settings.seed)
    report(str(seen.choice))
    rate = settings.learning_rate or LEARNING_RATE
    history = fit(
        parts.trained,
        seen.tensors,
        photos.labels,
        hold_out(photos.labels, photos.groups, settings.seed),
        report,
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        seed=settings.seed,
        optimizer=keras.optimizers.Adam(rate),
        checkpoints=checkpoints,
    )
    recipe = _recipe(settings, rate, seen.choice)
    return Trained(network, seen.preprocessing, history, recipe, backbone.warnings)


def _recipe(settings: Settings, rate: float, choice: equalization.Choice) -> dict[str, Any]:
    return {
        "optimizer": "adam",
        "learning_rate": rate,
        "loss": "categorical_crossentropy",
        "trained_layers": TRAINED_LAYERS,
        "pooling": "global average",
        "epochs": settings.epochs,
        "batch_size": settings.batch_size,
        "validation_share": SHARE,
        "seed": settings.seed,
        "equalize": choice.as_json(),
    }
