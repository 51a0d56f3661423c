"""Where the animals are: grass, water, sand, snow, forest. Any animal may be anywhere."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bestiary.sample.palette import pick

Random = np.random.Generator
Field = NDArray[np.floating]


@dataclass(frozen=True)
class Scenery:
    """A kind of place.

    Attributes
    ----------
    near, far
        Colours the ground may have at our feet and at the horizon.
    grain
        Rows and columns of the coarse, middle and fine texture; a larger number is finer.
    contrast
        Of the texture; 0 is flat.
    reaches
        The range in which the horizon lies, from 0 (top) to 1; below 0 there is no sky.
    """

    near: tuple[tuple[int, int, int], ...]
    far: tuple[tuple[int, int, int], ...]
    grain: tuple[tuple[int, int], ...]
    contrast: float
    reaches: tuple[float, float]


PLACES = {
    "grass": Scenery(
        near=((74, 112, 48), (108, 128, 58), (134, 130, 66)),
        far=((132, 162, 84), (168, 172, 104)),
        grain=((4, 4), (14, 50), (40, 128)),
        contrast=0.45,
        reaches=(-0.4, 0.45),
    ),
    "water": Scenery(
        near=((28, 78, 110), (40, 110, 126), (58, 96, 104)),
        far=((96, 158, 184), (132, 176, 178)),
        grain=((5, 3), (34, 7), (90, 22)),
        contrast=0.34,
        reaches=(-0.6, 0.4),
    ),
    "sand": Scenery(
        near=((198, 168, 120), (176, 142, 100)),
        far=((226, 206, 164), (210, 184, 146)),
        grain=((4, 4), (26, 6), (128, 128)),
        contrast=0.22,
        reaches=(-0.5, 0.45),
    ),
    "snow": Scenery(
        near=((206, 216, 228), (226, 228, 232)),
        far=((234, 238, 242), (216, 224, 236)),
        grain=((3, 3), (9, 7), (128, 128)),
        contrast=0.16,
        reaches=(-0.5, 0.45),
    ),
    "forest": Scenery(
        near=((62, 66, 36), (84, 70, 46)),
        far=((38, 62, 40), (58, 78, 48)),
        grain=((3, 9), (9, 22), (48, 60)),
        contrast=0.55,
        reaches=(-1.0, -0.1),
    ),
}
_SKIES = ((150, 190, 226), (196, 210, 222), (240, 204, 168), (176, 186, 200))


def draw_scenery(random: Random, size: int) -> Field:
    """Return a place without its inhabitants: float32 (size, size, 3), 0 to 255."""
    place = list(PLACES.values())[int(random.integers(len(PLACES)))]
    near, far = (np.array(pick(random, *colours)[:3], np.float32) for colours in (place.near, place.far))
    horizon = float(random.uniform(*place.reaches))
    down = np.linspace(0, 1, size, dtype=np.float32)[:, None, None]
    depth = np.clip((down - horizon) / (1 - horizon), 0, 1)
    texture = sum(
        (_noise(random, size, rows, columns) for rows, columns in place.grain),
        np.zeros((size, size, 1), np.float32),
    )
    ground: Field = (far + (near - far) * depth) * (
        1 + place.contrast * (texture / len(place.grain) - 0.5) * 2
    )
    if horizon <= 0:
        return ground
    sky = np.array(pick(random, *_SKIES)[:3], np.float32) * (0.86 + 0.28 * down)
    clouds = 1 + 0.18 * (_noise(random, size, 6, 3) - 0.5)
    skyline = horizon + 0.03 * _noise(random, size, 2, 12)
    return np.asarray(np.where(down < skyline, sky * clouds, ground), np.float32)


def _noise(random: Random, size: int, rows: int, columns: int) -> Field:
    """Return smooth random values of 0 to 1, (size, size, 1), from a grid of the given fineness."""
    coarse = Image.fromarray(random.integers(0, 256, (rows, columns), np.uint8))
    fine = np.asarray(coarse.resize((size, size), Image.Resampling.BICUBIC), np.float32)
    return fine[..., None] / 255
