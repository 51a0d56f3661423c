"""The same bytes in several files: harmless within a class, a contradiction across classes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from bestiary.dataset.loading import Photo, Quarantined


@dataclass(frozen=True)
class Duplicate:
    """A file left out because `same_as` has the very same bytes."""

    file: str
    same_as: str


def without_duplicates(
    photos: Iterable[Photo],
) -> tuple[tuple[Photo, ...], tuple[Duplicate, ...], tuple[Quarantined, ...]]:
    """Keep one of each photo, so that none is ever in training and test at once.

    Returns
    -------
    The photos to use, in their order; the copies within a class that are left out; and all photos that lie
    in more than one class, of which nobody here can say which is right.
    """
    same: dict[str, list[Photo]] = defaultdict(list)
    for photo in photos:
        same[photo.sha256].append(photo)
    kept, duplicates = list[Photo](), list[Duplicate]()
    contradictions = list[Quarantined]()
    for first, *copies in same.values():
        if all(copy.label == first.label for copy in copies):
            kept.append(first)
            duplicates += [Duplicate(copy.file, first.file) for copy in copies]
        else:
            contradictions += _contradictions([first, *copies])
    return (
        tuple(sorted(kept, key=lambda photo: photo.row)),
        tuple(sorted(duplicates, key=lambda duplicate: duplicate.file)),
        tuple(sorted(contradictions, key=lambda quarantined: quarantined.file)),
    )


def _contradictions(copies: list[Photo]) -> Iterable[Quarantined]:
    for photo in copies:
        elsewhere = ", ".join(other.file for other in copies if other.label != photo.label)
        yield Quarantined(photo.file, f"the same photo is also in another class: {elsewhere}")
