"""A monitor's run as one self-contained HTML page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from bestiary.drift import figures
from bestiary.drift.features import NUMBERS
from bestiary.report import frame

if TYPE_CHECKING:
    from datetime import datetime

    from markupsafe import Markup

    from bestiary.drift.monitoring import Finding, Result

_SPECIES_SHOWN = 30
_LISTED = 6
_CLOUDS = ("embedding", "layout")


@dataclass(frozen=True)
class About:
    """What a page is about.

    Attributes
    ----------
    endpoint
        Its name; empty where it is not known.
    version
        Of the model; empty for any.
    written
        When the page was written, with a time zone.
    """

    endpoint: str
    version: str
    written: datetime


class SpeciesRow(NamedTuple):
    """A species: how many photos of the window were called it, and its shares in baseline and window."""

    name: str
    photos: int
    before: float
    after: float


def render(result: Result, about: About) -> str:
    """Write the page; file names, labels and error messages come from strangers and are escaped."""
    findings, species = _ordered(result), _species(result)
    template = frame.environment("bestiary.drift", "bestiary.drift/page.css").get_template("drift.html")
    return template.render(
        result=result,
        counts=result.gathered.counts,
        limits=result.baseline.limits,
        verdict=str(result.verdict),
        drifted=[one for one in findings if one.comparison.drifted],
        findings=[one for one in findings if one.comparison.p is not None],
        left_out=[one.comparison for one in findings if one.comparison.p is None],
        listed=_LISTED,
        plots=_plots(result),
        clouds=_clouds(result),
        colours=_colours(result),
        volume=figures.volume(result.gathered.counts.hours) if len(result.gathered.counts.hours) > 1 else "",
        species=species[:_SPECIES_SHOWN],
        longest=max([max(row.before, row.after) for row in species], default=1.0),
        about=about,
        written=about.written.strftime("%d %B %Y, %H:%M %Z"),
    )


def _ordered(result: Result) -> list[Finding]:
    """Put what drifted first, then by how unlikely it is."""

    def place(finding: Finding) -> tuple[bool, float]:
        one = finding.comparison
        return not one.drifted, 1.0 if one.adjusted is None else one.adjusted

    return sorted(result.findings, key=place)


def _plots(result: Result) -> list[Markup]:
    drifted = {one.feature_name for one in result.violations}
    before, after = result.baseline.sample.columns, result.gathered.sample.columns
    titles = {one.comparison.feature.name: one.comparison.feature.title for one in result.findings}
    return [
        figures.distribution(titles[name], before[name], after[name], drifted=name in drifted)
        for name in NUMBERS
        if len(before.get(name, ())) and len(after.get(name, ()))
    ]


def _clouds(result: Result) -> list[Markup]:
    before, after = result.baseline.sample.columns, result.gathered.sample.columns
    titles = {one.comparison.feature.name: one.comparison.feature.title for one in result.findings}
    return [
        figures.cloud(before[name], after[name], titles[name])
        for name in _CLOUDS
        if len(before.get(name, ())) > 1
        and len(after.get(name, ())) > 1
        and before[name].shape[1] == after[name].shape[1]
    ]


def _colours(result: Result) -> Markup | str:
    before, after = (
        sample.columns.get("colour", ()) for sample in (result.baseline.sample, result.gathered.sample)
    )
    return figures.colours(before, after) if len(before) and len(after) else ""  # type: ignore[arg-type]


def _species(result: Result) -> list[SpeciesRow]:
    before, after = result.baseline.sample.species, result.gathered.sample.species
    totals = max(1, sum(before.values())), max(1, sum(after.values()))
    rows = [
        SpeciesRow(name, after.get(name, 0), before.get(name, 0) / totals[0], after.get(name, 0) / totals[1])
        for name in {*before, *after}
    ]
    return sorted(rows, key=lambda row: (-row.after, -row.before, row.name))
