"""Which files of a folder are meant to be photos of which class."""

import os
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from bestiary.dataset.errors import UnusableDataset

METADATA = "metadata.csv"
LAYOUT = "it must hold one folder a species, each with its photos: DATA/bear/1.jpg, DATA/cat/2.jpg, …"
_SYSTEM_FILES = {"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"}
_SYSTEM_FOLDERS = {"__macosx", "$recycle.bin", "system volume information", "@eadir"}
_SIDECARS = {
    *(
        ".txt",
        ".json",
        ".csv",
        ".tsv",
        ".xml",
        ".xmp",
        ".yaml",
        ".yml",
        ".md",
        ".html",
        ".htm",
        ".pdf",
        ".log",
    ),
    *(
        ".ini",
        ".db",
        ".doc",
        ".docx",
        ".xls",
        ".xlsx",
        ".zip",
        ".tar",
        ".gz",
        ".py",
        ".sh",
        ".npy",
        ".parquet",
    ),
    *(".mp4", ".avi", ".mov", ".mkv", ".webm", ".mpg", ".m4v", ".wav", ".mp3"),
}


@dataclass(frozen=True)
class Candidate:
    """A file that claims to be a photo.

    Attributes
    ----------
    path
        Where it is.
    file
        Its path below the dataset's root, with ``/`` and in Unicode's composed form (NFC): the same on all
        systems.
    label
        Its class: the first folder of `file`.
    """

    path: Path
    file: str
    label: str


@dataclass(frozen=True)
class Listing:
    """What a dataset's folder holds.

    Attributes
    ----------
    candidates
        The files to look at, ordered by `Candidate.file`.
    empty
        Class folders without any candidate.
    loose
        Candidates that lie outside any class folder.
    ignored
        How many files of each suffix are no photos and do not claim to be.
    """

    candidates: tuple[Candidate, ...]
    empty: tuple[str, ...]
    loose: tuple[str, ...]
    ignored: dict[str, int]


def scan(root: Path, *, part: bool = False) -> Listing:
    """List a dataset: ``<class>/<photos at any depth>``.

    Hidden files, what operating systems leave behind, and files whose names honestly say that they are
    something else (text, tables, archives, films) are passed over.

    Parameters
    ----------
    root
        The dataset's folder.
    part
        Whether other machines see the rest of it: nothing at all is no mistake then.

    Raises
    ------
    UnusableDataset
        There is no such folder, or it has no class folders.
    """
    if part and not root.is_dir():
        return Listing((), (), (), {})
    if not root.is_dir():
        raise UnusableDataset(f"{root} is not a folder; {LAYOUT}")
    classes: set[str] = set()
    candidates, ignored = list[Candidate](), Counter[str]()
    for folder, names, files in _walk(root):
        if folder == root:
            classes = {_portable(name) for name in names}
        for path in (folder / name for name in files):
            if path.suffix.lower() in _SIDECARS:
                ignored[path.suffix.lower()] += path != root / METADATA
            else:
                file = _portable(path.relative_to(root).as_posix())
                candidates.append(Candidate(path, file, file.split("/")[0]))
    candidates.sort(key=lambda candidate: (candidate.file, candidate.path))
    inside = tuple(candidate for candidate in candidates if "/" in candidate.file)
    loose = tuple(candidate.file for candidate in candidates if "/" not in candidate.file)
    if not classes and not part:
        found = f"has no class folders ({len(loose)} files lie directly in it)" if loose else "is empty"
        raise UnusableDataset(f"{root} {found}; {LAYOUT}")
    empty = sorted(classes - {candidate.label for candidate in inside})
    return Listing(inside, tuple(empty), loose, {suffix: ignored[suffix] for suffix in sorted(+ignored)})


def _walk(root: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Walk through all folders, also linked ones, but never in circles and not through what systems left."""

    def refuse(error: OSError) -> NoReturn:
        raise UnusableDataset(f"the folder {error.filename} cannot be read: {error.strerror}")

    for folder, names, files in os.walk(root, followlinks=True, onerror=refuse):
        here = Path(folder).resolve()
        names[:] = [
            name
            for name in names
            if not name.startswith(".")
            and name.lower() not in _SYSTEM_FOLDERS
            and not here.is_relative_to(Path(folder, name).resolve())
        ]
        wanted = [name for name in files if not name.startswith(".") and name.lower() not in _SYSTEM_FILES]
        yield Path(folder), names, wanted


def _portable(name: str) -> str:
    """Return a name as every system writes it, whatever bytes this one stored."""
    readable = os.fsencode(name).decode("utf-8", "replace")
    return unicodedata.normalize("NFC", readable)
