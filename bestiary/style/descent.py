"""Adam (Kingma and Ba 2014), and what every descent checks first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bestiary.style.objective import Losses

    Floats = NDArray[np.float32]

_FLOOR = 0.3
"""Adam divides by no less than this share of the usual gradient: pixels that no feature sees stay still."""
_DECAYS = (0.9, 0.99)


class NotFinite(ArithmeticError):  # noqa: N818 - it names what was found
    """A loss or its gradient is no longer a number."""


@dataclass
class Moments:
    """What Adam remembers from step to step."""

    first: Floats
    second: Floats
    steps: int = 0

    @classmethod
    def none_yet(cls, shape: tuple[int, ...]) -> Moments:
        """Start without a past."""
        return cls(np.zeros(shape, np.float32), np.zeros(shape, np.float32))


def adam(image: Floats, gradient: Floats, rate: float, moments: Moments) -> Floats:
    """Take one step of at most about `rate` levels, keeping to 0-255; `moments` go along."""
    slow, slower = _DECAYS
    moments.steps += 1
    moments.first += (1 - slow) * (gradient - moments.first)
    moments.second += (1 - slower) * (gradient**2 - moments.second)
    mean = moments.first / (1 - slow**moments.steps)
    spread = np.sqrt(moments.second / (1 - slower**moments.steps))
    floor = _FLOOR * float(spread.mean()) + np.finfo(np.float32).tiny
    moved = image - np.float32(rate) * mean / (spread + np.float32(floor))
    return np.asarray(np.clip(moved, 0, 255), np.float32)


def checked(found: tuple[Losses, Floats]) -> tuple[Losses, Floats]:
    """Return losses and gradient as they are.

    Raises
    ------
    NotFinite
        One of their numbers is none.
    """
    losses, gradient = found
    if not (np.isfinite(losses.total) and np.isfinite(gradient).all()):
        raise NotFinite
    return losses, gradient
