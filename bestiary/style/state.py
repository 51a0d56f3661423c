"""Where a painting stands: its picture, its losses so far, and what the optimizer remembers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from bestiary.style import descent, pictures
from bestiary.style.curvature import Curvature
from bestiary.style.margins import Margin, inner

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bestiary.style.objective import Losses

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]


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
    margin
        How many rows and columns of `image` and `best` are beyond the picture's edges.
    curvature
        L-BFGS's memory of this level.
    """

    level: int
    image: Floats
    moments: descent.Moments
    best: Floats
    least: float
    history: list[Record]
    margin: Margin
    curvature: Curvature = field(default_factory=Curvature)

    @classmethod
    def begin(cls, level: int, image: Floats, history: list[Record], margin: Margin) -> State:
        """Begin a level with a picture."""
        return cls(level, image, descent.Moments.none_yet(image.shape), image, math.inf, history, margin)

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
        return pictures.rounded(inner(self.best, self.margin))

    def totals(self, side: int) -> list[float]:
        """Return the totals of a level so far."""
        return [record.total for record in self.history if record.side == side]


Watch = Callable[[State], None]
