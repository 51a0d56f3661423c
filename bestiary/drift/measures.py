"""How the photos of a dataset look, as the prepare job hands it on: a JSON line a photo."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from bestiary.drift.sample import KEPT
from bestiary.images.statistics import Statistics, measure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt

    from bestiary.dataset import Photo

FILE = "measures.jsonl"


def write_measures(photos: Sequence[Photo], images: npt.NDArray[np.uint8], path: Path, seed: int = 0) -> None:
    """Measure photos and write what was found.

    Parameters
    ----------
    photos
        Of a dataset; of more than a baseline can hold, a random part is taken.
    images
        Prepared as `bestiary.images.statistics.MEASURED` says; `Photo.row` points into it.
    path
        The file to write.
    seed
        Of the choice.
    """
    chosen = sorted(np.random.default_rng(seed).permutation(len(photos))[:KEPT])
    with path.open("w", encoding="utf-8") as file:
        for photo in (photos[index] for index in chosen):
            image = asdict(measure(photo.header, images[photo.row]))
            file.write(json.dumps({"file": photo.file, "image": image}, ensure_ascii=False) + "\n")


def read_measures(path: Path) -> list[Statistics]:
    """Read what `write_measures` wrote; a missing file holds none.

    Raises
    ------
    ValueError, KeyError, TypeError
        A line is not of that layout.
    """
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as file:
        return [Statistics(**json.loads(line)["image"]) for line in file]
