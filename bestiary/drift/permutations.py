"""How often chance alone sets two samples as far apart as they are: by dividing the same rows anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

    Divisions = npt.NDArray[np.float32]
    Statistic = Callable[[Divisions], npt.NDArray[np.floating]]

PERMUTATIONS = 9999
_AT_ONCE = 999
_SETTLED = 20
"""Permutations as extreme as what was seen after which no small p-value can come out any more."""


def division(n: int, m: int) -> Divisions:
    """Write what was seen as a statistic takes it: 1/N for the first rows, -1/M for the others."""
    column = np.concatenate([np.full(n, 1 / n), np.full(m, -1 / m)])
    return column.astype(np.float32)[:, np.newaxis]


def p_value(statistic: Statistic, n: int, m: int, seed: int = 0) -> float:
    """Compare a statistic with those of random divisions of the same rows.

    Parameters
    ----------
    statistic
        From divisions, shape (N + M, K) as `division` writes them, to how far apart each sets the two sides,
        shape (K,).
    n, m
        Rows of either side.
    seed
        Of the permutations: the same samples always give the same answer.

    Returns
    -------
    The share of up to `PERMUTATIONS` divisions that are at least as extreme as what was seen (one is added to
    both counts: Phipson and Smyth 2010). It stops early where the answer is a large p-value (Besag and
    Clifford 1991).
    """
    divided = division(n, m)
    [seen] = statistic(divided)
    draw = np.random.default_rng(seed)
    # A division is as extreme as what was seen even where float32 adds it up a little lower.
    bar = seen - 1e-5 * abs(seen)
    extreme = tried = 0
    while tried < PERMUTATIONS and extreme < _SETTLED:
        shuffled = draw.permuted(np.repeat(divided, _AT_ONCE, axis=1), axis=0)
        extreme += int((statistic(shuffled) >= bar).sum())
        tried += _AT_ONCE
    return (extreme + 1) / (tried + 1)
