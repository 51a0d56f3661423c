"""The dataset that needs no download: ten species, drawn by the project itself."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bestiary.sample.drawing import SPECIES, draw_photo

__all__ = ["SPECIES", "draw", "draw_photo"]


def draw(folder: Path, photos_per_species: int = 60, size: int = 256) -> None:
    """Draw the sample dataset, ``folder/<species>/<species>-01.jpg`` and so on.

    Every drawing is made from its species and number alone: the same versions of NumPy and Pillow give the
    same bytes, and fewer drawings are always the first ones of more.

    Parameters
    ----------
    folder
        Where to write; made if it is missing. Files of the same names are overwritten.
    photos_per_species
        How many drawings of each of the ten species.
    size
        Their side in pixels.
    """

    def draw_one(label: str, number: int) -> None:
        (folder / label / f"{label}-{number:02d}.jpg").write_bytes(draw_photo(label, number, size))

    wanted = [(label, number) for label in SPECIES for number in range(1, photos_per_species + 1)]
    for label in SPECIES:
        (folder / label).mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(lambda one: draw_one(*one), wanted))
