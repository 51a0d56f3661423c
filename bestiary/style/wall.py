"""A page of photos in the manner of paintings, by several methods: one HTML file that needs nothing else."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bestiary.evaluation.units import duration
from bestiary.report import frame
from bestiary.report.pictures import thumbnail

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

    from bestiary.style.page import Candidate, Painting

    Pixels = NDArray[np.uint8]

_SIDE = 420


@dataclass(frozen=True)
class Hung:
    """A photo and what became of it.

    Attributes
    ----------
    name
        What people call the photo.
    image
        The photo.
    results
        By method: one candidate a painting, in the paintings' order.
    """

    name: str
    image: Pixels
    results: Mapping[str, Sequence[Candidate]]


def wall(photos: Sequence[Hung], paintings: Sequence[Painting], network: str, written: datetime) -> str:
    """Write the page: a section a photo, a row a method, a column a painting.

    Parameters
    ----------
    photos
        With their results.
    paintings
        In the order of the results.
    network
        Name of the feature network that measured.
    written
        When, with a time zone.
    """
    page = frame.environment("bestiary.style", "bestiary.style/page.css").get_template("wall.html")
    candidates = [each for photo in photos for row in photo.results.values() for each in row]
    return page.render(
        photos=[
            {"name": photo.name, "picture": thumbnail(photo.image, _SIDE), "rows": _rows(photo, paintings)}
            for photo in photos
        ],
        paintings=[{"name": one.name, "picture": thumbnail(one.image, _SIDE)} for one in paintings],
        network=network,
        warnings=list(dict.fromkeys(warning for each in candidates for warning in each.result.warnings)),
        written=written.strftime("%d %B %Y, %H:%M %Z"),
    )


def _rows(photo: Hung, paintings: Sequence[Painting]) -> list[dict[str, object]]:
    return [
        {
            "name": name,
            "about": f"{duration(statistics.median(each.result.seconds for each in row))} a picture",
            "cells": [
                {
                    "manner": painting.name,
                    "picture": thumbnail(each.result.image, _SIDE),
                    "figures": f"content {each.losses.content:.2f}, style {each.losses.style:.3f}",
                }
                for each, painting in zip(row, paintings, strict=True)
            ],
        }
        for name, row in photo.results.items()
    ]
