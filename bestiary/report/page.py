"""A run as one self-contained HTML page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from jinja2 import Environment
from markupsafe import Markup
from numpy.typing import NDArray

from bestiary.evaluation import Candidate, Evaluation, TestData, mistakes, top_confusions
from bestiary.evaluation.units import duration, size
from bestiary.report import charts, frame
from bestiary.report.comparison import lines
from bestiary.report.exploration import Exploration
from bestiary.report.matrix import heat_map
from bestiary.report.pictures import sheet, thumbnail
from bestiary.report.warnings import warnings
from bestiary.report.words import flatten, short, soft

_MISTAKES_SHOWN = 24
_LISTED = 40


@dataclass(frozen=True)
class Photos:
    """The test photos as people should see them.

    Attributes
    ----------
    images
        uint8 RGB of shape (N, S, S, 3), not equalized where there is a choice.
    files
        N paths below the data folder; shown, never followed.
    """

    images: NDArray[np.uint8]
    files: Sequence[str]


def render(evaluation: Evaluation, photos: Photos, exploration: Exploration, written: datetime) -> str:
    """Write the page.

    Parameters
    ----------
    evaluation
        All figures of the run.
    photos
        The test photos, in the order of the candidates' scores.
    exploration
        What prepare found out about the data.
    written
        When, for the page's foot; with a time zone.

    Returns
    -------
    str
        HTML that needs nothing else. File and class names come from strangers and are escaped.
    """
    champion = evaluation.champion
    wrong = mistakes(champion.labels, champion.scores, evaluation.data.classes, photos.files)
    return (
        _environment()
        .get_template("page.html")
        .render(
            run=evaluation,
            champion=champion,
            warnings=warnings(evaluation),
            chance=champion.guess,
            comparison=lines(evaluation.candidates),
            curves=_curves(evaluation.candidates),
            reliability={
                each.name: charts.reliability(each.name, each.metrics.calibration)
                for each in evaluation.candidates
            },
            matrices={each.name: heat_map(each.metrics) for each in evaluation.candidates},
            confusions={
                each.name: top_confusions(each.metrics.confusion, evaluation.data.classes)
                for each in evaluation.candidates
            },
            plates=_plates(champion, evaluation.data.classes, photos),
            mistakes=[(each, thumbnail(photos.images[each.index])) for each in wrong[:_MISTAKES_SHOWN]],
            mistakes_in_all=len(wrong),
            histograms=_histograms(exploration),
            sample_sheet=sheet(exploration.sample_sheet) if exploration.sample_sheet else "",
            bar_scale=_bar_scale(evaluation.data),
            quarantined=list(evaluation.data.quarantined)[:_LISTED],
            listed=_LISTED,
            written=written.strftime("%d %B %Y, %H:%M %Z"),
        )
    )


def _bar_scale(data: TestData) -> float:
    """Stretch the bars of the class counts so that the largest class fills its cell."""
    largest = max(sum(counts.values()) for counts in data.counts.values())
    return sum(sum(counts.values()) for counts in data.counts.values()) / largest


def _environment() -> Environment:
    environment = frame.environment("bestiary.report", "bestiary.report/run.css")
    environment.filters.update(duration=duration, size=size, flatten=flatten, short=short, soft=soft)
    return environment


def _curves(candidates: Sequence[Candidate]) -> dict[str, Markup]:
    losses = [
        loss
        for candidate in candidates
        for epoch in candidate.history
        for loss in (epoch.loss, epoch.val_loss)
        if loss is not None and np.isfinite(loss)
    ]
    # One wild first epoch must not flatten all the others.
    top = float(np.percentile(losses, 98)) * 1.1 if losses else 1.0
    return {
        each.name: charts.learning_curves(each.name, each.history, top) for each in candidates if each.history
    }


def _plates(champion: Candidate, classes: Sequence[str], photos: Photos) -> list[dict[str, Any]]:
    """Pick for every class the test photo that the champion names right with most confidence."""
    plates = []
    for index, name in enumerate(classes):
        right = np.flatnonzero(champion.hits & (champion.labels == index))
        best = right[champion.scores[right, index].argmax()] if len(right) else None
        plates.append(
            {
                "name": name,
                "scores": champion.metrics.per_class[name],
                "found": len(right),
                "picture": None if best is None else thumbnail(photos.images[best]),
                "file": None if best is None else photos.files[best],
            }
        )
    return plates


def _histograms(exploration: Exploration) -> list[tuple[str, Markup]]:
    drawn = [
        (when, channels)
        for when, channels in (("before", exploration.before), ("after", exploration.after))
        if channels
    ]
    top = max((max(values) for _, channels in drawn for values in channels), default=1.0)
    return [(when, charts.histograms(channels, when, top)) for when, channels in drawn]
