"""Pages of stylized pictures, each a single HTML file that needs nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bestiary.evaluation.units import duration, size
from bestiary.report import frame, plot
from bestiary.report.pictures import thumbnail
from bestiary.style.charts import loss_curves, plain_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    import numpy as np
    from markupsafe import Markup
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from bestiary.style.objective import Losses
    from bestiary.style.stylizing import Result

    Pixels = NDArray[np.uint8]

_LARGE = 1000
_SMALL = 420


@dataclass(frozen=True)
class Painting:
    """A painting, what people call it, and its share in the style, 0 to 1."""

    name: str
    image: Pixels
    share: float


@dataclass(frozen=True)
class Candidate:
    """A picture to look at: how it was made, what came out, and its losses, measured as all others' are."""

    name: str
    result: Result
    losses: Losses


@dataclass(frozen=True)
class Subject:
    """What all pictures of a page have in common.

    Attributes
    ----------
    title
        What people call the photo.
    content
        The photo.
    styles
        The paintings.
    network
        Name of the feature network that measured.
    written
        When, with a time zone.
    """

    title: str
    content: Pixels
    styles: Sequence[Painting]
    network: str
    written: datetime


@dataclass(frozen=True)
class Row:
    """A row of a style report: a method and a painting, candidates from content-heavy to style-heavy."""

    title: str
    candidates: Sequence[Candidate]


def compare(subject: Subject, candidates: Sequence[Candidate], untouched: Losses) -> str:
    """Write the page that compares methods.

    Parameters
    ----------
    subject
        What was painted.
    candidates
        One a method.
    untouched
        Losses of the photo itself, to compare with.
    """
    rows = [
        _row("Content loss", "", candidates, lambda each: each.losses.content, "{:.3f}".format),
        _row("Style loss", "", candidates, lambda each: each.losses.style, "{:.4f}".format),
        _row("Roughness", "", candidates, lambda each: each.losses.variation, "{:.2f}".format, ranked=False),
        _row("Time", "models already open", candidates, lambda each: each.result.seconds, duration),
        _row("Memory", "at most, above what models take", candidates, lambda each: each.result.memory, size),
    ]
    photo = (f"{untouched.content:.3f}", f"{untouched.style:.4f}", f"{untouched.variation:.2f}", "", "")
    for row, text in zip(rows, photo, strict=True):
        row["cells"].insert(0, {"text": text, "best": False})  # type: ignore[attr-defined]
    curves = [loss_curves(each.result.history) for each in candidates if each.result.history]
    return _render(
        "compare.html",
        subject,
        candidates,
        manner=" and ".join(style.name for style in subject.styles),
        results=[
            {
                "name": each.name,
                "about": f"{each.result.image.shape[1]} × {each.result.image.shape[0]}, "
                f"{duration(each.result.seconds)}",
                "picture": thumbnail(each.result.image, _LARGE),
            }
            for each in candidates
        ],
        columns=["the photo", *(each.name for each in candidates)],
        rows=rows,
        curves=curves[0] if curves else "",
    )


def report(subject: Subject, rows: Sequence[Row]) -> str:
    """Write the page of a grid of weights."""
    grid = [
        {
            "title": row.title,
            "cells": [
                {
                    "caption": each.name,
                    "figures": f"content {each.losses.content:.2f}, style {each.losses.style:.3f}",
                    "picture": thumbnail(each.result.image, _SMALL),
                }
                for each in row.candidates
            ],
        }
        for row in rows
    ]
    candidates = [each for row in rows for each in row.candidates]
    return _render("report.html", subject, candidates, grid=grid, trade=_trade(rows))


def _render(template: str, subject: Subject, candidates: Sequence[Candidate], **values: object) -> str:
    warnings = dict.fromkeys(warning for each in candidates for warning in each.result.warnings)
    page = frame.environment("bestiary.style", "bestiary.style/page.css").get_template(template)
    return page.render(
        title=subject.title,
        content=thumbnail(subject.content, _LARGE),
        styles=[
            {
                "name": style.name,
                "picture": thumbnail(style.image, _LARGE),
                "share": f"{100 * style.share:.0f} % of the style" if len(subject.styles) > 1 else "",
            }
            for style in subject.styles
        ],
        network=subject.network,
        warnings=list(warnings),
        written=subject.written.strftime("%d %B %Y, %H:%M %Z"),
        **values,
    )


def _row(  # noqa: PLR0913 - a row's parts
    title: str,
    note: str,
    candidates: Sequence[Candidate],
    value: Callable[[Candidate], float | None],
    text: Callable[[float], str],
    *,
    ranked: bool = True,
) -> dict[str, object]:
    values = [value(each) for each in candidates]
    known = [one for one in values if one is not None]
    cells = [
        {
            "text": "not measured" if one is None else text(one),
            "best": ranked and len(known) > 1 and one == min(known) and max(known) > min(known),
        }
        for one in values
    ]
    return {"title": title, "note": note, "cells": cells}


def _trade(rows: Sequence[Row]) -> Markup:
    def paint(axes: Sequence[Axes]) -> None:
        colours = (plot.ACCENT, plot.WARM, plot.COOL, plot.RED)
        for index, row in enumerate(rows):
            content = [each.losses.content for each in row.candidates]
            style = [each.losses.style for each in row.candidates]
            colour = colours[index % len(colours)]
            axes[0].plot(content, style, color=colour, marker="o", markersize=4, label=row.title)
        axes[0].set(xlabel="content loss", ylabel="style loss", yscale="log")
        plain_numbers(axes[0])
        axes[0].legend(fontsize=8)

    parts = "; ".join(
        f"{row.title}: "
        + ", ".join(f"{each.losses.content:.2f} and {each.losses.style:.3f}" for each in row.candidates)
        for row in rows
    )
    return plot.svg(f"Content loss and style loss. {parts}.", partial(paint), width=6.0, height=3.0)
