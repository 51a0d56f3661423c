"""The test photos of an earlier run, which stay test photos: only so are two versions compared fairly."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bestiary.dataset.errors import UnusableDataset
from bestiary.dataset.split import Split

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from bestiary.dataset.loading import Photo

_NAMED = 3


@dataclass(frozen=True)
class Pinned:
    """What an earlier run tested on.

    Attributes
    ----------
    data_digest
        Of all its photos.
    photos
        Its test photos: what people know them by, by the sha256 of their bytes.
    groups
        The groups (camera sites, bursts) that they belong to.
    """

    data_digest: str
    photos: Mapping[str, str]
    groups: frozenset[str]


def read_pinned(path: Path) -> Pinned | None:
    """Read the ``dataset.json`` of an earlier run; None where there is none.

    Raises
    ------
    UnusableDataset
        It was written by another program, or before test photos were kept.
    """
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text("utf-8"))
        photos = {one["sha256"]: one["file"] for one in found["test_photos"]}
        groups = frozenset(one["group"] for one in found["test_photos"] if one["group"])
        return Pinned(str(found["data_digest"]), photos, groups)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnusableDataset(f"the test photos to keep cannot be read from {path}: {error}") from error


def split_pinned(photos: Sequence[Photo], group_of: Mapping[str, str], pinned: Pinned) -> Split:
    """Keep the earlier test photos, by their bytes, and learn from all others.

    Photos of a group that is tested on are on neither side: they would tell the model what the test asks.

    Raises
    ------
    UnusableDataset
        The earlier test photos are gone, or nothing is left to learn from.
    """
    test = tuple(photo for photo in photos if photo.sha256 in pinned.photos)
    tested = {photo.sha256 for photo in test}
    others = [photo for photo in photos if photo.sha256 not in tested]
    alike = [photo.file for photo in others if _group(group_of.get(photo.file, ""), pinned.groups)]
    train = tuple(photo for photo in others if photo.file not in set(alike))
    if not test:
        raise UnusableDataset("none of the test photos that are to be kept is in the data any more")
    if not train:
        raise UnusableDataset("every photo is a test photo, so there is nothing to learn from")
    gone = sorted(file for digest, file in pinned.photos.items() if digest not in tested)
    known = {photo.label for photo in test}
    new = sorted({photo.label for photo in train} - known)
    return Split(
        train,
        test,
        (
            *_told(gone, "test photos of before that cannot be used any more"),
            *_told(alike, "left out, since they are of a camera or burst that is tested on"),
            *(
                f"class {label} is in the training data only: the test photos are those of before"
                for label in new
            ),
        ),
    )


def digest(photos: Iterable[Photo]) -> str:
    """Return one sha256 for a set of photos, whatever they are called: equal sets make figures comparable."""
    return hashlib.sha256("".join(sorted(f"{photo.sha256}\n" for photo in photos)).encode()).hexdigest()


def _group(group: str, tested: frozenset[str]) -> bool:
    return bool(group) and any(one == group or one.startswith(f"{group}/") for one in tested)


def _told(files: Sequence[str], what: str) -> list[str]:
    more = f" and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
    return [f"{what} ({len(files)}): {', '.join(files[:_NAMED])}{more}"] if files else []
