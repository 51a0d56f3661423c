"""How light falls on a drawing, and what a camera makes of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Random = np.random.Generator
Field = NDArray[np.floating]


@dataclass(frozen=True)
class Hour:
    """A time of day.

    Attributes
    ----------
    chance
        How likely it is, 0 to 1.
    darkest, brightest
        Factors between which the brightness is drawn.
    tint
        Factors of red, green and blue.
    """

    chance: float
    darkest: float
    brightest: float
    tint: tuple[float, float, float]


HOURS = (
    Hour(0.66, 0.9, 1.12, (1.0, 1.0, 1.0)),
    Hour(0.15, 0.82, 1.05, (1.1, 0.98, 0.84)),
    Hour(0.15, 0.78, 1.0, (0.9, 0.98, 1.1)),
    Hour(0.04, 0.38, 0.55, (0.85, 0.96, 1.2)),
)


def lay_on(scene: Field, flat: Image.Image) -> Field:
    """Lay a flat drawing on a scene, with volume as if lit from the upper left, and with its shadow.

    Parameters
    ----------
    scene
        float32 (size, size, 3), 0 to 255.
    flat
        An RGBa picture (its colours multiplied by its opacity), a whole number of times larger.
    """
    size = len(scene)
    small = flat.reduce(flat.width // size)
    pixels = np.asarray(small, np.float32)
    silhouette = small.split()[3].filter(ImageFilter.GaussianBlur(size / 36))
    soft = np.asarray(silhouette, np.float32) / 255
    depth = size // 40
    relief = _moved(soft, -depth, -depth) - _moved(soft, depth, depth)
    shadow = 0.45 * _moved(soft, size // 24, depth)
    behind = scene * (1 - shadow[..., None]) * (1 - pixels[..., 3:] / 255)
    return behind + pixels[..., :3] * (0.94 + 0.55 * relief[..., None])


def _moved(field: Field, down: int, right: int) -> Field:
    """Return a field moved by some pixels; what comes in at the edges is what was at the edge."""
    reach = max(abs(down), abs(right))
    height, width = field.shape
    wide = np.pad(field, reach, mode="edge")
    return wide[reach - down : reach - down + height, reach - right : reach - right + width]


def expose(scene: Field, random: Random) -> Image.Image:
    """Light a scene at some hour, from some side, and photograph it with a little blur and noise."""
    size = len(scene)
    hour = HOURS[int(random.choice(len(HOURS), p=[hour.chance for hour in HOURS]))]
    across, down = np.meshgrid(*[np.linspace(-0.5, 0.5, size, dtype=np.float32)] * 2)
    slope_x, slope_y = random.uniform(-0.35, 0.35, 2).astype(np.float32)
    brightness = random.uniform(hour.darkest, hour.brightest) * (1 + slope_x * across + slope_y * down)
    lit = scene * brightness[..., None] * np.array(hour.tint, np.float32)
    haze = float(random.uniform(0, 0.3)) if random.random() < 0.25 else 0.0
    lit = lit * (1 - haze) + 190 * haze
    grain = int(random.integers(1, 10))
    noisy = lit + random.integers(-grain, grain + 1, lit.shape, np.int8)
    picture = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
    return picture.filter(ImageFilter.GaussianBlur(float(random.uniform(0, 0.9)) * size / 256))
