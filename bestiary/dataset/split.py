"""Training and test photos: stratified by class, groups kept whole, the same for the same seed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bestiary.dataset.loading import Photo


@dataclass(frozen=True)
class Split:
    """Two sides with no photo and no group in common.

    Attributes
    ----------
    train, test
        The photos of each side, in the order they came.
    warnings
        Classes that cannot be tested, and why.
    """

    train: tuple[Photo, ...]
    test: tuple[Photo, ...]
    warnings: tuple[str, ...]


def split(photos: Sequence[Photo], group_of: Mapping[str, str], test_share: float, seed: int) -> Split:
    """Split photos so that each class has `test_share` of its photos in the test, as nearly as groups allow.

    Groups are dealt largest first, in an order drawn from the seed among equals, and go to the test where
    that brings the classes' test counts closer to what is wanted (the greedy idea of scikit-learn's
    ``StratifiedGroupKFold``). Photos without a group are groups of one. No class loses its last training
    photo.

    Parameters
    ----------
    photos
        What to split; two of them never have the same bytes.
    group_of
        The group of each file that has one.
    test_share
        Between 0 and 1, both excluded. A class of two independent photos or more has at least one in the
        test.
    seed
        Of the draw.

    Raises
    ------
    ValueError
        `test_share` is out of its range.
    """
    if not 0 < test_share < 1:
        raise ValueError(f"the test share must lie between 0 and 1, not at {test_share}")
    units = _units(photos, group_of)
    total = Counter(photo.label for photo in photos)
    independent = Counter(label for unit in units for label in {photo.label for photo in unit})
    wanted = {
        label: max(1, round(test_share * total[label])) if independent[label] > 1 else 0
        for label in sorted(total)
    }
    test = _Test(total, wanted)
    dealt = _dealt(units, seed)
    for index in dealt:
        if test.gain(units[index]) > 0:
            test.take(units[index])
    # A class whose every group is larger than what was wanted is still better tested on one than on nothing.
    for index in reversed(dealt):
        if any(wanted[photo.label] and not test.counts[photo.label] for photo in units[index]):
            test.take(units[index])
    return Split(
        tuple(photo for photo in photos if photo.row not in test.rows),
        tuple(photo for photo in photos if photo.row in test.rows),
        tuple(
            _untested(label, total[label], independent[label]) for label in wanted if not test.counts[label]
        ),
    )


@dataclass
class _Test:
    """The test side while it is being filled."""

    total: Mapping[str, int]
    wanted: Mapping[str, int]
    counts: Counter[str] = field(default_factory=Counter)
    rows: set[int] = field(default_factory=set)

    def gain(self, unit: Sequence[Photo]) -> float:
        """Return by how much `unit` would shrink the squared distance to the wanted counts."""
        return sum(
            (self._distance(label, 0) - self._distance(label, count)) / max(self.wanted[label], 1) ** 2
            for label, count in Counter(photo.label for photo in unit).items()
        )

    def take(self, unit: Sequence[Photo]) -> None:
        """Add `unit`, unless a class would be left without a training photo."""
        counts = self.counts + Counter(photo.label for photo in unit)
        if all(counts[photo.label] < self.total[photo.label] for photo in unit):
            self.counts = counts
            self.rows |= {photo.row for photo in unit}

    def _distance(self, label: str, more: int) -> int:
        return (self.wanted[label] - self.counts[label] - more) ** 2


def _units(photos: Sequence[Photo], group_of: Mapping[str, str]) -> list[list[Photo]]:
    units: dict[tuple[str, str], list[Photo]] = {}
    for photo in photos:
        group = group_of.get(photo.file)
        units.setdefault(("group", group) if group else ("photo", photo.file), []).append(photo)
    return list(units.values())


def _dealt(units: list[list[Photo]], seed: int) -> list[int]:
    drawn: list[int] = np.random.default_rng(seed).permutation(len(units)).tolist()
    return sorted(drawn, key=lambda index: -len(units[index]))


def _untested(label: str, photos: int, independent: int) -> str:
    if photos == 1:
        why = "it has one usable photo"
    elif independent == 1:
        why = f"its {photos} photos are all of one group"
    else:
        why = "its groups cannot be parted"
    return f"class {label} is in the training data only: {why}"
