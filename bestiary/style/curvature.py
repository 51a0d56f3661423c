"""L-BFGS (Liu and Nocedal 1989), one evaluation at a time: it can stop after any and go on from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

FIRST_STEP = 2.0
"""What the first guess changes a coordinate by, as a root mean square, in levels of 0 to 255."""
MOST_PAIRS = 10
_BYTES = 320 * 2**20
"""What remembered pairs may take: of large pictures fewer are kept, though never less than three."""
KEPT = ("moved", "changed", "base", "slope", "total", "length")
"""Names of what is kept of a memory."""
_ENOUGH = 1e-4
_SHORTEST = 1e-3


@dataclass
class Curvature:
    """What L-BFGS remembers from step to step; all arrays have the shape of the picture's coordinates.

    Attributes
    ----------
    pairs
        How the picture moved in each of the last steps, and how the gradient changed by it.
    base, slope, total
        The picture from which the step now tried was taken, its gradient and its loss.
    length
        Of the step now tried, as a share of what the pairs propose.
    """

    pairs: list[tuple[Floats, Floats]] = field(default_factory=list)
    base: Floats | None = None
    slope: Floats | None = None
    total: float = 0.0
    length: float = 1.0

    def kept(self) -> dict[str, Any]:
        """Return it as arrays by the names in `KEPT`; the pairs' one above the other."""
        nothing = np.zeros(0, np.float32)
        return {
            "moved": np.stack([moved for moved, _ in self.pairs]) if self.pairs else nothing,
            "changed": np.stack([changed for _, changed in self.pairs]) if self.pairs else nothing,
            "base": nothing if self.base is None else self.base,
            "slope": nothing if self.slope is None else self.slope,
            "total": np.float64(self.total),
            "length": np.float64(self.length),
        }

    @classmethod
    def found(cls, kept: Mapping[str, Any]) -> Curvature:
        """Make it from what `kept` returned."""
        base, slope = (kept[name] if kept[name].size else None for name in ("base", "slope"))
        pairs = list(zip(kept["moved"], kept["changed"], strict=True))
        return cls(pairs, base, slope, float(kept["total"]), float(kept["length"]))


def lbfgs(image: Floats, total: float, gradient: Floats, memory: Curvature) -> tuple[Floats, bool] | None:
    """Propose the next picture.

    Nothing is bounded: what lies outside is paid for (`bounds`), which takes fewer steps than a hard edge.

    Parameters
    ----------
    image, total, gradient
        The picture last proposed, in any coordinates (`spectrum`), its loss and the gradient by them.
    memory
        Goes along.

    Returns
    -------
    The next picture, and whether `image` lowered the loss; where it did not, the next one is nearer to the
    picture before. None where no step lowers it any more.
    """
    if memory.base is not None and memory.slope is not None:
        fall = _dot(image - memory.base, memory.slope)
        if total > memory.total + _ENOUGH * fall:
            return _nearer(memory)
        _remember(memory, image - memory.base, gradient - memory.slope)
    memory.base, memory.slope, memory.total = image, gradient, total
    memory.length = 1.0
    return image + _direction(memory), True


def _nearer(memory: Curvature) -> tuple[Floats, bool] | None:
    assert memory.base is not None  # noqa: S101 - a step was tried from there
    memory.length /= 4
    if memory.length < _SHORTEST:
        if not memory.pairs:
            return None
        # What was remembered leads nowhere from here.
        memory.pairs.clear()
        memory.length = 1.0
    return memory.base + np.float32(memory.length) * _direction(memory), False


def _remember(memory: Curvature, moved: Floats, changed: Floats) -> None:
    if _dot(moved, changed) <= 1e-8 * _dot(changed, changed) ** 0.5 * _dot(moved, moved) ** 0.5:
        return
    memory.pairs.append((moved, changed))
    most = min(MOST_PAIRS, max(3, _BYTES // (2 * moved.nbytes)))
    del memory.pairs[:-most]


def _direction(memory: Curvature) -> Floats:
    """Multiply the gradient by the inverse curvature that the pairs tell of (Nocedal's two loops)."""
    assert memory.slope is not None  # noqa: S101 - a step starts somewhere
    way = -memory.slope
    if not memory.pairs:
        size = max(_dot(way, way) ** 0.5, 1e-30)
        return np.float32(FIRST_STEP * way.size**0.5 / size) * way
    shares = []
    for moved, changed in reversed(memory.pairs):
        share = _dot(moved, way) / _dot(moved, changed)
        way = way - np.float32(share) * changed
        shares.append(share)
    moved, changed = memory.pairs[-1]
    way = np.float32(_dot(moved, changed) / _dot(changed, changed)) * way
    for (moved, changed), share in zip(memory.pairs, reversed(shares), strict=True):
        way = way + np.float32(share - _dot(changed, way) / _dot(moved, changed)) * moved
    return way


def _dot(one: Floats, other: Floats) -> float:
    return float(np.vdot(one, other))
