"""Drawings of a painting's course: its losses, and its pictures on one sheet."""

from __future__ import annotations

import itertools
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from bestiary.style import pictures

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from markupsafe import Markup
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from bestiary.style.state import Record

    Pixels = NDArray[np.uint8]

_COLUMNS = 4
_CELL = 320
_MOST = 12
_CAPTION = 22


def loss_plot(history: Sequence[Record]) -> bytes:
    """Draw the losses as a PNG file: total, content and style over steps, on a scale of powers of ten."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), dpi=120, layout="constrained")
    axis = figure.subplots()
    _curves(
        axis, history, {"total": "#222222", "content": "#2c6148", "style": "#9a5410"}, "#cccccc", "#555555"
    )
    buffer = BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def loss_curves(history: Sequence[Record]) -> Markup:
    """Draw the losses as an SVG for a page."""
    from bestiary.report import plot

    def paint(axes: Sequence[Axes]) -> None:
        colours = {"total": plot.INK, "content": plot.ACCENT, "style": plot.WARM}
        _curves(axes[0], history, colours, plot.LINE, plot.MUTED)

    first, last = history[0], history[-1]
    label = (
        f"Losses over {len(history)} steps: the total falls from {first.total:.3g} at {first.side} pixels "
        f"to {last.total:.3g} at {last.side}."
    )
    return plot.svg(label, paint, width=6.0, height=2.6)


def _curves(axis: Axes, history: Sequence[Record], colours: dict[str, str], line: str, muted: str) -> None:
    steps = [record.step for record in history]
    for name, colour in colours.items():
        values = [max(getattr(record, name), 1e-6) for record in history]
        axis.plot(steps, values, color=colour, label=name, linewidth=1.8)
    for before, after in itertools.pairwise(history):
        if before.side != after.side:
            axis.axvline(after.step - 0.5, color=line, linewidth=1)
            axis.annotate(
                f"{after.side} px",
                (after.step, 1.0),
                xycoords=("data", "axes fraction"),
                xytext=(2, -10),
                textcoords="offset points",
                fontsize=8,
                color=muted,
            )
    axis.set(xlabel="step", ylabel="loss", yscale="log")
    plain_numbers(axis)
    axis.legend(fontsize=8, frameon=False)


def plain_numbers(axis: Axes) -> None:
    """Write a logarithmic axis as people read numbers: 0.05, 0.1, 0.2…."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.yaxis.set_minor_formatter(NullFormatter())


def contact_sheet(steps: Sequence[Path], finished: Pixels) -> bytes:
    """Lay snapshots on one PNG, evenly chosen where there are many, the finished picture last."""
    chosen = [
        steps[index] for index in np.linspace(0, len(steps) - 1, min(_MOST - 1, len(steps))).astype(int)
    ]
    cells = [(_opened(path), f"step {int(path.stem.removeprefix('step-'))}") for path in chosen]
    cells.append((finished, "finished"))
    height, width = pictures.scaled_shape(finished.shape, _CELL)
    columns = min(_COLUMNS, len(cells))
    rows = -(-len(cells) // columns)
    sheet = Image.new("RGB", (columns * (width + 8) + 8, rows * (height + _CAPTION + 8) + 8), "#fbf9f4")
    draw = ImageDraw.Draw(sheet)
    for index, (image, caption) in enumerate(cells):
        left = 8 + index % columns * (width + 8)
        top = 8 + index // columns * (height + _CAPTION + 8)
        sheet.paste(Image.fromarray(pictures.resized(image, (height, width))), (left, top))
        draw.text((left, top + height + 4), caption, fill="#1d2621", font_size=14)
    return pictures.encoded(np.asarray(sheet))


def _opened(path: Path) -> Pixels:
    with Image.open(path) as image:
        return np.array(image.convert("RGB"), np.uint8)
