"""A stylizer's folder as the ``model.tar.gz`` that SageMaker takes: equal folders, equal bytes."""

from __future__ import annotations

import gzip
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_QUICK = 1
"""Weights hardly get smaller, however long one tries."""


def pack(folder: Path, archive: Path) -> None:
    """Write everything in a folder into an archive, without owners and times."""
    with (
        archive.open("wb") as file,
        gzip.GzipFile("", "wb", _QUICK, file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                member = tarfile.TarInfo(path.relative_to(folder).as_posix())
                member.size = path.stat().st_size
                member.mode = 0o644
                with path.open("rb") as content:
                    tar.addfile(member, content)
