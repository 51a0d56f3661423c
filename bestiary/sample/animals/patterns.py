"""What fur has on it: rosettes, stripes, patches."""

import math

import numpy as np

from bestiary.sample.animals.quadruped import Pattern
from bestiary.sample.pen import Colour, Pen


def rosettes(random: np.random.Generator, ring: Colour, middle: Colour) -> Pattern:
    """Return a leopard's pattern: broken rings on a jittered grid."""

    def draw(pen: Pen, centre: complex, width: float, height: float) -> None:
        step = 0.15
        for x in np.arange(-width, width, step):
            for y in np.arange(-height, height, step):
                dx, dy, turn, size = random.uniform(-0.4, 0.4, 4)
                place = complex(x + dx * step, y + dy * step)
                if (place.real / width) ** 2 + (place.imag / height) ** 2 < 0.95:
                    spot = pen.moved(centre + place, turn=turn * 200, scale=0.055 + 0.02 * size)
                    spot.shape([-1, -0.7 - 0.8j, 0.5 - 1j, 1 + 0.1j, 0.4 + 0.9j, -0.6 + 0.7j], ring)
                    spot.ellipse(0.25, 0.45, 0.45, middle)

    return draw


def stripes(random: np.random.Generator, colour: Colour) -> Pattern:
    """Return a tabby's pattern: bent bars from the back downwards."""

    def draw(pen: Pen, centre: complex, width: float, height: float) -> None:
        for x in np.linspace(-0.75, 0.75, 6):
            reach = height * math.sqrt(1 - x * x)
            bend, length = random.uniform(-0.08, 0.08), random.uniform(0.3, 1.1)
            top, bottom = (
                centre + x * width - 0.9j * reach,
                centre + x * width + bend + 1j * reach * (length - 0.8),
            )
            pen.limb([top, (top + bottom) / 2 + bend, bottom], [0.075, 0.02], colour)

    return draw


def patches(random: np.random.Generator, colour: Colour) -> Pattern:
    """Return a few large patches."""

    def draw(pen: Pen, centre: complex, width: float, height: float) -> None:
        for _ in range(int(random.integers(1, 4))):
            x, y, size, turn = random.uniform(-0.55, 0.55, 4)
            spot = pen.moved(
                centre + complex(x * width, y * height), turn=turn * 180, scale=0.2 + 0.12 * size
            )
            spot.shape([-1, -0.4 - 0.7j, 0.6 - 0.6j, 1 + 0.1j, 0.3 + 0.7j, -0.7 + 0.6j], colour)

    return draw
