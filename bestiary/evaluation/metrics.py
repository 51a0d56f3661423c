"""What labels and scores say about a classifier."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from bestiary.evaluation.calibration import Calibration, calibrate


@dataclass(frozen=True)
class ClassScores:
    """How one class fares on the test photos.

    Attributes
    ----------
    precision
        Of the photos called this class, the share that is; 0 where none was, None without test photos.
    recall
        Of the photos of this class, the share called so; None without test photos.
    f1
        Harmonic mean of the two; None without test photos.
    support
        Test photos of this class.
    """

    precision: float | None
    recall: float | None
    f1: float | None
    support: int


@dataclass(frozen=True)
class Metrics:
    """What one classifier scores on the test photos.

    Attributes
    ----------
    count
        Test photos, at least 1.
    accuracy
        Share named right, 0 to 1.
    interval
        95 % Wilson interval of the accuracy: test sets here are small.
    macro_f1
        Mean F1 over the classes that have test photos.
    per_class
        Scores by class, in the order of the classes.
    confusion
        ``confusion[t][p]``: photos of class t called p, in the order of the classes.
    calibration
        Whether confidence means what it says.
    """

    count: int
    accuracy: float
    interval: tuple[float, float]
    macro_f1: float
    per_class: dict[str, ClassScores]
    confusion: tuple[tuple[int, ...], ...]
    calibration: Calibration

    @property
    def right(self) -> int:
        """Photos named right."""
        return sum(row[index] for index, row in enumerate(self.confusion))

    @property
    def unmeasured(self) -> tuple[str, ...]:
        """Classes without a test photo, about which nothing is known."""
        return tuple(name for name, scores in self.per_class.items() if scores.support == 0)


def measure(labels: NDArray[np.integer], scores: NDArray[np.floating], classes: Sequence[str]) -> Metrics:
    """Score a classifier's answers.

    Parameters
    ----------
    labels
        True classes as indices into `classes`, shape (N,).
    scores
        Probabilities, 0 to 1, shape (N, C); the highest is the answer (the first of equals).
    classes
        C names.

    Raises
    ------
    ValueError
        When there is nothing to measure or the shapes or values do not fit each other.
    """
    _check(labels, scores, classes)
    predicted = scores.argmax(axis=1)
    every = range(len(classes))
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, predicted, labels=every, zero_division=0.0
    )
    right = predicted == labels
    interval = binomtest(int(right.sum()), len(labels)).proportion_ci(0.95, method="wilson")
    return Metrics(
        count=len(labels),
        accuracy=float(right.mean()),
        interval=(float(interval.low), float(interval.high)),
        macro_f1=float(f1[support > 0].mean()),
        per_class={
            name: ClassScores(float(precision[i]), float(recall[i]), float(f1[i]), int(support[i]))
            if support[i]
            else ClassScores(None, None, None, 0)
            for i, name in enumerate(classes)
        },
        confusion=tuple(
            tuple(int(cell) for cell in row) for row in confusion_matrix(labels, predicted, labels=every)
        ),
        calibration=calibrate(scores.max(axis=1), right),
    )


def _check(labels: NDArray[np.integer], scores: NDArray[np.floating], classes: Sequence[str]) -> None:
    if len(labels) == 0:
        raise ValueError("the test part holds no photo: there is nothing to measure")
    if scores.shape != (len(labels), len(classes)):
        raise ValueError(
            f"scores of shape {scores.shape} do not fit {len(labels)} photos of {len(classes)} classes"
        )
    if labels.min() < 0 or labels.max() >= len(classes):
        raise ValueError(
            f"labels run from {labels.min()} to {labels.max()}, but there are {len(classes)} classes"
        )
    if not (np.isfinite(scores).all() and scores.min() >= 0.0 and scores.max() <= 1.0 + 1e-5):
        raise ValueError("scores are no probabilities: some lie outside 0 to 1 or are not numbers")
