"""The plots of a run's page: learning curves, reliability diagrams, colour histograms."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from bestiary.classifiers.recipe import Epoch
from bestiary.evaluation.calibration import Calibration
from bestiary.report import plot

_CHANNELS = (("red", plot.RED, "-"), ("green", plot.GREEN, "--"), ("blue", plot.BLUE, ":"))


def learning_curves(name: str, history: Sequence[Epoch], highest_loss: float) -> Markup:
    """Draw a training's loss and accuracy by epoch, on the photos learnt from and on those held back.

    Parameters
    ----------
    name
        Whose curves they are, for the accessible name.
    history
        At least one epoch.
    highest_loss
        Top of the loss axis, the same for all models of a page so that they can be compared.
    """
    epochs = [each.epoch for each in history]
    marker = "o" if len(epochs) < 3 else ""

    def paint(axes: Sequence[Axes]) -> None:
        for axis, measure, top in zip(axes, ("loss", "accuracy"), (highest_loss, 1.0), strict=True):
            training = [getattr(each, measure) for each in history]
            held_back = [_number(getattr(each, f"val_{measure}")) for each in history]
            axis.plot(epochs, training, color=plot.WARM, linestyle="--", marker=marker, label="learnt from")
            axis.plot(epochs, held_back, color=plot.ACCENT, marker=marker, label="held back")
            axis.set(title=measure, xlabel="epoch", ylim=(0, top * 1.04))
            axis.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        lines = axes[0].get_lines()
        axes[0].figure.legend(handles=lines, loc="outside lower center", ncols=2, fontsize=8)

    last = history[-1]
    label = (
        f"Learning curves of {name} over {len(history)} epochs: at the end loss {last.loss:.2f} and "
        f"accuracy {last.accuracy:.2f} on the photos learnt from, {_text(last.val_loss)} and "
        f"{_text(last.val_accuracy)} on those held back."
    )
    return plot.svg(label, paint, panels=2, width=3.5, height=2.2)


def reliability(name: str, calibration: Calibration) -> Markup:
    """Draw how often a model is right against how sure it says it is."""

    def paint(axes: Sequence[Axes]) -> None:
        axis = axes[0]
        axis.plot([0, 1], [0, 1], color=plot.MUTED, linestyle="--", linewidth=1.2)
        axis.annotate(
            "means what it says",
            (0.08, 0.11),
            rotation=45,
            rotation_mode="anchor",
            color=plot.MUTED,
            fontsize=8,
        )
        axis.bar(
            [(each.low + each.high) / 2 for each in calibration.bins],
            [each.accuracy for each in calibration.bins],
            width=[(each.high - each.low) * 0.86 for each in calibration.bins],
            color=plot.ACCENT,
            alpha=0.4,
        )
        for each in calibration.bins:
            middle = (each.low + each.high) / 2
            axis.annotate(str(each.count), (middle, 0.02), ha="center", fontsize=8)
        axis.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="how sure it says it is", ylabel="how often it is right")
        axis.set_aspect("equal")

    parts = "; ".join(
        f"{each.count} at {each.confidence:.2f} sure, {each.accuracy:.2f} right" for each in calibration.bins
    )
    label = f"Reliability of {name}, calibration error {calibration.ece:.2f}. Photos by confidence: {parts}."
    return plot.svg(label, paint, width=3.2, height=3.2)


def histograms(channels: Sequence[Sequence[float]], when: str, top: float) -> Markup:
    """Draw the colour histograms of all photos.

    Parameters
    ----------
    channels
        Shares from dark to light, one sequence each for red, green and blue.
    when
        ``before`` or ``after`` equalization.
    top
        Top of the axis, the same before and after.
    """

    def paint(axes: Sequence[Axes]) -> None:
        axis = axes[0]
        for shares, (name, color, line) in zip(channels, _CHANNELS, strict=True):
            edges = np.linspace(0, 255, len(shares) + 1)
            axis.plot((edges[1:] + edges[:-1]) / 2, shares, color=color, linestyle=line, label=name)
        axis.set(
            xlabel="dark to light, 0 to 255", ylabel="share of pixels", ylim=(0, top * 1.25), xlim=(0, 255)
        )
        axis.legend(fontsize=8, ncols=3, loc="upper center")

    return plot.svg(f"Colour histograms of all photos {when} equalization.", paint, width=3.9, height=2.2)


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _text(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.2f}"
