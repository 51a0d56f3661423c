"""Labels in a CSV table, as people and ``bestiary classify --out`` write it."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from bestiary.labels.label import Label, Labelled, UnusableLabels, inference_id

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEYS = ("inference_id", "file")


def read_table(name: str, text: str) -> list[Labelled]:
    """Read a CSV table of labels.

    Parameters
    ----------
    name
        Of the file, for messages.
    text
        With a header: ``inference_id`` or ``file``, ``species``, and if known ``site``. Other columns are
        passed over. Where a photo is labelled twice the later row counts: people correct themselves.

    Raises
    ------
    UnusableLabels
        A column is missing, or a row has no photo or no species.
    """
    try:
        reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
        columns = reader.fieldnames or []
        if "species" not in columns or not set(_KEYS) & set(columns):
            raise UnusableLabels(
                f"{name} has the columns {', '.join(columns) or 'none'}: species and one of "
                f"{' or '.join(_KEYS)} are needed"
            )
        rows = [
            _row(f"{name}:{reader.line_num}", row)
            for row in reader
            if row.get("species") or not row.get("error")
        ]
    except csv.Error as error:
        raise UnusableLabels(f"{name} is no table: {error}") from error
    return list({row.id: row for row in rows}.values())


def _row(where: str, row: Mapping[str, str | None]) -> Labelled:
    def text(name: str) -> str:
        return (row.get(name) or "").strip()

    name = text("inference_id") or (inference_id(text("file")) if text("file") else "")
    if not name:
        raise UnusableLabels(f"{where} names no photo: inference_id or file is needed")
    if not text("species"):
        raise UnusableLabels(f"{where} names no species")
    return Labelled(name, Label(text("species"), text("site")), text("file"))
