"""Whether equalizing the luminance helps a backbone, decided on the training photos alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bestiary.images import Preprocessing

if TYPE_CHECKING:
    from collections.abc import Callable

    from bestiary.classifiers.features import Floats, Runner
    from bestiary.classifiers.recipe import Equalize, Photos

PHOTOS = 100
"""How many photos are looked at, at most, shared out among the classes."""

FOLDS = 5

RIDGE = 1.0
"""Against features scaled to unit variance; 0.3 to 3 decide alike."""


@dataclass(frozen=True)
class Probe:
    """How well a regularised linear model told the classes apart in cross-validation.

    Attributes
    ----------
    accuracy
        0 to 1.
    error
        Squared distance of its scores from the truth, summed over the classes (Brier's score); 0 is perfect.
    """

    accuracy: float
    error: float


@dataclass(frozen=True)
class Choice:
    """Whether to equalize, and why."""

    equalize: bool
    why: str
    photos: int = 0
    plain: Probe | None = None
    equalized: Probe | None = None

    def as_json(self) -> dict[str, Any]:
        """Return everything for the recipe."""
        return asdict(self)

    def __str__(self) -> str:
        line = f"equalize={str(self.equalize).lower()}: {self.why}"
        if self.plain is None or self.equalized is None:
            return line
        return (
            f"{line} on {self.photos} training photos (accuracy {self.equalized.accuracy:.4f} against "
            f"{self.plain.accuracy:.4f}, error {self.equalized.error:.4f} against {self.plain.error:.4f})"
        )


@dataclass(frozen=True)
class Seen:
    """Photos as the frozen part of a network saw them.

    Attributes
    ----------
    tensors
        What it answered, one array an output, each N×….
    preprocessing
        What the photos went through, which is the classifier's from now on.
    choice
        Why.
    """

    tensors: tuple[Floats, ...]
    preprocessing: Preprocessing
    choice: Choice


def see(setting: Equalize, photos: Photos, frozen: Runner, pool: Runner, seed: int) -> Seen:
    """Run photos through the frozen part of a network, equalized or not.

    With ``auto``, a linear model is cross-validated on both. Equalizing costs a pretrained backbone accuracy
    on most photos (MobileNetV2 at 224 px: 0.925 became 0.908), so it has to win on both accuracy and error.
    Some photos of each class stand for all, since their equalized versions go through the network just for
    this: on 40 draws of 100 out of 380 photos, at 128 and 224 px, the choice was that of all photos every
    time.

    Parameters
    ----------
    setting
        ``true``, ``false`` or ``auto``.
    photos
        The training photos, not equalized.
    frozen
        From images to the tensors that are wanted.
    pool
        From those to one vector a photo.
    seed
        Which photos stand for all, and how they are divided into folds.
    """
    size = photos.preprocessing.size

    def through(images: npt.NDArray[np.uint8], *, equalized: bool) -> tuple[Floats, ...]:
        return frozen([Preprocessing(size, equalize=equalized).finish(images)])

    if setting == "true":
        choice = Choice(equalize=True, why="as set")
    else:
        tensors = through(photos.images, equalized=False)
        choice = Choice(equalize=False, why="as set")
        if setting == "auto":
            few = _sample(photos.labels, seed)
            plain = [tensor[few] for tensor in tensors]
            choice = _choose(
                photos.labels[few],
                lambda: pool(plain)[0],
                lambda: pool(through(photos.images[few], equalized=True))[0],
                seed,
            )
    if choice.equalize:
        tensors = through(photos.images, equalized=True)
    return Seen(tensors, Preprocessing(size, equalize=choice.equalize), choice)


def _choose(
    labels: npt.NDArray[np.int64], plain: Callable[[], Floats], equalized: Callable[[], Floats], seed: int
) -> Choice:
    if len(np.unique(labels)) < 2:
        return Choice(equalize=False, why="there are too few photos a class to compare")
    before, after = _probe(plain(), labels, seed), _probe(equalized(), labels, seed)
    better = after.accuracy > before.accuracy and after.error < before.error
    why = f"equalized is {'better' if better else 'no better'} in cross-validation"
    return Choice(better, why, len(labels), before, after)


def _sample(labels: npt.NDArray[np.int64], seed: int) -> npt.NDArray[np.int64]:
    """Pick equally many photos of every class that has at least two."""
    order = np.random.default_rng(seed).permutation(len(labels))
    counts = np.bincount(labels)
    usable = np.flatnonzero(counts >= 2)
    each = max(2, PHOTOS // max(1, len(usable)))
    picked = [order[labels[order] == label][:each] for label in usable]
    return np.sort(np.concatenate(picked)) if picked else np.array([], np.int64)


def _probe(vectors: Floats, labels: npt.NDArray[np.int64], seed: int) -> Probe:
    """Cross-validate ridge regression onto the classes, solved among the photos, which are few."""
    from sklearn.model_selection import StratifiedKFold

    spread = vectors.std(axis=0)
    # What is the same for every photo tells nothing, and rounding must not make something of it.
    spread[spread <= 1e-6 * np.abs(vectors).max()] = np.inf
    scaled = (vectors - vectors.mean(axis=0)) / spread
    alike = scaled @ scaled.T / scaled.shape[1]
    classes, wanted = np.unique(labels, return_inverse=True)
    target = np.eye(len(classes))[wanted]
    answer = np.zeros_like(target)
    folds = min(FOLDS, int(np.bincount(wanted).min()))
    splits = StratifiedKFold(folds, shuffle=True, random_state=seed).split(wanted, wanted)
    for training, testing in splits:
        mean = target[training].mean(axis=0)
        penalized = alike[np.ix_(training, training)] + RIDGE * np.eye(len(training))
        dual = np.linalg.solve(penalized, target[training] - mean)
        answer[testing] = mean + alike[np.ix_(testing, training)] @ dual
    accuracy = float((answer.argmax(axis=1) == wanted).mean())
    return Probe(round(accuracy, 4), round(float(((answer - target) ** 2).sum(axis=1).mean()), 4))
