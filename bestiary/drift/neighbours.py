"""How far a photo is from its nearest ones in the baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bestiary.drift.sample import Column

_NEAREST = 5
_MOST = 1000
_TRIED = 200


@dataclass(frozen=True)
class Neighbourhood:
    """Points of the baseline, each axis brought to spread 1.

    Attributes
    ----------
    points
        Shape (N, D).
    spread
        Shape (D,), by which a new point is divided first.
    usual
        Distance of a point of the baseline from its neighbours that 95 of 100 stay below.
    """

    points: Column
    spread: Column
    usual: float

    @classmethod
    def of(cls, points: Column) -> Neighbourhood | None:
        """Take the points of a baseline, shape (N, D); None where they are too few to have neighbours."""
        if len(points) <= 2 * _NEAREST:
            return None
        points = points[:_MOST]
        spread = np.maximum(points.std(axis=0), 1e-6)
        points = points / spread
        # One neighbour more than usual: each is its own nearest, at distance 0, which must not count.
        nearest = [_near(points, row, _NEAREST + 1)[1:].mean() for row in points[:_TRIED]]
        return cls(points, spread, max(float(np.quantile(nearest, 0.95)), 1e-6))

    def distance(self, point: Column) -> float:
        """Give the mean distance of a point, shape (D,), from its nearest ones, over what is usual."""
        return float(_near(self.points, point / self.spread, _NEAREST).mean()) / self.usual


def _near(points: Column, point: Column, count: int) -> Column:
    squares = ((points - point) ** 2).sum(axis=1)
    return np.asarray(np.sqrt(np.sort(np.partition(squares, count - 1)[:count])))
