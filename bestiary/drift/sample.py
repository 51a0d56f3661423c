"""Photos as columns of numbers, ready to be compared."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bestiary.drift.features import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bestiary.drift.answers import Answer
    from bestiary.images.statistics import Statistics

Column = npt.NDArray[np.float64]

KEPT = 2000
"""Rows of a sample; of more photos a random part is kept, which is enough for any test made here."""

_FAINTEST = 1e-6
"""Smallest score that answers tell apart from 0."""


@dataclass(frozen=True)
class Sample:
    """What was measured of some photos.

    Attributes
    ----------
    columns
        By feature: shape (N,) for a number, (N, D) for a vector. Columns need not be equally long: photos
        may be measured that were not asked about.
    species
        How many photos were given each name, of all photos.
    """

    columns: Mapping[str, Column] = field(default_factory=dict)
    species: Mapping[str, int] = field(default_factory=dict)

    def rows(self, name: str) -> int:
        """How many values a feature has."""
        return len(self.columns.get(name, ()))


def of_photos(photos: Sequence[Statistics]) -> dict[str, Column]:
    """Make the columns that are of photos alone, whatever was said of them."""
    if not photos:
        return {}
    columns = {
        name: np.array([float(getattr(photo, name)) for photo in photos])
        for name in NUMBERS
        if name != "confidence"
    }
    shares = np.array([[photo.red, photo.green, photo.blue] for photo in photos])
    # Cumulative, so that a colour a little lighter is a small step and not just another bin.
    columns["colour"] = shares.cumsum(axis=2)[:, :, :-1].reshape(len(photos), -1)
    layouts = [photo.layout for photo in photos if photo.layout]
    if layouts:
        columns["layout"] = np.array(layouts)
    return columns


def of_scores(scores: npt.NDArray[np.floating]) -> Column:
    """Bring probabilities, shape (N, C), to the network's logits but for a constant in each row."""
    logs = np.log(np.maximum(np.asarray(scores, np.float64), _FAINTEST))
    return np.asarray(logs - logs.mean(axis=1, keepdims=True))


def of_answers(answers: Sequence[Answer], labels: Sequence[str]) -> Sample:
    """Make a sample of what an endpoint said.

    Parameters
    ----------
    answers
        Of photos that could be used.
    labels
        Whose scores make the column `scores`, in this order; answers with other labels are not in it.
    """
    columns = of_photos([answer.image for answer in answers if answer.image is not None])
    columns["confidence"] = np.array([answer.confidence for answer in answers])
    expected = set(labels)
    scored = [[one.scores[label] for label in labels] for one in answers if one.scores.keys() == expected]
    if labels and scored:
        columns["scores"] = of_scores(np.array(scored))
    embedded = [answer.embedding for answer in answers if answer.embedding]
    lengths = Counter(map(len, embedded)).most_common(1)
    if lengths:
        columns["embedding"] = np.array([one for one in embedded if len(one) == lengths[0][0]])
    return Sample(columns, Counter(answer.species for answer in answers))
