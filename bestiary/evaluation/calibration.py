"""Whether a model's confidence means what it says."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Bin:
    """The predictions whose confidence falls between two edges.

    Attributes
    ----------
    low, high
        Edges of the bin, 0 to 1; `high` belongs to it.
    confidence
        Mean confidence of its predictions.
    accuracy
        Share of them that is right.
    count
        How many there are, at least 1.
    """

    low: float
    high: float
    confidence: float
    accuracy: float
    count: int


@dataclass(frozen=True)
class Calibration:
    """How far confidence and accuracy lie apart.

    Attributes
    ----------
    ece
        Expected calibration error, 0 (says what it is) to 1.
    confidence
        Mean confidence over all predictions; above the accuracy means overconfident.
    bins
        The bins that hold a prediction, from low confidence to high.
    """

    ece: float
    confidence: float
    bins: tuple[Bin, ...]


def calibrate(confidence: NDArray[np.floating], right: NDArray[np.bool_], bins: int = 10) -> Calibration:
    """Measure calibration over bins of equal width.

    Parameters
    ----------
    confidence
        N scores of the predicted classes, 0 to 1.
    right
        N booleans: whether each prediction is right.
    bins
        How many bins the range 0 to 1 is cut into.

    References
    ----------
    Guo et al., On Calibration of Modern Neural Networks, 2017: the expected calibration error.
    """
    confidence = confidence.astype(np.float64)
    edges = np.linspace(0.0, 1.0, bins + 1)
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    filled = tuple(
        Bin(
            low=float(edges[index]),
            high=float(edges[index + 1]),
            confidence=float(confidence[place == index].mean()),
            accuracy=float(right[place == index].mean()),
            count=int((place == index).sum()),
        )
        for index in np.unique(place)
    )
    error = sum(each.count * abs(each.confidence - each.accuracy) for each in filled) / len(confidence)
    return Calibration(ece=float(error), confidence=float(confidence.mean()), bins=filled)
