"""Archives that are the same bytes for the same files."""

from __future__ import annotations

import gzip
import os
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_FAST = 1  # weights do not compress, so that more effort is time lost


def write(folder: Path, to: Path) -> None:
    """Pack a folder's contents as SageMaker packs ``/opt/ml/model``: a gzipped tar, names relative to it.

    Names are sorted; owners, times and modes are set to fixed values. Links to files are packed as the files;
    what is neither file nor folder is left out.

    Parameters
    ----------
    folder
        What to pack.
    to
        The archive, outside of the folder.
    """
    with (
        to.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", compresslevel=_FAST, fileobj=file, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT, dereference=True) as archive,
    ):
        for path in _contents(folder):
            member = archive.gettarinfo(path, path.relative_to(folder).as_posix())
            _fix(member, path.stat().st_size)
            if member.isdir():
                archive.addfile(member)
            else:
                with path.open("rb") as source:
                    archive.addfile(member, source)


def gather(bases: Sequence[Path], folder: str) -> None:
    """Move what further hosts of a job left in a folder to the first one's; of two alike the first stays."""
    first, *others = (base / folder for base in bases)
    for other in others:
        for path in [path for path in _contents(other) if path.is_file()]:
            to = first / path.relative_to(other)
            if not to.exists():
                to.parent.mkdir(parents=True, exist_ok=True)
                path.rename(to)


def is_empty(folder: Path) -> bool:
    """Say whether a folder is missing or holds nothing at all."""
    return not folder.is_dir() or next(os.scandir(folder), None) is None


def _contents(folder: Path) -> Iterator[Path]:
    found = sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix())
    return (path for path in found if path.is_file() or (path.is_dir() and not path.is_symlink()))


def _fix(member: tarfile.TarInfo, size: int) -> None:
    member.mtime = 0
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    # A second name of the same inode would be packed as a link to the first.
    member.type = tarfile.DIRTYPE if member.isdir() else tarfile.REGTYPE
    member.linkname = ""
    member.size = 0 if member.isdir() else size
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
