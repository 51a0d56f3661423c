"""New labelled photos beside a dataset: ``<class>/<photos>`` or ``<class>/<camera site>/<photos>``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bestiary.dataset.scan import Listing, scan

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "inbox"


def with_inbox(listing: Listing, root: Path | None) -> tuple[Listing, dict[str, str]]:
    """Add an inbox's photos to a dataset's, each below ``<class>/inbox/``.

    Parameters
    ----------
    listing
        The dataset.
    root
        The inbox; None, or a folder without class folders, for none.

    Returns
    -------
    All files to look at, and the camera site of each of the inbox's that lies in a site's folder.
    """
    if root is None or not root.is_dir() or not any(path.is_dir() for path in root.iterdir()):
        return listing, {}
    added, sites = [], {}
    for candidate in scan(root).candidates:
        label, *rest = candidate.file.split("/")
        file = "/".join([label, FOLDER, *rest])
        added.append(replace(candidate, file=file))
        if len(rest) > 1:
            sites[file] = rest[0]
    every = sorted((*listing.candidates, *added), key=lambda candidate: (candidate.file, candidate.path))
    known = {candidate.label for candidate in every}
    empty = tuple(label for label in listing.empty if label not in known)
    return replace(listing, candidates=tuple(every), empty=empty), sites
