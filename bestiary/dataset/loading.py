"""Every photo read, hashed and prepared once, on all cores."""

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bestiary.dataset.scan import Candidate
from bestiary.images import Header, Preprocessing, UnreadableImage, prepare, read_header

Pixels = NDArray[np.uint8]

BYTE_LIMIT = 512 * 2**20


@dataclass(frozen=True)
class Photo:
    """A photo that can be used.

    Attributes
    ----------
    file, label
        As in `Candidate`.
    sha256
        Of the file's bytes, in hex.
    header
        What the file says of its picture.
    row
        Its place in the arrays of `Loaded`.
    """

    file: str
    label: str
    sha256: str
    header: Header
    row: int


@dataclass(frozen=True)
class Quarantined:
    """A file that is left out, and why."""

    file: str
    reason: str


@dataclass(frozen=True)
class Loaded:
    """The outcome of reading all candidates.

    Attributes
    ----------
    photos
        The usable ones, in the candidates' order.
    quarantined
        The others, in the same order.
    warnings
        What a reader of the report should know about usable photos, one line each.
    images
        For each way of preparing, uint8 (candidates, size, size, 3); rows of quarantined ones are undefined.
    """

    photos: tuple[Photo, ...]
    quarantined: tuple[Quarantined, ...]
    warnings: tuple[str, ...]
    images: tuple[Pixels, ...]


def load(candidates: Sequence[Candidate], wanted: Sequence[Preprocessing], scratch: Path) -> Loaded:
    """Read and prepare all candidates in threads; decoding and resizing let go of Python's lock.

    Parameters
    ----------
    candidates
        The files to read.
    wanted
        The ways to prepare each.
    scratch
        A folder for the arrays, which are memory-mapped files: they need disk, not memory.
    """
    images = tuple(
        reserve(scratch / f"{place}.raw", (len(candidates), one.size, one.size, 3))
        for place, one in enumerate(wanted)
    )

    def one_photo(row: int, candidate: Candidate) -> tuple[Photo, str] | Quarantined:
        try:
            data = _read(candidate.path)
            header = read_header(data)
            for target, pixels in zip(images, prepare(data, wanted), strict=True):
                target[row] = pixels
        except UnreadableImage as error:
            return Quarantined(candidate.file, error.reason)
        sha256 = hashlib.sha256(data).hexdigest()
        photo = Photo(candidate.file, candidate.label, sha256, header, row)
        return photo, header.warning

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        outcomes = list(threads.map(one_photo, range(len(candidates)), candidates))
    usable = [outcome for outcome in outcomes if not isinstance(outcome, Quarantined)]
    return Loaded(
        tuple(photo for photo, _ in usable),
        tuple(outcome for outcome in outcomes if isinstance(outcome, Quarantined)),
        tuple(f"{photo.file}: {warning}" for photo, warning in usable if warning),
        images,
    )


def reserve(path: Path, shape: tuple[int, ...]) -> Pixels:
    """Map a new file into memory, its disk space taken: a disk that fills up must not kill the process."""
    count = int(np.prod(shape))
    if not count:
        return np.empty(shape, np.uint8)
    with path.open("wb") as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, count)
        file.truncate(count)
    return np.memmap(path, np.uint8, "r+", shape=shape)


def _read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > BYTE_LIMIT:
            raise UnreadableImage(f"too large: {size / 2**20:.0f} MB, the limit is {BYTE_LIMIT // 2**20} MB")
        return path.read_bytes()
    except OSError as error:
        raise UnreadableImage(f"cannot be read: {error.strerror}") from error
