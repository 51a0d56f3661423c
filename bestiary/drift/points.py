"""Photos as points: the directions in which they differ, so that no few of them drown the rest."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.floating]

_AXES = 32
_POINTS_AN_AXIS = 4
"""With fewer, an axis is mostly chance."""
_WEAKEST = 1e-3
"""Share of the strongest axis's spread below which there is only rounding."""


def evened(points: Points) -> Points:
    """Turn points so that their axes are uncorrelated, and bring the spreads of these closer together.

    Each spread becomes its square root. As they are, the strongest directions drown a new kind of photo; all
    made equal, the weakest ones do, which are noise. Measured with a new species on 30 of a window's 100
    photos: found in 5, 6 and 1 of 10 windows as they are, so, and equal.

    Parameters
    ----------
    points
        Shape (N, D), N of 1 and more.

    Returns
    -------
    Shape (N, K): the strongest axes, 32 at most and one for four points.
    """
    moved = points - points.mean(axis=0)
    axes, spread, _ = np.linalg.svd(moved, full_matrices=False)
    most = max(1, min(_AXES, len(points) // _POINTS_AN_AXIS))
    kept = np.flatnonzero(spread > max(_WEAKEST * spread[0], 1e-9))[:most]
    return np.asarray(axes[:, kept] * np.sqrt(spread[kept] / max(spread[0], 1e-9)))
