"""Reading the photos that the prepare job left for one candidate."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from bestiary.classifiers.recipe import Photos, TrainingError
from bestiary.images import Preprocessing

if TYPE_CHECKING:
    from pathlib import Path


def read(folder: Path) -> Photos:
    """Read ``images.npy``, ``labels.npy`` and ``view.json``; the images stay on disk until they are used.

    Raises
    ------
    TrainingError
        A file is missing or damaged, or they do not belong together.
    """
    try:
        about: dict[str, Any] = json.loads((folder / "view.json").read_bytes())
        images = np.load(folder / "images.npy", mmap_mode="r", allow_pickle=False)
        labels = np.load(folder / "labels.npy", allow_pickle=False)
        photos = Photos(
            images=images,
            labels=labels.astype(np.int64),
            classes=tuple(about["classes"]),
            groups=tuple(about.get("groups") or [""] * len(labels)),
            preprocessing=Preprocessing.from_json(about["preprocessing"]),
        )
    except (EOFError, KeyError, OSError, TypeError, ValueError) as error:
        raise TrainingError(f"{folder} is no view of prepared photos: {error}") from error
    _check(photos, folder)
    return photos


def _check(photos: Photos, folder: Path) -> None:
    size = photos.preprocessing.size
    count = len(photos.labels)
    if photos.images.dtype != np.uint8 or photos.images.shape != (count, size, size, 3):
        raise TrainingError(
            f"{folder / 'images.npy'} holds {photos.images.dtype} {photos.images.shape}, not uint8 of "
            f"{count} images of {size}×{size}×3"
        )
    if len(photos.groups) != count or photos.labels.ndim != 1:
        raise TrainingError(f"{folder} names {len(photos.groups)} groups for {count} photos")
    if not count:
        raise TrainingError(f"{folder} holds no photos: nothing to train on")
    if len(photos.classes) < 2:
        raise TrainingError(
            f"{folder} holds {len(photos.classes)} class: telling animals apart takes at least two"
        )
    if photos.labels.min() < 0 or photos.labels.max() >= len(photos.classes):
        raise TrainingError(f"{folder / 'labels.npy'} names a class that view.json does not")
