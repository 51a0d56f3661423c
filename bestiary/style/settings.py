"""How ``gatys`` paints: sizes, steps, weights, and where it begins."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from bestiary.style import pictures
from bestiary.style.errors import CannotStylize
from bestiary.style.objective import Weights

COARSEST = 256
"""Longest side of the first picture, in pixels, up to twice that. With one of 128 before it, six pairs of
``bench/style.py`` took 0.35 of the plain recipe's time to its loss in the mean; without, 0.23."""
NARROWEST = 32
"""Its shorter side: of a ribbon even the first picture must show something."""

Start = Literal["recoloured", "content", "noise"]
Optimizer = Literal["adam", "lbfgs"]


@dataclass(frozen=True)
class Settings:
    """How a picture is painted.

    Attributes
    ----------
    size
        Longest side of the picture, in pixels.
    steps
        How many in all; each level gets as many of them.
    optimizer
        ``lbfgs`` or ``adam``.
    weights
        What counts how much.
    rate
        How far Adam moves a pixel in a step, in levels of 0 to 255.
    start
        The first picture: the photo half-way to the paintings' colours, the photo itself, or noise.
    coarse
        Whether to begin with a small picture; False goes to work at full size.
    stall
        A level ends early when ten steps gain less than this share of the loss.
    seed
        Of the noise.
    """

    size: int = 512
    steps: int = 150
    optimizer: Optimizer = "lbfgs"
    weights: Weights = field(default_factory=Weights)
    rate: float = 3.0
    start: Start = "recoloured"
    coarse: bool = True
    stall: float = 0.002
    seed: int = 0

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise CannotStylize(f"--steps {self.steps}: at least one step is needed")
        if self.size < pictures.SMALLEST:
            raise CannotStylize(f"--size {self.size}: at least {pictures.SMALLEST} pixels are needed")

    def levels(self, shape: tuple[int, ...] = (1, 1)) -> list[tuple[int, int]]:
        """Return each level's longest side in pixels and its number of steps, coarse to fine.

        Each level gets as many steps: the coarse ones settle what is where, the last one brings details back.

        Parameters
        ----------
        shape
            Height and width of the photo.
        """
        sides = [self.size]
        while self.coarse and sides[0] >= 2 * COARSEST:
            half = (sides[0] + 1) // 2
            if min(pictures.scaled_shape(shape, half)) < NARROWEST:
                break
            sides.insert(0, half)
        left = [self.steps // len(sides)] * len(sides)
        left[0] += self.steps - sum(left)
        return [(side, max(1, steps)) for side, steps in zip(sides, left, strict=True)]
