"""The exploration page: what was prepared, what was left out, and what to watch for."""

from collections.abc import Mapping, Sequence

from bestiary.dataset import Dataset
from bestiary.explore.examples import Example
from bestiary.explore.figures import Paint, inline
from bestiary.explore.measures import Summary
from bestiary.report import frame

_LISTED = 200
_OUTSTANDING = 0.12


def render(
    dataset: Dataset,
    summaries: Mapping[str, Summary],
    examples: Mapping[str, Sequence[Example]],
    colours: Mapping[str, Paint],
) -> str:
    """Return the page as HTML that needs nothing else; names of files and classes are escaped.

    Parameters
    ----------
    dataset
        What the page is about.
    summaries, examples
        Of each class.
    colours
        Figures by what they show.
    """
    template = frame.environment("bestiary.explore").get_template("exploration.html")
    return template.render(
        data=dataset,
        summaries=summaries,
        examples=examples,
        largest=max(sum(counts.values()) for counts in dataset.counts.values()),
        light=outstanding(summaries),
        colours=[inline(label, paint) for label, paint in colours.items()],
        listed=_LISTED,
    )


def outstanding(summaries: Mapping[str, Summary]) -> list[str]:
    """Name the classes whose light or size alone might give them away to a model."""
    brightness = {label: summary.brightness for label, summary in summaries.items()}
    middle = sorted(brightness.values())[len(brightness) // 2]
    notes = [
        f"{label} is much {'brighter' if value > middle else 'darker'} than the other classes"
        for label, value in brightness.items()
        if abs(value - middle) > _OUTSTANDING
    ]
    pixels = {label: summary.width * summary.height for label, summary in summaries.items()}
    usual = sorted(pixels.values())[len(pixels) // 2]
    return notes + [
        f"the photos of {label} are much {'larger' if value > usual else 'smaller'} than the others"
        for label, value in pixels.items()
        if not usual / 4 <= value <= usual * 4
    ]
