"""The figures of the exploration, each painted once: into the page as SVG, beside it as PNG."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bestiary.report import plot

Ink = Mapping[str, str]
Paint = Callable[[Axes, Ink], None]

# What the page's colour tokens are on white paper.
_ON_PAPER = {
    plot.RED: "#b3261e",
    plot.GREEN: "#2e7d32",
    plot.BLUE: "#1f5fa8",
    plot.ACCENT: "#2c6148",
    plot.WARM: "#9a5410",
}
_CHANNELS = (("red", plot.RED, "-"), ("green", plot.GREEN, "--"), ("blue", plot.BLUE, ":"))


def colours(title: str, channels: Sequence[Sequence[float]], top: float) -> Paint:
    """Return what paints a histogram of red, green and blue; `top` is the axis's, to compare two of them."""

    def paint(axis: Axes, ink: Ink) -> None:
        for (name, token, line), channel in zip(_CHANNELS, channels, strict=True):
            edges = np.linspace(0, 255, len(channel) + 1)
            axis.plot((edges[1:] + edges[:-1]) / 2, channel, color=ink[token], linestyle=line, label=name)
        axis.set(title=title, xlabel="dark to light, 0 to 255", ylabel="share of pixels")
        axis.set(xlim=(0, 255), ylim=(0, top * 1.25))
        axis.legend(fontsize=8, ncols=3, loc="upper center")

    return paint


def counts(classes: Mapping[str, Mapping[str, int]]) -> Paint:
    """Return what paints how many photos of each class are on each side of the split."""
    names = list(classes)
    train, test = ([classes[name][side] for name in names] for side in ("train", "test"))

    def paint(axis: Axes, ink: Ink) -> None:
        axis.barh(names, train, color=ink[plot.ACCENT], label="train")
        axis.barh(names, test, left=train, color=ink[plot.WARM], label="test")
        axis.set(title="photos of each class")
        axis.invert_yaxis()
        axis.legend(fontsize=8, ncols=2, loc="lower right", bbox_to_anchor=(1, 1))

    return paint


def inline(label: str, paint: Paint) -> Markup:
    """Return a figure in the colours of the page, to put straight into it."""
    tokens = {token: token for token in _ON_PAPER}
    return plot.svg(label, lambda axes: paint(axes[0], tokens), width=3.9, height=2.3)


def save(path: Path, paints: Sequence[Paint], width: float, height: float) -> None:
    """Write figures side by side as a PNG on white; sizes are inches, at 150 dots each."""
    with mpl.rc_context({"text.parse_math": False, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(width, height), layout="constrained")
        for axis, paint in zip(figure.subplots(1, len(paints), squeeze=False)[0], paints, strict=True):
            paint(axis, _ON_PAPER)
        figure.savefig(path, dpi=150, metadata={"Software": None})
