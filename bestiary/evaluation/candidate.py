"""A trained model with everything measured about it, and the choice among several."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bestiary.classifiers.recipe import Epoch
from bestiary.evaluation.metrics import Metrics


@dataclass(frozen=True)
class Candidate:
    """A trained model and its measurements.

    Attributes
    ----------
    name
        Which model: ``custom_cnn``, ``efficientnetb3`` or ``tuned``.
    metrics
        Its scores on the test photos.
    labels, scores
        True classes of the test photos, shape (N,), and the probabilities it gave them, shape (N, C).
    size
        Bytes of its ``model.tar.gz``.
    sha256
        Of the same file.
    parameters
        Numbers it is made of.
    training_seconds
        Wall time of its training.
    seconds_per_image
        Median time of one prediction of one prepared picture.
    seconds_per_image_in_batches
        The same in batches, where that was measured.
    image_size
        Side of the pictures it sees, in pixels.
    equalize
        Whether their luminance is equalized.
    backbone
        ``backbone.json`` of its pretrained part; None where it has none.
    recipe
        Settings of its training.
    warnings
        What whoever reads its figures must know.
    history
        Its learning curve, an epoch an entry.
    """

    name: str
    metrics: Metrics
    labels: NDArray[np.integer]
    scores: NDArray[np.floating]
    size: int
    sha256: str
    parameters: int
    training_seconds: float
    seconds_per_image: float
    seconds_per_image_in_batches: float
    image_size: int
    equalize: bool
    backbone: Mapping[str, Any] | None = None
    recipe: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    history: Sequence[Epoch] = ()

    @property
    def hits(self) -> NDArray[np.bool_]:
        """Whether each test photo is named right."""
        return np.asarray(self.scores.argmax(axis=1) == self.labels)

    @property
    def guess(self) -> float:
        """The accuracy of always naming the commonest animal."""
        return max(scores.support for scores in self.metrics.per_class.values()) / self.metrics.count

    @property
    def beats_guessing(self) -> bool:
        """Whether its accuracy is above `guess` with all that chance leaves open."""
        return self.metrics.interval[0] > self.guess

    @property
    def random_weights(self) -> bool:
        """Whether its backbone was never trained."""
        return self.backbone is not None and self.backbone.get("weights") == "random"


def choose(candidates: Sequence[Candidate]) -> Candidate:
    """Choose the champion: highest accuracy, then macro F1, then the smaller artifact, then the name.

    Speed decides nothing: it differs from run to run, and the same data must give the same champion.
    """
    return min(
        candidates, key=lambda each: (-each.metrics.accuracy, -each.metrics.macro_f1, each.size, each.name)
    )
