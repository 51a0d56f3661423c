"""What was really in the photos: labels that people give later."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bestiary.drift.errors import UnusableLabels, UnusableWindow
from bestiary.drift.window import moment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

_LONGEST_ID = 64
_KEYS = ("inference_id", "file")


@dataclass(frozen=True)
class Label:
    """What one photo really shows.

    Attributes
    ----------
    species
        The true label.
    site
        Where its camera stands; empty where that is not known.
    time
        When it was taken; None where that is not known.
    """

    species: str
    site: str = ""
    time: datetime | None = None


def inference_id(file: str) -> str:
    """Return the id under which a photo's file is asked about, so that its label finds its answer.

    SageMaker takes 64 characters of ASCII: a name that does not fit is replaced by its sha256.
    """
    fits = len(file) <= _LONGEST_ID and file.isascii() and file.isprintable() and file == file.strip()
    return file if file and fits else hashlib.sha256(file.encode()).hexdigest()


def read_labels(path: Path) -> dict[str, Label]:
    """Read a CSV table of labels.

    Parameters
    ----------
    path
        UTF-8 with a header: ``inference_id`` or ``file``, ``species``, and if known ``site`` and ``time``.
        Other columns are passed over. Where a photo is labelled twice the later row counts: people correct
        themselves.

    Returns
    -------
    Labels by inference id; one photo of a request of several is ``id#0``, ``id#1`` and so on.

    Raises
    ------
    UnusableLabels
        A column is missing, or a row has no photo, no species or no proper time.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            columns = reader.fieldnames or []
            if "species" not in columns or not set(_KEYS) & set(columns):
                raise UnusableLabels(
                    f"{path} has the columns {', '.join(columns) or 'none'}: species and one of "
                    f"{' or '.join(_KEYS)} are needed"
                )
            return dict(_row(path, reader.line_num, row) for row in reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnusableLabels(f"{path} cannot be read: {error}") from error


def _row(path: Path, line: int, row: Mapping[str, str | None]) -> tuple[str, Label]:
    def text(name: str) -> str:
        return (row.get(name) or "").strip()

    name = text("inference_id") or (inference_id(text("file")) if text("file") else "")
    if not name:
        raise UnusableLabels(f"{path}:{line} names no photo: inference_id or file is needed")
    if not text("species"):
        raise UnusableLabels(f"{path}:{line} names no species")
    try:
        time = moment(text("time")) if text("time") else None
    except UnusableWindow as error:
        raise UnusableLabels(f"{path}:{line}: {error}") from error
    return name, Label(text("species"), text("site"), time)
