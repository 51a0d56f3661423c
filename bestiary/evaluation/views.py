"""The test photos as a model wants to see them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bestiary.classifiers.recipe import Photos, TrainingError
from bestiary.classifiers.view import read as read_view
from bestiary.images import Preprocessing, resize

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class View:
    """The test side of a dataset, prepared in one way.

    Attributes
    ----------
    photos
        Pictures and labels.
    files
        Their paths below the data folder.
    digest
        sha256 over all usable photos of the dataset.
    """

    photos: Photos
    files: tuple[str, ...]
    digest: str

    @property
    def preprocessing(self) -> Preprocessing:
        """How the pictures were prepared."""
        return self.photos.preprocessing


def read_views(folder: Path) -> tuple[View, ...]:
    """Read all views of one side of a dataset, the smallest pictures first.

    Parameters
    ----------
    folder
        Holds one folder a view, each with ``images.npy``, ``labels.npy`` and ``view.json``.

    Raises
    ------
    ValueError
        When there is no view, one is damaged, or they do not show the same photos.
    """
    views = sorted(
        (_read(path.parent) for path in folder.glob("*/view.json")),
        key=lambda view: (view.preprocessing.size, view.preprocessing.equalize),
    )
    if not views:
        raise ValueError(f"{folder} holds no view of the test photos (a folder with view.json)")
    if len({(view.files, view.photos.classes, view.photos.labels.tobytes()) for view in views}) > 1:
        raise ValueError(f"the views in {folder} do not show the same photos: they are of different runs")
    return tuple(views)


def seen_by(wanted: Preprocessing, views: Sequence[View]) -> tuple[Pixels, str]:
    """Give the photos as a model wants them, and a warning where that is not quite what it would get.

    Parameters
    ----------
    wanted
        The model's preprocessing.
    views
        What there is, at least one.

    Returns
    -------
    tuple
        uint8 RGB of shape (N, S, S, 3) in the wanted size, and a sentence; empty where the pixels are the
        very ones that the model's own preprocessing makes of the photos.
    """
    exact = [view for view in views if view.preprocessing == wanted]
    if exact:
        return exact[0].photos.images, ""
    plain = [view for view in views if not view.preprocessing.equalize]
    same_size = [view for view in plain if view.preprocessing.size == wanted.size]
    if same_size:
        return wanted.finish(np.asarray(same_size[0].photos.images)), ""
    source = _nearest(wanted, plain or views)
    had = source.preprocessing
    images = source.photos.images
    if had.size != wanted.size:
        images = np.stack([resize(np.asarray(image), wanted.size) for image in images])
    if not had.equalize:
        images = wanted.finish(images)
    return images, _difference(had, wanted)


def _nearest(wanted: Preprocessing, views: Sequence[View]) -> View:
    large_enough = [view for view in views if view.preprocessing.size >= wanted.size]
    if large_enough:
        return min(large_enough, key=lambda view: view.preprocessing.size)
    return max(views, key=lambda view: view.preprocessing.size)


def _difference(had: Preprocessing, wanted: Preprocessing) -> str:
    parts = []
    if had.size != wanted.size:
        parts.append(f"resized from {had.size} to {wanted.size} pixels, not from the photos themselves")
    if had.equalize and not wanted.equalize:
        parts.append("equalized, which it was not trained on")
    return f"its test pictures were {' and '.join(parts)}: its score may be a little off"


def _read(folder: Path) -> View:
    try:
        photos = read_view(folder)
    except TrainingError as error:
        raise ValueError(str(error)) from error
    described = json.loads((folder / "view.json").read_text("utf-8"))
    files = tuple(described["files"])
    if len(files) != len(photos.labels):
        raise ValueError(f"{folder} names {len(files)} files for {len(photos.labels)} photos")
    return View(photos, files, str(described["data_digest"]))
