"""From a folder of photos to two sides of prepared arrays, and the whole story of what was left out."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bestiary.dataset.duplicates import Duplicate, without_duplicates
from bestiary.dataset.errors import UnusableDataset
from bestiary.dataset.loading import Photo, Pixels, Quarantined
from bestiary.dataset.metadata import read_groups
from bestiary.dataset.pinned import Pinned, split_pinned
from bestiary.dataset.reading import Reading, read
from bestiary.dataset.scan import Listing
from bestiary.dataset.split import Split, split
from bestiary.images import Preprocessing

_NAMED = 3


@dataclass(frozen=True)
class Dataset:
    """Photos that can be learned from.

    Attributes
    ----------
    classes
        The labels, sorted; a photo's class number is its label's place here.
    photos
        The usable photos, ordered by file.
    split
        The same photos on two sides.
    group_of
        The group of each file that has one.
    images
        For each way of preparing, uint8 (rows, size, size, 3), where `Photo.row` points.
    quarantined, duplicates, warnings
        What was left out, and what a reader should know.
    seed
        Of the split.
    """

    classes: tuple[str, ...]
    photos: tuple[Photo, ...]
    split: Split
    group_of: dict[str, str]
    images: tuple[Pixels, ...]
    quarantined: tuple[Quarantined, ...]
    duplicates: tuple[Duplicate, ...]
    warnings: tuple[str, ...]
    seed: int

    @property
    def digest(self) -> str:
        """Return one sha256 for all usable photos: their names and their bytes."""
        lines = sorted(f"{photo.file}\0{photo.sha256}\n" for photo in self.photos)
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many photos of each class are on each side."""
        train = Counter(photo.label for photo in self.split.train)
        test = Counter(photo.label for photo in self.split.test)
        return {label: {"train": train[label], "test": test[label]} for label in self.classes}


def assemble(  # noqa: PLR0913 - all but the first three are named
    root: Path,
    wanted: Sequence[Preprocessing],
    scratch: Path,
    *,
    test_share: float = 0.2,
    seed: int = 42,
    inbox: Path | None = None,
    pinned: Pinned | None = None,
) -> Dataset:
    """Read, check, clean and split a folder of photos.

    Parameters
    ----------
    root
        ``<class>/<photos at any depth>``, with an optional metadata.csv.
    wanted
        The ways to prepare each photo.
    scratch
        An empty folder for memory-mapped arrays; it must last as long as the result is used.
    test_share, seed
        Of `split`.
    inbox
        New photos beside those of `root`; None for none.
    pinned
        Test photos of before, which stay test photos; None to split anew.

    Raises
    ------
    UnusableDataset
        There are no class folders, fewer than two classes have a usable photo, or a class has photos of which
        none can be used: a run must not forget a species without a word. Or no photo is new since `pinned`.
    """
    return gather(read(root, wanted, scratch, inbox=inbox), test_share=test_share, seed=seed, pinned=pinned)


def gather(
    reading: Reading, *, test_share: float = 0.2, seed: int = 42, pinned: Pinned | None = None
) -> Dataset:
    """Clean and split what was read, by whichever machines; parameters and errors as `assemble` has them."""
    listing, loaded = reading.listing, reading.loaded
    photos, duplicates, contradictions = without_duplicates(loaded.photos)
    outside = tuple(Quarantined(file, "it lies outside any class folder") for file in listing.loose)
    quarantined = sorted((*outside, *loaded.quarantined, *contradictions), key=lambda one: one.file)
    classes = tuple(sorted({photo.label for photo in photos}))
    _check(classes, listing, quarantined)
    groups = read_groups(reading.metadata, [candidate.file for candidate in listing.candidates])
    group_of = {**groups.of, **reading.site_of}
    sides = split_pinned(photos, group_of, pinned) if pinned else split(photos, group_of, test_share, seed)
    dataset = Dataset(
        classes=classes,
        photos=photos,
        split=sides,
        group_of=group_of,
        images=loaded.images,
        quarantined=tuple(quarantined),
        duplicates=duplicates,
        warnings=(*_left_out(listing), *loaded.warnings, *groups.warnings, *sides.warnings),
        seed=seed,
    )
    if pinned and dataset.digest == pinned.data_digest:
        raise UnusableDataset(
            "no photo is new since the approved version was trained, so there is nothing to learn: "
            "label some (bestiary label FILE --photos) or put them into the inbox"
        )
    return dataset


def _check(classes: tuple[str, ...], listing: Listing, quarantined: list[Quarantined]) -> None:
    """Refuse what nothing honest can be learned from."""
    lost = sorted({candidate.label for candidate in listing.candidates} - set(classes))
    if lost:
        stories = "; ".join(f"{label}: {_story(label, quarantined)}" for label in lost)
        raise UnusableDataset(f"no photo can be used of {stories}. Replace the photos or remove the folder")
    if len(classes) < 2:
        found = f"only {classes[0]} has" if classes else "none has"
        raise UnusableDataset(f"at least two classes with photos are needed and {found} any")


def _story(label: str, quarantined: list[Quarantined]) -> str:
    mine = [f"{one.file} ({one.reason})" for one in quarantined if one.file.startswith(f"{label}/")]
    return ", ".join(mine[:_NAMED]) + (f" and {len(mine) - _NAMED} more" if len(mine) > _NAMED else "")


def _left_out(listing: Listing) -> list[str]:
    warnings = [f"class {label} is left out: its folder holds no photos" for label in listing.empty]
    if listing.ignored:
        kinds = ", ".join(f"{count} {suffix}" for suffix, count in listing.ignored.items())
        warnings.append(f"files that are no photos were ignored: {kinds}")
    return warnings
