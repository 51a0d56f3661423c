"""The plots of a monitor's page: the baseline in the background, the window in front of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

from bestiary.drift.points import evened
from bestiary.report import plot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from markupsafe import Markup
    from matplotlib.axes import Axes

    from bestiary.drift.sample import Column

_BINS = 24
_CHANNELS = (("red", plot.RED), ("green", plot.GREEN), ("blue", plot.BLUE))
_DOTS = 400


def distribution(title: str, before: Column, after: Column, *, drifted: bool) -> Markup:
    """Draw how a number is spread in the baseline and in the window."""
    # A few wild values must not squeeze all others into one bar.
    low, high = np.percentile(np.concatenate([before, after]), [0.5, 99.5])
    edges = np.linspace(low, high if high > low else low + 1, _BINS + 1)

    def paint(axes: Sequence[Axes]) -> None:
        axis = axes[0]
        for column, color, style in ((before, plot.MUTED, "fill"), (after, _color(drifted=drifted), "line")):
            shares = np.histogram(np.clip(column, edges[0], edges[-1]), edges)[0] / len(column)
            if style == "fill":
                axis.stairs(shares, edges, fill=True, color=color, alpha=0.3)
            else:
                axis.stairs(shares, edges, color=color, linewidth=2)
        axis.axvline(float(np.median(before)), color=plot.MUTED, linestyle=":", linewidth=1.4)
        axis.axvline(float(np.median(after)), color=_color(drifted=drifted), linestyle="--", linewidth=1.4)
        axis.set_yticks([])
        axis.set(title=title)

    label = (
        f"{title}: median {np.median(after):.3g} in the window, {np.median(before):.3g} in the baseline, "
        f"half of the window between {np.percentile(after, 25):.3g} and {np.percentile(after, 75):.3g}."
    )
    return plot.svg(label, paint, width=2.7, height=1.7)


def colours(before: Column, after: Column) -> Markup:
    """Draw the mean colour histograms; the columns hold cumulative shares, as `Sample` does."""

    def shares(column: Column) -> Column:
        steps = column.mean(axis=0).reshape(3, -1)
        return np.diff(np.hstack([np.zeros((3, 1)), steps, np.ones((3, 1))]), axis=1)

    def paint(axes: Sequence[Axes]) -> None:
        for axis, (name, color), usual, seen in zip(
            axes, _CHANNELS, shares(before), shares(after), strict=True
        ):
            edges = np.linspace(0, 255, len(usual) + 1)
            axis.stairs(usual, edges, fill=True, color=plot.MUTED, alpha=0.3)
            axis.stairs(seen, edges, color=color, linewidth=2)
            axis.set(title=name, xticks=[0, 128, 255], yticks=[])

    return plot.svg(
        "Shares of pixels from dark to light in red, green and blue.", paint, panels=3, width=9.4, height=1.7
    )


def cloud(before: Column, after: Column, title: str) -> Markup:
    """Draw photos as points on the two directions in which they differ most."""
    before, after = before[:_DOTS], after[:_DOTS]
    points = evened(np.concatenate([before, after]))[:, :2]
    first, second = points[: len(before)], points[len(before) :]

    def paint(axes: Sequence[Axes]) -> None:
        axis = axes[0]
        axis.scatter(first[:, 0], first[:, 1], s=11, color=plot.MUTED, alpha=0.35, linewidths=0)
        axis.scatter(second[:, 0], second[:, 1], s=13, color=plot.WARM, alpha=0.75, linewidths=0)
        axis.set(title=title, xticks=[], yticks=[])

    if points.shape[1] < 2:
        points = np.hstack([points, np.zeros((len(points), 2 - points.shape[1]))])
        first, second = points[: len(before)], points[len(before) :]
    label = f"{title}: each photo a dot, {len(second)} of the window among {len(first)} of the baseline."
    return plot.svg(label, paint, width=3.5, height=2.6)


def volume(hours: Mapping[datetime, int]) -> Markup:
    """Draw requests by the hour."""
    ordered = sorted(hours)

    def paint(axes: Sequence[Axes]) -> None:
        axis = axes[0]
        axis.bar(ordered, [hours[hour] for hour in ordered], width=1 / 26, align="edge", color=plot.COOL)  # type: ignore[arg-type]  # matplotlib takes times, its types do not
        locator = AutoDateLocator(maxticks=8)  # type: ignore[no-untyped-call]
        axis.xaxis.set_major_locator(locator)
        axis.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
        axis.set(ylabel="requests an hour")
        axis.locator_params(axis="y", integer=True, nbins=4)

    busiest = max(hours, key=lambda hour: hours[hour])
    label = f"Requests by the hour: {sum(hours.values())} in all, most at {busiest:%Y-%m-%d %H:00}."
    return plot.svg(label, paint, width=9.4, height=1.5)


def _color(*, drifted: bool) -> str:
    return plot.RED if drifted else plot.ACCENT
