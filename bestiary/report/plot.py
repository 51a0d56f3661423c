"""Matplotlib plots as inline SVG in the colours of the page: one plot serves light, dark and print."""

import io
import re
from collections.abc import Callable, Sequence
from typing import Final

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Stand-ins that no plot uses otherwise; each becomes the page's CSS variable of that name.
INK: Final = "#000001"
MUTED: Final = "#000002"
LINE: Final = "#000003"
ACCENT: Final = "#000004"
WARM: Final = "#000005"
COOL: Final = "#000006"
RED: Final = "#000007"
GREEN: Final = "#000008"
BLUE: Final = "#000009"
_VARIABLES: Final = {
    INK: "--ink",
    MUTED: "--muted",
    LINE: "--line",
    ACCENT: "--accent",
    WARM: "--warm",
    COOL: "--cool",
    RED: "--red",
    GREEN: "--green",
    BLUE: "--blue",
}


def svg(
    label: str,
    paint: Callable[[Sequence[Axes]], None],
    *,
    panels: int = 1,
    width: float = 3.6,
    height: float = 2.3,
) -> Markup:
    """Draw plots side by side and give them as one ``<svg role="img">`` to put straight into HTML.

    Parameters
    ----------
    label
        What the plot shows, for those who cannot see it; becomes the accessible name, escaped.
    paint
        Draws into the axes it gets, one a panel, with this module's colours.
    panels
        How many plots stand side by side, at least 1.
    width, height
        Size of the whole in inches; the page scales it to the room it has.
    """
    with mpl.rc_context():
        _style()
        mpl.rc("svg", fonttype="none", hashsalt=label)
        figure = Figure(figsize=(width, height), layout="constrained")
        paint(list(figure.subplots(1, panels, squeeze=False)[0]))
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    return _inline(buffer.getvalue(), label)


def _style() -> None:
    mpl.rc("font", size=9.0)
    mpl.rc("text", color=INK, parse_math=False)
    mpl.rc("figure", facecolor="none")
    mpl.rc("axes", facecolor="none", edgecolor=MUTED, labelcolor=MUTED, grid=True, axisbelow=True)
    mpl.rc("axes", titlecolor=INK, titlesize=9.5, titlelocation="left")
    mpl.rc("axes.spines", top=False, right=False)
    mpl.rc("grid", color=LINE, linewidth=0.6)
    mpl.rc("xtick", color=MUTED)
    mpl.rc("ytick", color=MUTED)
    mpl.rc("legend", frameon=False)
    mpl.rc("lines", linewidth=1.8)


def _inline(document: str, label: str) -> Markup:
    opening, body = document[document.index("<svg") :].split(">", maxsplit=1)
    view_box = re.search(r'viewBox="([^"]*)"', opening)
    # Matplotlib's <style> would reach the whole page, its groups' ids would repeat from plot to plot, and its
    # fonts are those of the machine that draws, not of the one that reads.
    body = re.sub(r"<(style|metadata).*?</\1>", "", body, flags=re.DOTALL)
    body = re.sub(r" font-family: [^;\"]*;", "", body)
    body = re.sub(r'<(g|text) id="[^"]*"', r"<\1", body)
    for stand_in, variable in _VARIABLES.items():
        body = body.replace(stand_in, f"var({variable})")
    tag = Markup('<svg class="plot" role="img" aria-label="{}" viewBox="{}">')
    return tag.format(label, view_box.group(1) if view_box else "0 0 1 1") + Markup(body)  # noqa: S704 - its text was escaped by matplotlib
