"""A pen that draws smooth shapes through affine maps; points are complex numbers, x + y·j, y down."""

import cmath
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import ImageDraw

Colour = tuple[int, ...]
Curve = NDArray[np.complex128]

_STEPS = np.arange(8) / 8
# Catmull-Rom: how much each of four neighbouring points weighs at each step between the middle two.
_WEIGHTS = (
    (-_STEPS + 2 * _STEPS**2 - _STEPS**3) / 2,
    (2 - 5 * _STEPS**2 + 3 * _STEPS**3) / 2,
    (_STEPS + 4 * _STEPS**2 - 3 * _STEPS**3) / 2,
    (-(_STEPS**2) + _STEPS**3) / 2,
)
_CIRCLE = np.array([cmath.exp(2j * math.pi * step / 36) for step in range(36)])


@dataclass(frozen=True)
class Pen:
    """Draws on a picture; `moved` gives a pen with its own origin, direction and scale for a part.

    The map is ``z → along·z + mirrored·conj(z) + origin``: every affine map of the plane can be written so.
    """

    paper: ImageDraw.ImageDraw
    along: complex
    mirrored: complex
    origin: complex

    def moved(
        self, to: complex = 0, *, turn: float = 0, scale: float = 1, mirror: bool = False, squash: float = 1
    ) -> "Pen":
        """Return a pen with its origin at `to`, turned clockwise by `turn` degrees, scaled and mirrored.

        `squash` scales its y axis once more, before turning; mirroring exchanges left and right.
        """
        rotation = scale * cmath.exp(1j * math.radians(turn))
        along, conjugate = rotation * (1 + squash) / 2, rotation * (1 - squash) / 2
        if mirror:
            along, conjugate = -conjugate, -along
        return Pen(
            self.paper,
            self.along * along + self.mirrored * conjugate.conjugate(),
            self.along * conjugate + self.mirrored * along.conjugate(),
            self.along * to + self.mirrored * complex(to).conjugate() + self.origin,
        )

    def polygon(self, points: Sequence[complex] | Curve, colour: Colour) -> None:
        """Fill straight from point to point."""
        local = np.asarray(points, complex)
        placed = self.along * local + self.mirrored * local.conj() + self.origin
        self.paper.polygon(np.column_stack([placed.real, placed.imag]).ravel().tolist(), fill=colour)

    def shape(self, points: Sequence[complex], colour: Colour) -> None:
        """Fill a closed smooth curve through points."""
        ring = np.array([points[-1], *points, points[0], points[1]], complex)
        self.polygon(_smooth(ring), colour)

    def ellipse(self, centre: complex, width: float, height: float, colour: Colour, turn: float = 0) -> None:
        """Fill an ellipse of half axes `width` and `height`, turned by `turn` degrees."""
        ring = _CIRCLE.real * width + 1j * _CIRCLE.imag * height
        self.polygon(centre + ring * cmath.exp(1j * math.radians(turn)), colour)

    def limb(self, path: Sequence[complex], widths: Sequence[float], colour: Colour) -> None:
        """Draw a smooth stroke with round ends through `path`; `widths` are spread evenly along it."""
        ends = [2 * path[0] - path[1], *path, 2 * path[-1] - path[-2]]
        spine = np.append(_smooth(np.array(ends, complex)), path[-1])
        radius = np.interp(np.linspace(0, 1, len(spine)), np.linspace(0, 1, len(widths)), widths) / 2
        normal = _direction(spine) * 1j
        self.polygon(np.concatenate([spine + normal * radius, (spine - normal * radius)[::-1]]), colour)
        for place in (0, -1):
            self.ellipse(complex(spine[place]), float(radius[place]), float(radius[place]), colour)


def _smooth(points: Curve) -> Curve:
    """Return the Catmull-Rom curve from the second to the last but one of `points`, its end left off."""
    neighbours = (points[:-3], points[1:-2], points[2:-1], points[3:])
    parts = [near[:, None] * weight[None] for near, weight in zip(neighbours, _WEIGHTS, strict=True)]
    return (parts[0] + parts[1] + parts[2] + parts[3]).ravel()


def _direction(curve: Curve) -> Curve:
    """Return unit vectors along a curve."""
    step = np.empty_like(curve)
    step[1:-1], step[0], step[-1] = curve[2:] - curve[:-2], curve[1] - curve[0], curve[-1] - curve[-2]
    return step / np.maximum(np.sqrt(step.real**2 + step.imag**2), 1e-9)
