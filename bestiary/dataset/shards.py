"""A dataset that many machines read, each a part: what each leaves, and all of it put together again.

Put together, the parts are what one machine would have read: the same rows in the same order.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bestiary.dataset.errors import UnusableDataset
from bestiary.dataset.loading import Loaded, Photo, Pixels, Quarantined, reserve
from bestiary.dataset.reading import Reading
from bestiary.dataset.scan import METADATA, Candidate, Listing
from bestiary.images import Header

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bestiary.images import Preprocessing

STORY = "reading.json"


def write_shard(folder: Path, reading: Reading) -> None:
    """Write down what one machine read: ``reading.json``, an array a way of preparing, metadata.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    for place, images in enumerate(reading.loaded.images):
        np.save(folder / f"{place}.npy", images)
    if reading.metadata:
        shutil.copyfile(reading.metadata, folder / METADATA)
    story = {
        "candidates": [[each.file, each.label] for each in reading.listing.candidates],
        "empty": reading.listing.empty,
        "loose": reading.listing.loose,
        "ignored": reading.listing.ignored,
        "photos": [asdict(photo) for photo in reading.loaded.photos],
        "quarantined": [asdict(one) for one in reading.loaded.quarantined],
        "site_of": reading.site_of,
    }
    (folder / STORY).write_text(json.dumps(story, ensure_ascii=False) + "\n", encoding="utf-8")


def read_shards(folder: Path, wanted: Sequence[Preprocessing], scratch: Path) -> Reading:
    """Put together what many machines read, one folder each.

    Parameters
    ----------
    folder
        Holds the machines' folders.
    wanted
        The ways in which each photo was prepared.
    scratch
        An empty folder for memory-mapped arrays; it must last as long as the result is used.

    Raises
    ------
    UnusableDataset
        No machine left anything, or arrays of another size.
    """
    shards = sorted(path.parent for path in folder.glob(f"*/{STORY}"))
    if not shards:
        raise UnusableDataset(f"{folder} holds nothing that the decode job left")
    stories = [json.loads((shard / STORY).read_text(encoding="utf-8")) for shard in shards]
    placed = sorted(
        (file, label, number, row)
        for number, story in enumerate(stories)
        for row, (file, label) in enumerate(story["candidates"])
    )
    rows = {(number, row): place for place, (_, _, number, row) in enumerate(placed)}
    images = tuple(_together(shards, place, one.size, rows, scratch) for place, one in enumerate(wanted))
    return Reading(
        _listing(stories, [Candidate(Path(file), file, label) for file, label, *_ in placed]),
        _loaded(stories, rows, images),
        {file: site for story in stories for file, site in story["site_of"].items()},
        next((shard / METADATA for shard in shards if (shard / METADATA).exists()), None),
    )


def _listing(stories: list[dict[str, Any]], candidates: list[Candidate]) -> Listing:
    ignored: Counter[str] = Counter()
    for story in stories:
        ignored.update(story["ignored"])
    known = {candidate.label for candidate in candidates}
    return Listing(
        tuple(candidates),
        tuple(sorted({label for story in stories for label in story["empty"]} - known)),
        tuple(sorted(file for story in stories for file in story["loose"])),
        {suffix: ignored[suffix] for suffix in sorted(ignored)},
    )


def _loaded(
    stories: list[dict[str, Any]], rows: dict[tuple[int, int], int], images: tuple[Pixels, ...]
) -> Loaded:
    photos = [
        replace(Photo(**{**told, "header": Header(**told["header"])}), row=rows[number, told["row"]])
        for number, story in enumerate(stories)
        for told in story["photos"]
    ]
    photos.sort(key=lambda photo: photo.row)
    left_out = [Quarantined(**told) for story in stories for told in story["quarantined"]]
    return Loaded(
        tuple(photos),
        tuple(sorted(left_out, key=lambda one: one.file)),
        tuple(f"{photo.file}: {photo.header.warning}" for photo in photos if photo.header.warning),
        images,
    )


def _together(
    shards: list[Path], place: int, size: int, rows: dict[tuple[int, int], int], scratch: Path
) -> Pixels:
    whole = reserve(scratch / f"{place}.raw", (len(rows), size, size, 3))
    for number, shard in enumerate(shards):
        part = np.load(shard / f"{place}.npy", mmap_mode="r", allow_pickle=False)
        if part.shape[1:] != whole.shape[1:]:
            raise UnusableDataset(
                f"the decode job left pictures of {part.shape[1:]}, wanted are {whole.shape[1:]}"
            )
        for row, image in enumerate(part):
            whole[rows[number, row]] = image
    return whole
