"""What prepare found out about the photos, for the page of a run."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Exploration:
    """What prepare found out about the photos, as far as the page shows it.

    Attributes
    ----------
    before, after
        Colour histograms without and with equalization: one sequence of shares a channel (red, green, blue),
        from dark to light; empty if unknown.
    sample_sheet
        An image file's bytes; empty if there is none.
    """

    before: Sequence[Sequence[float]] = ()
    after: Sequence[Sequence[float]] = ()
    sample_sheet: bytes = b""


def read_exploration(folder: Path) -> Exploration:
    """Read ``exploration.json`` and the sample sheet it names; a missing folder is an empty exploration.

    Raises
    ------
    ValueError
        When ``exploration.json`` is no JSON or names a sample sheet outside the folder.
    KeyError
        When it lacks something.
    """
    path = folder / "exploration.json"
    if not path.exists():
        return Exploration()
    described = json.loads(path.read_text("utf-8"))
    sheet = folder / Path(described["sample_sheet"]).name
    return Exploration(
        before=described["histograms"]["before"],
        after=described["histograms"]["after"],
        sample_sheet=sheet.read_bytes(),
    )
