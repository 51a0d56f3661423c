"""Whether a species has become more frequent, by the scores of all answers and not just by what they name.

A species that is rare to the model is rarely named: its photos get a raised score under a larger one. Scores
are posteriors, so that the score of a species over its mean is how much likelier a photo is among the photos
of that species than among all. By the lemma of Neyman and Pearson ``log(1 + share * (ratio - 1))``, summed,
is then the best there is to tell whether such a share of a window came in on top. The species is not known
beforehand: the largest of these statistics is compared with the largest ones of permutations (Westfall and
Young 1993).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bestiary.drift.energy import Difference
from bestiary.drift.permutations import division, p_value

Points = npt.NDArray[np.floating]

SHARE = 0.2
"""Part of a window that the test looks for; others are found almost as well (0.05 to 0.4: within a tenth)."""


class Rise(NamedTuple):
    """A species, by its column, and its mean score on either side."""

    column: int
    before: float
    after: float


def rising_test(before: Points, after: Points, seed: int = 0) -> Difference:
    """Compare the scores of two samples for a species that the second has more of.

    Parameters
    ----------
    before, after
        Log scores as `bestiary.drift.sample.of_scores` makes them: shapes (N, C) and (M, C).
    seed
        Of the permutations: the same samples always give the same answer.

    Returns
    -------
    What `rise` gained in mean score, 0 to 1, and the p-value of the largest statistic of all species.
    """
    ratios = _ratios(before, after)

    def largest(divisions: Points) -> Points:
        return np.asarray(-(ratios @ divisions).min(axis=0))

    most = rise(before, after)
    return Difference(max(0.0, most.after - most.before), p_value(largest, len(before), len(after), seed))


def rise(before: Points, after: Points) -> Rise:
    """Name the species that the test finds the most on the rise; arguments as `rising_test`."""
    seen = _ratios(before, after) @ division(len(before), len(after))
    column = int(seen.argmin())
    first, second = (float(shares(side)[:, column].mean()) for side in (before, after))
    return Rise(column, first, second)


def _ratios(before: Points, after: Points) -> Points:
    """Give each photo's log likelihood ratio for each species, shape (C, N + M), all of them of spread 1."""
    scores = np.concatenate([shares(before), shares(after)])
    ratios = np.log1p(SHARE * (scores / np.maximum(scores.mean(axis=0), 1e-12) - 1))
    return np.asarray((ratios / np.maximum(ratios.std(axis=0), 1e-9)).T, np.float32)


def shares(logs: Points) -> Points:
    """Bring log scores, shape (N, C), back to scores that sum to 1."""
    raised = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
