"""One drawing: a place, an animal somewhere in it, things in front of it, light, and a camera."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw

from bestiary.sample.animals.mammals import bear, cat, dog, hamster, leopard, panda
from bestiary.sample.animals.sea import crab, dolphin, duck, jellyfish
from bestiary.sample.foreground import draw_foreground
from bestiary.sample.light import expose, lay_on
from bestiary.sample.pen import Pen
from bestiary.sample.scenery import draw_scenery

Random = np.random.Generator

SPECIES: dict[str, Callable[[Pen, Random], None]] = {
    "bear": bear,
    "cat": cat,
    "crab": crab,
    "dog": dog,
    "dolphin": dolphin,
    "duck": duck,
    "hamster": hamster,
    "jellyfish": jellyfish,
    "leopard": leopard,
    "panda": panda,
}
_FINENESS = 3
_FOREGROUNDS = 0.4


def draw_photo(label: str, number: int, size: int) -> bytes:
    """Return the JPEG of one drawing; the same arguments give the same bytes.

    Parameters
    ----------
    label
        One of `SPECIES`.
    number
        Which of the species' drawings.
    size
        Side in pixels.
    """
    random = np.random.default_rng([list(SPECIES).index(label), number])
    scene = draw_scenery(random, size)
    layer = Image.new("RGBa", (size * _FINENESS, size * _FINENESS))
    SPECIES[label](_placed(_pen(layer), random), random)
    scene = lay_on(scene, layer)
    if random.random() < _FOREGROUNDS:
        layer.paste((0, 0, 0, 0), (0, 0, *layer.size))
        draw_foreground(_pen(layer), random)
        scene = lay_on(scene, layer)
    file = BytesIO()
    expose(scene, random).save(file, "JPEG", quality=int(random.integers(50, 94)))
    return file.getvalue()


def _pen(layer: Image.Image) -> Pen:
    """Return a pen for which the layer reaches from -1 to 1."""
    middle = layer.width / 2
    return Pen(ImageDraw.Draw(layer), middle, 0, complex(middle, middle))


def _placed(paper: Pen, random: Random) -> Pen:
    scale = float(random.uniform(0.8, 1.02))
    room = 0.1
    place = complex(random.uniform(-room, room), random.uniform(-room, room))
    turn = float(random.uniform(-1, 1)) ** 3 * 20
    stretch = float(random.uniform(0.85, 1.12))
    return paper.moved(place, turn=turn, scale=scale, mirror=bool(random.random() < 0.5), squash=stretch)
