"""Whether equalizing the luminance helps a backbone, decided on the training photos alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bestiary.images import equalize

if TYPE_CHECKING:
    from collections.abc import Callable

    from bestiary.classifiers.recipe import Equalize, Photos

    Pool = Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]]

PHOTOS = 160
"""How many photos are looked at, at most, shared out among the classes."""

FOLDS = 5


@dataclass(frozen=True)
class Probe:
    """How well a regularised linear model told the classes apart, by cross-validation: means over the folds."""

    accuracy: float
    log_loss: float


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


def choose(setting: Equalize, photos: Photos, pool: Pool, seed: int) -> Choice:
    """Decide whether photos are equalized before a backbone sees them.

    Equalizing costs most pretrained backbones accuracy (0.925 to 0.908 was measured for MobileNetV2 at 224 px), so
    it has to win on both accuracy and log loss. Some photos of each class stand for all, since the equalized ones
    have to go through the backbone just for this.

    Parameters
    ----------
    setting
        ``true`` and ``false`` are taken as they are.
    photos
        The training photos, not equalized.
    pool
        From uint8 images to one vector each, through the frozen backbone.
    seed
        Which photos, and how they are divided into folds.
    """
    if setting != "auto":
        return Choice(setting == "true", "as set")
    chosen = _sample(photos.labels, seed)
    if len(np.unique(photos.labels[chosen])) < 2:
        return Choice(equalize=False, why="too few photos a class to compare: left as they are")
    images, labels = photos.images[chosen], photos.labels[chosen]
    plain = _probe(pool(images), labels, seed)
    equalized = _probe(pool(equalize(images)), labels, seed)
    better = equalized.accuracy > plain.accuracy and equalized.log_loss < plain.log_loss
    why = "better in cross-validation" if better else "no better in cross-validation"
    return Choice(better, f"equalized is {why}", len(chosen), plain, equalized)


def _sample(labels: npt.NDArray[np.int64], seed: int) -> npt.NDArray[np.int64]:
    """Pick equally many photos of every class that has at least two."""
    order = np.random.default_rng(seed).permutation(len(labels))
    counts = np.bincount(labels)
    usable = np.flatnonzero(counts >= 2)
    each = max(2, PHOTOS // max(1, len(usable)))
    picked = [order[labels[order] == label][:each] for label in usable]
    return np.sort(np.concatenate(picked)) if picked else np.array([], np.int64)


def _probe(vectors: npt.NDArray[np.float32], labels: npt.NDArray[np.int64], seed: int) -> Probe:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    folds = StratifiedKFold(
        min(FOLDS, int(np.bincount(labels)[np.unique(labels)].min())), shuffle=True, random_state=seed
    )
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=200))
    answer = cross_val_predict(model, vectors, labels, cv=folds, method="predict_proba")
    right = np.unique(labels)[answer.argmax(axis=1)] == labels
    return Probe(round(float(right.mean()), 4), round(float(log_loss(labels, answer)), 4))
