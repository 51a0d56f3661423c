"""Where a painting stands: its picture, its losses so far, and what the optimizer remembers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bestiary.style import descent, pictures
from bestiary.style.curvature import Curvature

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bestiary.style.objective import Losses

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

MARGIN = 8
"""What is painted beyond the right and the lower edge, in pixels: strides leave the last rows unseen."""


class Record(NamedTuple):
    """The losses at one step, measured at that step's size."""

    step: int
    side: int
    content: float
    style: float
    total: float


@dataclass
class State:
    """Where the work stands; enough to go on from.

    Attributes
    ----------
    level
        Index of the level, 0 the coarsest.
    image
        The picture to look at next, float32 (H, W, 3) of 0 to 255, with its margin.
    moments
        Adam's memory of this level.
    best, least
        The picture of this level with the least total so far, and that total.
    history
        One record a step.
    curvature
        L-BFGS's memory of this level.
    """

    level: int
    image: Floats
    moments: descent.Moments
    best: Floats
    least: float
    history: list[Record]
    curvature: Curvature = field(default_factory=Curvature)

    @classmethod
    def begin(cls, level: int, image: Floats, history: list[Record]) -> State:
        """Begin a level with a picture."""
        return cls(level, image, descent.Moments.none_yet(image.shape), image, math.inf, history)

    def step_back(self) -> None:
        """Go back to the best picture, remembering nothing."""
        self.image = self.best
        self.moments, self.curvature = descent.Moments.none_yet(self.best.shape), Curvature()

    def look(self, side: int, image: Floats, losses: Losses) -> None:
        """Take down a step."""
        if losses.total < self.least:
            self.best, self.least = image, losses.total
        step = len(self.history) + 1
        self.history.append(Record(step, side, losses.content, losses.style, losses.total))

    def picture(self) -> Pixels:
        """Return the best picture so far, uint8, without its margin."""
        return pictures.rounded(self.best[:-MARGIN, :-MARGIN])

    def totals(self, side: int) -> list[float]:
        """Return the totals of a level so far."""
        return [record.total for record in self.history if record.side == side]


Watch = Callable[[State], None]


def framed(image: Floats) -> Floats:
    """Continue a picture beyond two of its edges as a mirror would."""
    return np.pad(image, ((0, MARGIN), (0, MARGIN), (0, 0)), mode="symmetric")
