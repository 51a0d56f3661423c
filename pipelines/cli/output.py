"""How answers are written: JSON or tables on standard output, all else on standard error."""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

errors = Console(stderr=True, highlight=False, soft_wrap=True)
# A pipe has no width of its own: wide enough that no row is folded for the next program.
answers = Console(highlight=False, width=None if sys.stdout.isatty() else 240)

_COLOURS = {
    "Succeeded": "green",
    "Approved": "green",
    "Failed": "red",
    "Rejected": "red",
    "Executing": "cyan",
    "Stopped": "yellow",
    "PendingManualApproval": "yellow",
}


def say(line: str) -> None:
    """Tell the person something that is not the answer."""
    errors.print(Text(line))


def answer_json(document: object) -> None:
    """Write the one JSON document of a command."""
    json.dump(document, sys.stdout, indent=2, default=str, ensure_ascii=False)
    sys.stdout.write("\n")


def table(columns: dict[str, str], rows: list[list[Any]]) -> Table:
    """Make a table.

    Parameters
    ----------
    columns
        Heading to justification, ``left`` or ``right``.
    rows
        Cells in that order; statuses are coloured.
    """
    made = Table(box=None, pad_edge=False, header_style="bold")
    for heading, justify in columns.items():
        made.add_column(heading, justify="right" if justify == "right" else "left", overflow="fold")
    for row in rows:
        made.add_row(*(cell(value) for value in row))
    return made


def cell(value: object) -> Text:
    """One cell: statuses in their colour, nothing for None."""
    text = "" if value is None else str(value)
    return Text(text, style=_COLOURS.get(text, ""))


def duration(seconds: float) -> str:
    """Seconds as people say them: ``7 s``, ``3 min 20 s``."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"
