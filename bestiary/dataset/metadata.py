"""Which photos belong together, by the dataset's own metadata.csv."""

import csv
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from bestiary.dataset.errors import UnusableDataset
from bestiary.dataset.scan import METADATA

_SHOWN = 20


@dataclass(frozen=True)
class Groups:
    """The groups that photos belong to, such as a camera's site or a burst.

    Attributes
    ----------
    of
        The group of each file that has one.
    warnings
        One line for each row that could not be used, with its line number.
    """

    of: dict[str, str]
    warnings: tuple[str, ...]


def read_groups(path: Path | None, files: Collection[str]) -> Groups:
    """Read the columns ``file`` and ``group`` (or ``site`` and ``burst`` in its place) of metadata.csv.

    Parameters
    ----------
    path
        The file; without one, there are no groups.
    files
        All files of the dataset, usable or not.

    Raises
    ------
    UnusableDataset
        The file has no such columns or is no UTF-8 text: going on would mix its groups across the split.
    """
    if path is None:
        return Groups({}, ())
    known, groups, warnings = set(files), dict[str, str](), list[str]()
    for line, file, group in _rows(path):
        if not file or not group:
            warnings.append(f"{METADATA} line {line}: not a file and its group; the row is ignored")
        elif file not in known:
            warnings.append(f"{METADATA} line {line}: there is no file {file}")
        elif groups.setdefault(file, group) != group:
            warnings.append(f"{METADATA} line {line}: {file} is already in group {groups[file]}, not {group}")
    return Groups(groups, _shortened(warnings))


def _rows(path: Path) -> Iterator[tuple[int, str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            rows = csv.DictReader(text, skipinitialspace=True, restval="")
            columns = [name.strip().lower() for name in rows.fieldnames or []]
            if "file" not in columns or not {"group", "site", "burst"} & set(columns):
                raise UnusableDataset(
                    f"{path} needs the columns file and group; it has: {', '.join(columns) or 'none'}"
                )
            rows.fieldnames = columns
            for row in rows:
                file = unicodedata.normalize("NFC", row["file"].strip().replace("\\", "/")).removeprefix("./")
                place = [row.get(column, "").strip() for column in ("site", "burst")]
                group = row.get("group", "").strip() or "/".join(filter(None, place))
                has_too_many_cells = None in row
                yield rows.line_num, "" if has_too_many_cells else file, group
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnusableDataset(f"{path} is not a table in UTF-8: {error}") from error


def _shortened(warnings: list[str]) -> tuple[str, ...]:
    more = len(warnings) - _SHOWN
    return (*warnings[:_SHOWN], *([f"{METADATA}: {more} more rows like these"] if more > 0 else []))
