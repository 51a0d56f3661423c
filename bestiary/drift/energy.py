"""Whether two sets of points come from one distribution: energy distance with a permutation test.

Székely and Rizzo 2013, *Energy statistics: a class of statistics based on distances*.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bestiary.drift.permutations import division, p_value
from bestiary.drift.points import evened

Points = npt.NDArray[np.floating]


class Difference(NamedTuple):
    """How different two samples are.

    Attributes
    ----------
    effect
        How far apart they are, 0 to 1.
    p
        Chance of a difference as large between two samples of one distribution.
    """

    effect: float
    p: float


def energy_test(before: Points, after: Points, seed: int = 0) -> Difference:
    """Compare two samples of points.

    The points are brought to uncorrelated axes first, whose spreads are evened out. Both samples set these
    axes together, or else the permutations would not be of equals.

    Parameters
    ----------
    before, after
        Shapes (N, D) and (M, D), N and M of 2 and more.
    seed
        Of the permutations: the same samples always give the same answer.

    Returns
    -------
    The coefficient of inhomogeneity, energy distance over twice the mean distance between the samples, and
    its `bestiary.drift.permutations.p_value`.
    """
    distances = _distances(evened(np.concatenate([before, after])))
    n, m = len(before), len(after)

    def energies(divisions: Points) -> Points:
        return np.asarray(-(divisions * (distances @ divisions)).sum(axis=0))

    [seen] = energies(division(n, m))
    across = float(distances[:n, n:].mean())
    if across == 0 or seen <= 0:
        return Difference(0.0, 1.0)
    return Difference(min(1.0, float(seen) / (2 * across)), p_value(energies, n, m, seed))


def _distances(points: Points) -> Points:
    squares = (points**2).sum(axis=1)
    apart = squares[:, np.newaxis] + squares - 2 * points @ points.T
    np.fill_diagonal(apart, 0)
    return np.asarray(np.sqrt(np.maximum(apart, 0)), np.float32)
