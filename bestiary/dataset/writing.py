"""A dataset as files: one folder a side, in it one folder a view; the same input gives the same bytes."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from bestiary.dataset.assembly import Dataset
from bestiary.dataset.loading import Photo, Pixels
from bestiary.dataset.pinned import digest
from bestiary.images import Preprocessing


def write_side(
    folder: Path, dataset: Dataset, photos: Sequence[Photo], views: dict[str, Preprocessing]
) -> None:
    """Write one side of the split: ``dataset.json`` and for each view its arrays and ``view.json``.

    Parameters
    ----------
    folder
        Where to write; made if it is missing.
    dataset
        What `photos` are from.
    photos
        The side, in the order of the rows to write.
    views
        By name, in the order in which the dataset was prepared.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write_json(folder / "dataset.json", _story(dataset))
    labels = np.array([dataset.classes.index(photo.label) for photo in photos], np.int64)
    for (name, preprocessing), images in zip(views.items(), dataset.images, strict=True):
        view = folder / name
        view.mkdir(exist_ok=True)
        np.save(view / "labels.npy", labels)
        _write_images(view / "images.npy", images, [photo.row for photo in photos])
        described = {
            "classes": list(dataset.classes),
            "preprocessing": preprocessing.as_json(),
            "files": [photo.file for photo in photos],
            "groups": [dataset.group_of.get(photo.file, "") for photo in photos],
            "data_digest": dataset.digest,
        }
        _write_json(view / "view.json", described)


def _story(dataset: Dataset) -> dict[str, Any]:
    return {
        "classes": list(dataset.classes),
        "data_digest": dataset.digest,
        "seed": dataset.seed,
        "counts": dataset.counts,
        "test_digest": digest(dataset.split.test),
        "test_photos": [
            {"file": photo.file, "sha256": photo.sha256, "group": dataset.group_of.get(photo.file, "")}
            for photo in dataset.split.test
        ],
        "quarantined": [asdict(one) for one in dataset.quarantined],
        "warnings": list(dataset.warnings),
        "duplicates": [asdict(one) for one in dataset.duplicates],
    }


def _write_images(path: Path, images: Pixels, rows: Sequence[int]) -> None:
    """Copy rows one by one into an .npy file, so that no dataset is too large for the memory."""
    header = {"descr": "|u1", "fortran_order": False, "shape": (len(rows), *images.shape[1:])}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for row in rows:
            file.write(images[row].tobytes())


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
