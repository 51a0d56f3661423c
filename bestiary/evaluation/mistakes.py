"""Which photos a classifier gets wrong, and what it takes for what."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Mistake:
    """One photo named wrong.

    Attributes
    ----------
    index
        Its place in the test part.
    file
        Its path below the data folder.
    true, predicted
        What it shows and what it was called.
    confidence
        How sure the classifier was, 0 to 1.
    """

    index: int
    file: str
    true: str
    predicted: str
    confidence: float


@dataclass(frozen=True)
class Confusion:
    """How often photos of one class were called another."""

    true: str
    predicted: str
    count: int


def mistakes(
    labels: NDArray[np.integer], scores: NDArray[np.floating], classes: Sequence[str], files: Sequence[str]
) -> list[Mistake]:
    """List the photos named wrong, the most confident first.

    Parameters
    ----------
    labels
        True classes as indices into `classes`, shape (N,).
    scores
        Probabilities, shape (N, C).
    classes, files
        C names and N paths.
    """
    predicted = scores.argmax(axis=1)
    wrong = [
        Mistake(int(i), files[i], classes[labels[i]], classes[predicted[i]], float(scores[i].max()))
        for i in np.flatnonzero(predicted != labels).tolist()
    ]
    return sorted(wrong, key=lambda mistake: (-mistake.confidence, mistake.file))


def top_confusions(
    matrix: Sequence[Sequence[int]], classes: Sequence[str], limit: int = 5
) -> list[Confusion]:
    """List which classes are taken for which, the most frequent first.

    Parameters
    ----------
    matrix
        ``matrix[t][p]``: photos of class t called p.
    classes
        Their names, in the matrix's order.
    limit
        At most so many.
    """
    off_diagonal = [
        Confusion(classes[t], classes[p], count)
        for t, row in enumerate(matrix)
        for p, count in enumerate(row)
        if t != p and count
    ]
    return sorted(off_diagonal, key=lambda each: (-each.count, each.true, each.predicted))[:limit]
