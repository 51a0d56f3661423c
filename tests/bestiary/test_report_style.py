"""The shared look is readable: contrast as WCAG 2.2 AA asks for, in the light, in the dark and printed."""

import re
from pathlib import Path

import pytest

import bestiary.report

WHERE = [":root", "prefers-color-scheme: dark", "@media print"]
Colour = tuple[float, ...]
STYLE = Path(bestiary.report.__file__).with_name("style.css").read_text("utf-8")


def tokens(where: str) -> dict[str, Colour]:
    """Read the colours of the first ``:root`` block after a text."""
    block = re.search(r":root \{(.*?)\}", STYLE[STYLE.index(where) :], flags=re.DOTALL).group(1)
    colours = {
        name: tuple(bytes.fromhex(value)) for name, value in re.findall(r"--([\w-]+): #([0-9a-f]{6});", block)
    }
    return colours | {
        name: tuple(map(int, value.split()))
        for name, value in re.findall(r"--([\w-]+): (\d+ \d+ \d+);", block)
    }


def luminance(colour: Colour) -> float:
    channels = [value / 255 for value in colour]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def laid(colour: Colour, on: Colour, alpha: float) -> Colour:
    return tuple(alpha * above + (1 - alpha) * below for above, below in zip(colour, on, strict=True))


@pytest.mark.parametrize("where", WHERE)
def test_text_stands_out_from_what_is_behind_it(where: str) -> None:
    """4.5 to 1 for text, also on the shaded cells of a confusion matrix at full strength."""
    colour = tokens(":root") | tokens(where)

    for text, grounds in {
        "ink": ("paper", "card", "accent-soft", "warm-soft", "bad-soft"),
        "muted": ("paper", "card"),
        "accent": ("paper", "card", "accent-soft"),
        "warm": ("paper", "card", "warm-soft"),
        "bad": ("paper", "card", "bad-soft"),
    }.items():
        for ground in grounds:
            assert contrast(colour[text], colour[ground]) >= 4.5, (text, ground)
    assert contrast(colour["ink"], laid(colour["heat"], colour["paper"], 0.5)) >= 4.5
    assert contrast(colour["ink"], laid(colour["heat-wrong"], colour["paper"], 0.54)) >= 4.5


@pytest.mark.parametrize("where", WHERE)
def test_lines_of_plots_stand_out(where: str) -> None:
    """3 to 1 for graphics."""
    colour = tokens(":root") | tokens(where)

    for line in ("accent", "warm", "cool", "red", "green", "blue", "muted"):
        assert contrast(colour[line], colour["paper"]) >= 3, line


def test_paper_is_printed_in_the_colours_of_the_light_page() -> None:
    """Who reads in the dark still prints dark ink on white: the dark colours are for screens only."""
    assert "@media screen and (prefers-color-scheme: dark)" in STYLE
    assert tokens("@media print").keys() <= tokens(":root").keys()
    assert tokens("@media print")["paper"] == (255, 255, 255)
