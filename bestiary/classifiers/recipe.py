"""What goes into a training recipe and what comes out of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import keras
    import numpy as np
    import numpy.typing as npt

    from bestiary.images import Preprocessing

Equalize = Literal["auto", "true", "false"]


class TrainingError(Exception):
    """Training cannot begin or go on; the message is one line for whoever started it."""


@dataclass(frozen=True)
class Photos:
    """Labelled photographs, decoded and resized.

    Attributes
    ----------
    images
        uint8, N×S×S×3, RGB 0-255; may be a memory map.
    labels
        int64, N, indices into `classes`.
    classes
        Class names, sorted.
    groups
        One name a photo (camera site or burst); ``""`` where it has none. Photos of one group are never
        divided between training and validation.
    preprocessing
        What has been done to `images`. Transfer views come with ``equalize=False``: the recipe decides.
    """

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]
    classes: tuple[str, ...]
    groups: tuple[str, ...]
    preprocessing: Preprocessing


@dataclass(frozen=True)
class Settings:
    """What a person may set for a training job.

    Attributes
    ----------
    epochs, batch_size
        At least 1.
    learning_rate
        Adam's step; None leaves it to the recipe.
    seed
        0 to 2³²-1. Same seed, same photos, same machine: same weights to the last bit.
    equalize
        ``true``, ``false`` or ``auto`` (decided by validation on the training part alone). Transfer recipes
        only.
    """

    epochs: int = 15
    batch_size: int = 32
    learning_rate: float | None = None
    seed: int = 42
    equalize: Equalize = "auto"


@dataclass(frozen=True)
class Epoch:
    """One pass over the training photos; the ``val_`` figures are None where nothing was held out."""

    epoch: int
    loss: float
    accuracy: float
    val_loss: float | None = None
    val_accuracy: float | None = None


Report = Callable[[Epoch | str], None]
"""Called with every finished epoch, and with a line of text for whatever else the log should say."""


@dataclass(frozen=True)
class Trained:
    """A trained classifier and how it came about.

    Attributes
    ----------
    model
        From 0-255 RGB images N×S×S×3 (uint8 or float) to probabilities N×C: built-in Keras layers only, with
        fixed layer names, since its configuration becomes the artifact.
    preprocessing
        What must be done to a photo before `model` sees it.
    history
        One entry an epoch, in order.
    recipe
        Everything that was set or decided, as JSON: no times, no paths, so that equal runs give equal bytes.
    warnings
        What a reader of the report must not miss.
    """

    model: keras.Model
    preprocessing: Preprocessing
    history: tuple[Epoch, ...]
    recipe: dict[str, Any]
    warnings: tuple[str, ...] = field(default=())
