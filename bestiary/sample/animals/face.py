"""The face of a furry animal, seen from the front; its head has a radius of about 1."""

from dataclasses import dataclass
from typing import Literal

from bestiary.sample.palette import INK, WHITE, shade
from bestiary.sample.pen import Colour, Pen

Ears = Literal["round", "pointed", "floppy"]


@dataclass(frozen=True)
class Face:
    """What tells one furry face from another.

    Attributes
    ----------
    fur, ear, inner_ear, muzzle
        Colours.
    ears
        Their form.
    ear_size
        1 is usual.
    width
        Of the head; its height is 1.
    snout
        Size of the muzzle; 1 is a bear's.
    cheeks, eye_patches
        Their colours, where there are any.
    eyes
        Colour of the iris; none draws small dark eyes.
    whiskers
        Whether there are any.
    """

    fur: Colour
    ear: Colour
    inner_ear: Colour
    muzzle: Colour
    ears: Ears
    ear_size: float = 1
    width: float = 1.1
    snout: float = 1
    cheeks: Colour | None = None
    eye_patches: Colour | None = None
    eyes: Colour | None = None
    whiskers: bool = False

    def draw(self, pen: Pen) -> None:
        """Draw the face around the pen's origin."""
        sides = (pen, pen.moved(mirror=True))
        for side in sides:
            if self.ears != "floppy":
                self._ear(side)
        pen.ellipse(0, self.width, 1, self.fur)
        for side in sides:
            if self.cheeks:
                side.ellipse(0.52 + 0.38j, 0.52, 0.44, self.cheeks)
            if self.eye_patches:
                side.ellipse(0.46 - 0.1j, 0.27, 0.36, self.eye_patches, turn=35)
        self._muzzle(pen)
        for side in sides:
            self._eye(side)
            if self.ears == "floppy":
                self._ear(side)
            if self.whiskers:
                for tip in (1.35 + 0.2j, 1.4 + 0.42j, 1.3 + 0.64j):
                    side.limb([0.4 + 0.42j, 0.9 + 0.38j, tip], [0.035, 0.02], shade(self.fur, 1.75))

    def _ear(self, side: Pen) -> None:
        ear = side.moved(0.65 * self.width - 0.76j, scale=self.ear_size)
        if self.ears == "round":
            ear.ellipse(0, 0.36, 0.36, self.ear)
            ear.ellipse(0.02 + 0.04j, 0.2, 0.2, self.inner_ear)
        elif self.ears == "pointed":
            ear.polygon([-0.5 + 0.05j, 0.22 - 0.72j, 0.4 + 0.5j], self.ear)
            ear.polygon([-0.28 + 0.05j, 0.17 - 0.48j, 0.27 + 0.35j], self.inner_ear)
        else:
            ear.shape([-0.22, 0.15 - 0.14j, 0.5 + 0.25j, 0.6 + 0.95j, 0.36 + 1.25j, 0.12 + 0.8j], self.ear)

    def _muzzle(self, pen: Pen) -> None:
        muzzle = pen.moved(0.42j, scale=self.snout)
        muzzle.ellipse(0, 0.52, 0.4, self.muzzle)
        muzzle.shape([-0.22 - 0.24j, -0.3j, 0.22 - 0.24j, 0.1 - 0.04j, 0.02j, -0.1 - 0.04j], INK)
        for side in (muzzle, muzzle.moved(mirror=True)):
            side.limb([0, 0.14j, 0.12 + 0.2j, 0.24 + 0.13j], [0.06, 0.04], INK)

    def _eye(self, side: Pen) -> None:
        eye = side.moved(0.42 - 0.12j)
        if self.eyes:
            eye.ellipse(0, 0.2, 0.19, self.eyes)
            eye.ellipse(0, 0.1, 0.17, INK)
        else:
            eye.ellipse(0, 0.13, 0.14, WHITE if self.eye_patches else shade(self.fur, 0.6))
            eye.ellipse(0, 0.11, 0.12, INK)
        eye.ellipse(-0.04 - 0.05j, 0.045, 0.045, WHITE)
