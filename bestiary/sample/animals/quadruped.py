"""Furry animals on four legs, walking in profile or sitting in front of us, their face always towards us."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bestiary.sample.animals.face import Face
from bestiary.sample.palette import shade
from bestiary.sample.pen import Colour, Pen

# A coat's pattern is drawn over an ellipse of the given centre and half axes.
Pattern = Callable[[Pen, complex, float, float], None]


@dataclass(frozen=True)
class Quadruped:
    """A build; lengths are in units in which the animal is about 2 long.

    Attributes
    ----------
    face
        Who it is.
    coat, belly, legs
        Colours.
    bulk
        Half the height of the trunk.
    leg, thickness
        Length and width of a leg.
    head
        Radius of the head.
    tail, tail_width
        Its length and width.
    tail_tip
        Colour of its end.
    pattern
        What is drawn on the coat.
    band
        Colour of a band around the shoulders, where there is one.
    dots
        Colour of dots on forehead, legs and tail, where there are any.
    """

    face: Face
    coat: Colour
    belly: Colour
    legs: Colour
    bulk: float = 0.32
    leg: float = 0.42
    thickness: float = 0.19
    head: float = 0.34
    tail: float = 0.5
    tail_width: float = 0.1
    tail_tip: Colour | None = None
    pattern: Pattern | None = None
    band: Colour | None = None
    dots: Colour | None = None

    def walking(self, pen: Pen, random: np.random.Generator) -> None:
        """Draw it in profile, each leg somewhere in its stride."""
        pen = pen.moved(0.05 + 0.12j, scale=0.92)
        swing = random.uniform(-28, 28, 4)
        low = 0.05 + self.bulk * 0.45
        self._tail(pen, 0.6 - 0.1j, random.uniform(-75, 25), random.uniform(-0.6, 0.6))
        for hip, turn in ((-0.38, swing[0]), (0.44, swing[1])):
            self._leg(pen.moved(hip + 1j * low, turn=turn), shade(self.legs, 0.72))
        hump = random.uniform(0.8, 1.1)
        back, floor = -self.bulk * hump, self.bulk
        trunk = [-0.68, -0.5 + 0.95j * back, 0.9j * back, 0.45 + 0.95j * back, 0.68 - 0.04j]
        pen.shape([*trunk, 0.5 + 0.9j * floor, 0.8j * floor, -0.5 + 0.95j * floor], self.coat)
        pen.ellipse(0.02 + 0.72j * floor, 0.45, 0.22 * floor, self.belly)
        if self.band:
            pen.ellipse(-0.42 + 0.02j, 0.2, self.bulk * 0.97, self.band, turn=8)
        if self.pattern:
            self.pattern(pen, 0.05 - 0.02j, 0.6, self.bulk * 0.85)
        for hip, turn in ((-0.44, swing[2]), (0.42, swing[3])):
            self._leg(pen.moved(hip + 1j * low, turn=turn), self.legs)
        neck = complex(-0.66, -self.bulk - random.uniform(0.05, 0.3))
        pen.limb([-0.45 - 0.05j, neck], [self.bulk * 1.5, self.head * 1.3], self.band or self.coat)
        self._head(pen.moved(neck - 0.08, turn=random.uniform(-20, 20), scale=self.head), random)

    def sitting(self, pen: Pen, random: np.random.Generator) -> None:
        """Draw it from the front, on its haunches."""
        pen = pen.moved(0.06j, scale=0.95)
        width = 0.26 + 0.5 * self.bulk
        self._tail(pen, 0.25 + 0.62j, random.uniform(-70, 0), random.uniform(-0.8, 0.8))
        for side in (pen, pen.moved(mirror=True)):
            side.ellipse(width * 0.82 + 0.58j, width * 0.52, 0.24, shade(self.legs, 0.85))
        pen.shape(
            [-0.55j, width * 0.8 - 0.2j, width + 0.4j, 0.72j, -width + 0.4j, -width * 0.8 - 0.2j], self.coat
        )
        pen.ellipse(0.28j, width * 0.55, 0.38, self.belly)
        if self.band:
            pen.ellipse(-0.18j, width * 0.86, 0.2, self.band)
        if self.pattern:
            self.pattern(pen, 0.2j, width * 0.92, 0.5)
        for side, turn in zip((pen, pen.moved(mirror=True)), random.uniform(-14, 10, 2), strict=True):
            self._leg(side.moved(width * 0.55 + 0.1j, turn=turn, scale=1.25), self.legs)
        lean = random.uniform(-0.1, 0.1)
        self._head(pen.moved(lean - 0.52j, turn=random.uniform(-22, 22), scale=self.head * 1.15), random)

    def _leg(self, hip: Pen, colour: Colour) -> None:
        hip.limb([0, 0.5j * self.leg, 1j * self.leg], [self.thickness * 1.25, self.thickness], colour)
        hip.ellipse(-0.05 + 1j * self.leg, self.thickness * 0.68, self.thickness * 0.42, shade(colour, 0.93))
        self._dotted(hip, [0.04j, -0.05 + 0.15j, 0.04 + 0.2j, -0.02 + 0.3j], 0.024)

    def _dotted(self, pen: Pen, places: Sequence[complex], size: float) -> None:
        if self.dots:
            for place in places:
                pen.ellipse(place, size, size * 0.85, self.dots)

    def _tail(self, pen: Pen, root: complex, turn: float, curl: float) -> None:
        tail = pen.moved(root, turn=turn, scale=self.tail)
        bend = 1j * curl
        tail.limb(
            [0, 0.4 + 0.3 * bend, 0.8 + 0.2 * bend, 1 - 0.4 * bend], [self.tail_width / self.tail], self.coat
        )
        self._dotted(
            tail, [0.4 + 0.3 * bend, 0.6 + 0.28 * bend, 0.8 + 0.2 * bend], self.tail_width / self.tail / 3
        )
        if self.tail_tip:
            tail.ellipse(
                1 - 0.4 * bend, self.tail_width / self.tail, self.tail_width / self.tail, self.tail_tip
            )

    def _head(self, pen: Pen, random: np.random.Generator) -> None:
        head = pen.moved(squash=random.uniform(0.9, 1.05))
        self.face.draw(head)
        for side in (head, head.moved(mirror=True)):
            self._dotted(
                side, [0.12 - 0.55j, 0.14 - 0.78j, 0.38 - 0.48j, 0.4 - 0.72j, 0.75 + 0.1j, 0.8 + 0.32j], 0.065
            )
