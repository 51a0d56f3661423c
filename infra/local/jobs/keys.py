"""Where the files of S3 objects belong, and which objects belong to files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NO_FILE_NAMES = {".": "%2E", "..": "%2E%2E"}


def below(prefix: str, key: str) -> str:
    """Return the path of an object's file, relative to the folder that an S3 prefix is fetched to.

    The prefix's folder part is left out, as SageMaker does: of prefix ``a/b``, object ``a/b/c/d`` becomes
    ``c/d``, ``a/bc`` becomes ``bc`` and ``a/b`` itself becomes ``b``. The path never leaves the folder: empty
    parts vanish, and ``.`` and ``..``, which no file can be named, are percent-encoded.

    Parameters
    ----------
    prefix, key
        As S3 has them; the key starts with the prefix.
    """
    folder = f"{prefix}/" if key.startswith(f"{prefix}/") and prefix else prefix[: prefix.rfind("/") + 1]
    return inside(key.removeprefix(folder))


def inside(name: str) -> str:
    """Return a relative path for a name, one that never leaves its folder; empty when nothing is left."""
    parts = (part.replace("\0", "%00") for part in name.split("/") if part)
    return "/".join(_NO_FILE_NAMES.get(part, part) for part in parts)


def of_file(folder: Path, path: Path) -> str:
    """Return the key of a file relative to the key of its folder.

    Raises
    ------
    ValueError
        When its name is no UTF-8, which S3 cannot hold.
    """
    name = os.fsencode(path.relative_to(folder))
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"the file name {name!r} is no UTF-8") from None
