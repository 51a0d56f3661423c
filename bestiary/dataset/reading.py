"""A dataset's files looked at, each by itself, before anything is compared: one machine can, or many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bestiary.dataset.inbox import with_inbox
from bestiary.dataset.loading import Loaded, load
from bestiary.dataset.scan import METADATA, Listing, scan

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bestiary.images import Preprocessing


@dataclass(frozen=True)
class Reading:
    """What there is to choose from.

    Attributes
    ----------
    listing
        The files.
    loaded
        What became of each candidate.
    site_of
        The camera site of each of the inbox's files that has one.
    metadata
        The dataset's metadata.csv; None where it has none.
    """

    listing: Listing
    loaded: Loaded
    site_of: dict[str, str]
    metadata: Path | None


def read(
    root: Path,
    wanted: Sequence[Preprocessing],
    scratch: Path,
    *,
    inbox: Path | None = None,
    part: bool = False,
) -> Reading:
    """Read and prepare every photo of a folder.

    Parameters
    ----------
    root
        ``<class>/<photos at any depth>``, with an optional metadata.csv.
    wanted
        The ways to prepare each photo.
    scratch
        An empty folder for memory-mapped arrays; it must last as long as the result is used.
    inbox
        New photos beside those of `root`; None for none.
    part
        Whether this is a part of a dataset, which may hold no photo at all.

    Raises
    ------
    UnusableDataset
        There are no class folders, and it is the whole dataset.
    """
    listing, sites = with_inbox(scan(root, part=part), inbox)
    metadata = root / METADATA
    return Reading(
        listing,
        load(listing.candidates, wanted, scratch),
        sites,
        metadata if metadata.exists() else None,
    )
