"""A run of the quality check as one self-contained HTML page."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from bestiary.quality.falls import LEAST_FALL, LEAST_PHOTOS
from bestiary.quality.files import sentence
from bestiary.report import frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bestiary.drift.page import About
    from bestiary.quality.checking import Result
    from bestiary.quality.measuring import Share

_CONFUSIONS = 12


class Row(NamedTuple):
    """A share of the window, the one that it is compared with if there is one, and whether it fell."""

    name: str
    share: Share
    before: Share | None
    fell: bool


class Confusion(NamedTuple):
    """How many labelled photos of one species were called another."""

    true: str
    predicted: str
    photos: int


def render(result: Result, about: About) -> str:
    """Write the page; labels and sites come from strangers and are escaped."""
    overall, species = result.baseline
    quality, fallen = result.quality, {fall.of for fall in result.falls}
    found = dict.fromkeys(quality.sites, overall) if quality else {}
    template = frame.environment("bestiary.quality", "bestiary.drift/page.css").get_template("quality.html")
    return template.render(
        result=result,
        quality=quality,
        verdict=str(result.verdict),
        overall=overall,
        falls=[sentence(fall) for fall in result.falls],
        species=_rows("species", quality.species if quality else {}, species, fallen),
        sites=_rows("site", quality.sites if quality else {}, found, fallen),
        confusions=_confusions(result),
        least=LEAST_PHOTOS,
        least_fall=LEAST_FALL,
        about=about,
        written=about.written.strftime("%d %B %Y, %H:%M %Z"),
    )


def _rows(kind: str, now: Mapping[str, Share], before: Mapping[str, Share], fallen: set[str]) -> list[Row]:
    """List shares, what fell first and then the least right."""
    rows = [Row(name, share, before.get(name), f"{kind} {name}" in fallen) for name, share in now.items()]
    return sorted(rows, key=lambda row: (not row.fell, row.share.accuracy, row.name))


def _confusions(result: Result) -> list[Confusion]:
    wrong = Counter(
        (pair.true, pair.predicted) for pair in result.matched.pairs if pair.true != pair.predicted
    )
    return [Confusion(*names, photos) for names, photos in wrong.most_common(_CONFUSIONS)]
