"""Baselines: from the photos that a model was trained and tested on, or from what an endpoint has seen."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from bestiary.drift.baseline import Baseline, Limits
from bestiary.drift.sample import KEPT, Column, Sample, of_photos, of_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from bestiary.drift.gathering import Gathered
    from bestiary.images.statistics import Statistics


def of_training(
    photos: Sequence[Statistics],
    scores: npt.NDArray[np.floating],
    labels: Sequence[str],
    embeddings: npt.NDArray[np.floating] | None = None,
    limits: Limits | None = None,
) -> Baseline:
    """Make the baseline that a version is registered with.

    Parameters
    ----------
    photos
        Measures of the photos of the dataset, as many as there are: looks have nothing to do with the model.
    scores
        The model's, of photos it was *not* trained on, shape (N, C): it is surer of those it has seen.
    labels
        C names.
    embeddings
        What the model sees in the same photos, shape (N, D); None where nobody computed it.
    limits
        When a difference is a violation; None for the usual ones.
    """
    draw = np.random.default_rng(0)
    named = Counter(labels[index] for index in scores.argmax(axis=1))
    columns = {name: _some(column, draw) for name, column in of_photos(photos).items()}
    # One order for all columns of answers, so that row for row they stay of the same photo.
    kept = draw.permutation(len(scores))[:KEPT]
    columns["confidence"] = np.asarray(scores, np.float64).max(axis=1)[kept]
    columns["scores"] = of_scores(scores[kept])
    if embeddings is not None:
        columns["embedding"] = np.asarray(embeddings, np.float64)[kept]
    return Baseline(Sample(columns, named), tuple(labels), limits or Limits())


def of_capture(gathered: Gathered, limits: Limits | None = None) -> Baseline:
    """Make a baseline of what an endpoint was sent in a time that was all right."""
    return Baseline(gathered.sample, gathered.labels, limits or Limits())


def _some(column: Column, draw: np.random.Generator) -> Column:
    return column[draw.permutation(len(column))[:KEPT]]
