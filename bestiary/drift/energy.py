"""Whether two sets of points come from one distribution: energy distance with a permutation test.

Székely and Rizzo 2013, *Energy statistics: a class of statistics based on distances*.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bestiary.drift.points import evened

Points = npt.NDArray[np.floating]

PERMUTATIONS = 9999
_AT_ONCE = 999
_SETTLED = 20
"""Permutations as extreme as what was seen after which no small p-value can come out any more."""


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
    the share of up to `PERMUTATIONS` random divisions of the same points that are at least as far apart (one
    is added to both counts: Phipson and Smyth 2010). It stops early where the answer is a large p-value
    (Besag and Clifford 1991).
    """
    distances = _distances(evened(np.concatenate([before, after])))
    n, m = len(before), len(after)
    divided = np.concatenate([np.full(n, 1 / n), np.full(m, -1 / m)]).astype(np.float32)[:, np.newaxis]
    [seen] = _energies(distances, divided)
    across = float(distances[:n, n:].mean())
    if across == 0 or seen <= 0:
        return Difference(0.0, 1.0)
    draw = np.random.default_rng(seed)
    # A division is as extreme as what was seen even where float32 adds it up a little lower.
    bar = seen * (1 - 1e-5)
    extreme = tried = 0
    while tried < PERMUTATIONS and extreme < _SETTLED:
        shuffled = draw.permuted(np.repeat(divided, _AT_ONCE, axis=1), axis=0)
        extreme += int((_energies(distances, shuffled) >= bar).sum())
        tried += _AT_ONCE
    return Difference(min(1.0, float(seen) / (2 * across)), (extreme + 1) / (tried + 1))


def _energies(distances: Points, weights: Points) -> Points:
    """Give the energy distance of each division: 1/N for points of one side, -1/M for those of the other."""
    products = distances @ weights
    return np.asarray(-(weights * products).sum(axis=0))


def _distances(points: Points) -> Points:
    squares = (points**2).sum(axis=1)
    apart = squares[:, np.newaxis] + squares - 2 * points @ points.T
    np.fill_diagonal(apart, 0)
    return np.asarray(np.sqrt(np.maximum(apart, 0)), np.float32)
