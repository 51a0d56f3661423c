"""Networks run by TensorFlow: on a GPU, and where LiteRT cannot take one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bestiary.classifiers import artifact, reproducible
from bestiary.classifiers.embedding import with_embedding
from inference.errors import ModelUnusable

if TYPE_CHECKING:
    from inference.model_folder import ModelFolder
    from inference.runtimes import Network


def load(folder: ModelFolder, batch: int) -> Network:
    """Load a classifier's network, in full float32.

    TensorFlow picks its kernels by the shape, and other kernels round otherwise. So there is only one shape:
    on a GPU every batch is filled up to `batch` photos, which costs it little; on a CPU, where it would cost
    much, photos are scored one by one. TensorFloat-32 and mixed precision stay off: they compute with three
    digits.

    Raises
    ------
    ModelUnusable
        The artifact is corrupt.
    """
    reproducible.begin(0)
    import tensorflow as tf

    tf.config.experimental.enable_tensor_float_32_execution(False)  # noqa: FBT003 - TensorFlow's own signature
    try:
        classifier = artifact.load(folder.path)
    except artifact.ArtifactCorrupt as error:
        raise ModelUnusable(str(error)) from error
    rows = batch if tf.config.list_physical_devices("GPU") else 1
    network, side = with_embedding(classifier.network), classifier.preprocessing.size
    images = tf.TensorSpec((rows, side, side, 3), tf.uint8)
    score = tf.function(
        lambda images: network(tf.cast(images, tf.float32), training=False), input_signature=[images]
    )

    def run(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        parts = [score(_filled(images[start : start + rows], rows)) for start in range(0, len(images), rows)]
        scores: npt.NDArray[np.float32] = np.concatenate([part.numpy() for part in parts])
        return scores[: len(images)]

    return run


def _filled(images: npt.NDArray[np.uint8], rows: int) -> npt.NDArray[np.uint8]:
    """Add black photos until there are as many as `rows`."""
    missing = rows - len(images)
    return np.pad(images, ((0, missing), (0, 0), (0, 0), (0, 0))) if missing else images
