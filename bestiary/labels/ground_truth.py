"""Labels as the JSON lines that Model Monitor merges with what an endpoint captured.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-merge.html
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from bestiary.labels.label import Label, UnusableLabels

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from bestiary.labels.label import Labelled


def key(moment: datetime, digest: str) -> str:
    """Return where below a prefix labels lie that were collected at a moment: later ones sort last.

    Parameters
    ----------
    moment
        With a time zone; UTC in the key.
    digest
        Of what they are, so that two files of one moment are two.
    """
    return f"{moment:%Y/%m/%d/%H/%M-%S-%f}-{digest[:12]}.jsonl"


def write_lines(labels: Iterable[Labelled]) -> str:
    """Write one line a label; the site, of which Model Monitor knows nothing, stands beside its members."""
    return "".join(f"{json.dumps(_line(each), ensure_ascii=False)}\n" for each in labels)


def read_folder(folder: Path) -> dict[str, Label]:
    """Read all labels below a folder by inference id; where a photo has several, the latest counts.

    Raises
    ------
    UnusableLabels
        A line is none of Ground Truth's; the message names it.
    """
    labels: dict[str, Label] = {}
    for path in sorted(folder.rglob("*.jsonl")):
        try:
            with path.open(encoding="utf-8") as file:
                for number, line in enumerate(file, start=1):
                    if line.strip():
                        name, label = _read(f"{path.name}:{number}", line)
                        labels[name] = label
        except (OSError, UnicodeDecodeError) as error:
            raise UnusableLabels(f"{path.name} cannot be read: {error}") from error
    return labels


def _line(labelled: Labelled) -> dict[str, object]:
    site = {"bestiary": {"site": labelled.label.site}} if labelled.label.site else {}
    return {
        "groundTruthData": {"data": _cell(labelled.label.species), "encoding": "CSV"},
        "eventMetadata": {"eventId": labelled.id},
        "eventVersion": "0",
        **site,
    }


def _cell(text: str) -> str:
    row = io.StringIO()
    csv.writer(row, lineterminator="").writerow([text])
    return row.getvalue()


def _read(where: str, line: str) -> tuple[str, Label]:
    try:
        found = json.loads(line)
        species = next(csv.reader([str(found["groundTruthData"]["data"])]))[0].strip()
        name = str(found["eventMetadata"]["eventId"])
        site = str(found.get("bestiary", {}).get("site", ""))
    except (ValueError, LookupError, TypeError, AttributeError, StopIteration, csv.Error) as error:
        raise UnusableLabels(f"{where} is no line of Ground Truth labels: {error}") from error
    if not (species and name):
        raise UnusableLabels(f"{where} is no line of Ground Truth labels: its label or its id is empty")
    return name, Label(species, site)
