"""The bytes of S3 objects, one file each, written once and never changed."""

from __future__ import annotations

import hashlib
import mmap
import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_PIECE = 1 << 20
_MAPPED_FROM = 1 << 20


@dataclass(frozen=True)
class Blob:
    """One file of bytes.

    Attributes
    ----------
    name
        What it is found by; never used again for other bytes.
    size
        Its length in bytes.
    md5
        Hex digest of the bytes, which is S3's ETag of a plain upload.
    """

    name: str
    size: int
    md5: str


class MappedBody(mmap.mmap):
    """A large blob's bytes without reading them: slices like bytes, and iterates in pieces of 1 MiB."""

    def __iter__(self) -> Iterator[bytes]:  # type: ignore[override]  # not byte by byte
        """Yield the bytes piece by piece, as a WSGI server sends them."""
        for start in range(0, len(self), _PIECE):
            yield self[start : start + _PIECE]


class Blobs:
    """A folder of blobs.

    Names are random and nobody knows one before the index names it, so a file needs no renaming to
    appear whole: what a crash leaves half written is never referred to, and `sweep` removes it.

    Parameters
    ----------
    folder
        Where they lie; made when absent.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for number in range(256):
            (folder / f"{number:02x}").mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        """Where a blob's bytes lie."""
        return self._folder / name[:2] / name

    def add(self, source: bytes | mmap.mmap | Path | list[Path]) -> Blob:
        """Write new bytes; they are not yet safe from a power cut (see `sync`).

        Parameters
        ----------
        source
            The bytes, or a file to copy, or files to join, which are read piece by piece.

        Raises
        ------
        OSError
            When the disk is full or the source cannot be read; nothing is left behind.
        """
        name = uuid.uuid4().hex
        digest = hashlib.md5(usedforsecurity=False)
        size = 0
        try:
            with self.path(name).open("xb") as file:
                for piece in _pieces(source):
                    file.write(piece)
                    digest.update(piece)
                    size += len(piece)
        except BaseException:
            self.remove(name)
            raise
        return Blob(name, size, digest.hexdigest())

    def body(self, blob: Blob) -> bytes | MappedBody:
        """Bytes of a blob; from 1 MiB on they stay on disk.

        Raises
        ------
        FileNotFoundError
            When the blob was removed meanwhile.
        """
        if blob.size < _MAPPED_FROM:
            return self.path(blob.name).read_bytes()
        with self.path(blob.name).open("rb") as file:
            return MappedBody(file.fileno(), 0, access=mmap.ACCESS_READ)

    def sync(self, name: str) -> None:
        """Wait until a blob is on the disk itself."""
        descriptor = os.open(self.path(name), os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def remove(self, name: str) -> None:
        """Remove a blob, if it is there."""
        self.path(name).unlink(missing_ok=True)

    def sweep(self, keep: Collection[str]) -> int:
        """Remove every blob but those named, and say how many were removed."""
        stale = [path for path in self._folder.glob("??/*") if path.name not in keep]
        for path in stale:
            path.unlink()
        return len(stale)


def _pieces(source: bytes | mmap.mmap | Path | list[Path]) -> Iterator[bytes | memoryview]:
    if isinstance(source, list):
        for path in source:
            yield from _pieces(path)
    elif isinstance(source, Path):
        with source.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece
    else:
        with memoryview(source) as view:
            for start in range(0, len(view), _PIECE):
                yield view[start : start + _PIECE]
