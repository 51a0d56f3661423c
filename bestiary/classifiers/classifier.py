"""A trained classifier, ready to name animals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bestiary.classifiers.embedding import with_embedding
from bestiary.classifiers.features import runner

if TYPE_CHECKING:
    import keras

    from bestiary.classifiers.features import Runner
    from bestiary.images import Preprocessing


@dataclass(frozen=True)
class Classifier:
    """A network with everything that belongs to it.

    Attributes
    ----------
    network
        From 0-255 RGB images to probabilities.
    name
        The candidate it was trained as.
    classes
        In the order of the scores.
    preprocessing
        What a photo goes through first.
    recipe
        How it was trained.
    backbone
        What is known of its backbone, None for a network trained from nothing.
    """

    network: keras.Model
    name: str
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    recipe: dict[str, Any]
    backbone: dict[str, Any] | None

    def predict(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Score preprocessed images.

        Parameters
        ----------
        images
            uint8, N×S×S×3, as `preprocessing` leaves them.

        Returns
        -------
        float32, N×C, each row adding up to 1.
        """
        if not len(images):
            return np.empty((0, len(self.classes)), np.float32)
        return self._run([images])[0]

    def embed(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Say what the network sees in preprocessed images.

        Returns
        -------
        float32, N×`embedding.LENGTH`; N×0 for a network without a dense layer.
        """
        if not len(images):
            return np.empty((0, 0), np.float32)
        return runner(with_embedding(self.network))([images])[0][:, len(self.classes) :]

    def classify(self, data: bytes) -> dict[str, float]:
        """Score one photo as it comes: the bytes of an image file to a score for each class.

        Raises
        ------
        bestiary.images.UnreadableImage
            The bytes are no picture that can be used.
        """
        scores = self.predict(self.preprocessing.from_bytes(data)[np.newaxis])[0]
        return dict(zip(self.classes, scores.tolist(), strict=True))

    @cached_property
    def _run(self) -> Runner:
        return runner(self.network)
