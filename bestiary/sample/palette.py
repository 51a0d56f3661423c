"""Colours and how they vary from one animal to the next."""

import numpy as np

from bestiary.sample.pen import Colour

INK: Colour = (38, 30, 32, 255)
WHITE: Colour = (250, 248, 244, 255)
PINK: Colour = (232, 150, 150, 255)


def shade(colour: Colour, factor: float) -> Colour:
    """Return a colour darkened (below 1) or lightened towards white (above 1); its opacity stays."""
    if factor <= 1:
        mixed = [channel * factor for channel in colour[:3]]
    else:
        mixed = [channel + (255 - channel) * (factor - 1) for channel in colour[:3]]
    return (*(round(channel) for channel in mixed), *colour[3:])


def glass(colour: Colour, opacity: float) -> Colour:
    """Return a see-through colour, already multiplied by its opacity as the layers want it."""
    return (*(round(channel * opacity) for channel in colour[:3]), round(255 * opacity))


def pick(random: np.random.Generator, *coats: tuple[int, int, int], spread: int = 14) -> Colour:
    """Draw one of `coats` and shift it a little, in brightness and in each channel."""
    coat = coats[int(random.integers(len(coats)))]
    brightness = int(random.integers(-spread, spread + 1))
    shifts = random.integers(-spread // 2, spread // 2 + 1, 3).tolist()
    return (*(min(255, max(0, c + brightness + shift)) for c, shift in zip(coat, shifts, strict=True)), 255)
