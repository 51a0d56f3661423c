"""What a stylizer is asked for a poster: photos, paintings to paint them like, and what the page says."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from bestiary.poster.page import MOST_PICTURES, PAGES, Layout
from bestiary.poster.wording import languages
from inference.errors import Refusal
from inference.forms import weighed
from inference.style_requests import MOST_STYLES, Settings, Strict, parsed, valid

LONGEST_TEXT = 300
SIDE = 1024
"""Longest side of what is painted, in pixels: strokes stay strokes when paper makes them larger."""


class Page(Strict):
    """What a poster says, and on which page."""

    species: list[str] = Field(
        min_length=1, max_length=MOST_PICTURES, description="The animal: once, or once a photo."
    )
    size: str = Field("a4", json_schema_extra={"enum": list(PAGES)})
    layout: Layout = "full"
    language: str = Field("en", json_schema_extra={"enum": list(languages())})
    title: str = Field("", max_length=LONGEST_TEXT, description="Instead of the animal's name.")
    call: str = Field("", max_length=LONGEST_TEXT, description="Instead of the usual call to act.")
    url: str = Field("", max_length=LONGEST_TEXT, description="Where people can act; also a QR code.")
    credits: str = Field("", max_length=LONGEST_TEXT, description="Who made photo, painting and poster.")
    focus: float | None = Field(
        None, ge=0, le=1, description="What to keep of photos that are cut: 0 left or top, 1 right or bottom."
    )


@dataclass(frozen=True)
class Asked:
    """One poster to make.

    Attributes
    ----------
    photos
        One to six, as files.
    styles
        Paintings, as files, each with its weight; none leaves the photos as they are.
    settings
        How to paint.
    page
        What is on it besides.
    """

    photos: tuple[bytes, ...]
    styles: tuple[tuple[bytes, float], ...]
    settings: Settings
    page: Page


def of_form(found: dict[str, list[bytes]]) -> Asked:
    """Read a form's fields: ``photo`` and ``poster``; ``style``, ``weight``, ``settings`` as for a picture.

    Raises
    ------
    Refusal
        400: it makes no sense; the line says what does not.
    """
    if strange := set(found) - {"photo", "style", "weight", "settings", "poster"}:
        raise Refusal(
            400,
            f"the form has a field {min(strange)!r}: a poster's takes photo, style, weight, settings, poster",
        )
    photos, styles, settings, pages = (
        found.get(name, []) for name in ("photo", "style", "settings", "poster")
    )
    if not 1 <= len(photos) <= MOST_PICTURES or len(styles) > MOST_STYLES:
        raise Refusal(
            400,
            f"a poster's form needs 1 to {MOST_PICTURES} times photo, and style {MOST_STYLES} times at most",
        )
    if len(pages) != 1 or len(settings) > 1:
        raise Refusal(400, "a poster's form needs poster once, and settings once at most")
    page = valid(Page, parsed(pages[0], "poster"))
    _check(page, len(photos))
    painting = {"size": SIDE, **(parsed(settings[0], "settings") if settings else {})}
    return Asked(tuple(photos), weighed(styles, found.get("weight", [])), valid(Settings, painting), page)


def _check(page: Page, photos: int) -> None:
    if len(page.species) not in {1, photos}:
        raise Refusal(
            400, f"species: there are {len(page.species)} for {photos} photos: name one, or one a photo"
        )
    for name, value, choices in (
        ("size", page.size, tuple(PAGES)),
        ("language", page.language, languages()),
    ):
        if value not in choices:
            raise Refusal(400, f"{name}: {value} is none of {', '.join(choices)}")
