"""What the templates are given: everything on a poster, worked out and plain enough for JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bestiary.poster.page import Cell, Page
from bestiary.poster.palette import Palette
from bestiary.poster.text import clean, pieces, shown_address, tightens
from bestiary.poster.wording import RIGHT_TO_LEFT, Entry, entry, wording


@dataclass(frozen=True)
class Wish:
    """What a person wants said, as `bestiary.poster.poster.Poster` has it."""

    language: str
    title: str
    call: str
    url: str
    credits: str


def said(labels: Sequence[str], wish: Wish) -> dict[str, Any]:
    """Put a poster's words together.

    Parameters
    ----------
    labels
        The animal of each picture.
    wish
        What takes the place of the usual words.
    """
    words = wording(wish.language)
    entries = [entry(label, wish.language) for label in dict.fromkeys(labels)]
    alone = entries[0] if len(entries) == 1 else None
    title = clean(wish.title) or (alone.common if alone else words.several)
    names = _names(title, alone)
    line = alone.line if alone else ""
    call = clean(wish.call) or words.call
    return {
        "language": wish.language,
        "right_to_left": wish.language in RIGHT_TO_LEFT,
        "plain": title.isascii(),
        "tightens": tightens(f"{title} {line} {call}"),
        "entries": [{**asdict(one), "notes": one.note.split("\n") if one.note else []} for one in entries],
        "title": _words(title),
        "names": names,
        "naming": _words(" ".join(filter(None, names or []))),
        "line": _words(line),
        "status": _words(f"{alone.headline}\n{alone.note}" if alone else ""),
        "red_list": words.red_list,
        "call": _words(call),
        "url": {"full": wish.url, "shown": _words(shown_address(wish.url))} if wish.url else None,
        "credits": _words(clean(wish.credits)),
    }


def laid_out(page: Page, places: Sequence[Cell], palette: Palette, labels: Sequence[str]) -> dict[str, Any]:
    """Say where the pictures stand, and in which colours the rest is; lengths are in millimetres."""
    return {
        "width": page.width,
        "height": page.height,
        "unit": page.unit,
        "square": page.square,
        "palette": asdict(palette),
        "cells": [{**asdict(place), "label": label} for place, label in zip(places, labels, strict=True)],
        "frame": asdict(_around(places)),
    }


def _words(text: str) -> dict[str, Any]:
    return {"text": text, "pieces": pieces(text)}


def _names(title: str, animal: Entry | None) -> list[str] | None:
    """Common and scientific name as they stand below the title, which may be one of them already."""
    if animal is None:
        return None
    common = "" if title.casefold() == animal.common.casefold() else animal.common
    return [common, animal.scientific] if common or animal.scientific else None


def _around(places: Sequence[Cell]) -> Cell:
    left, top = min(place.left for place in places), min(place.top for place in places)
    right = max(place.left + place.width for place in places)
    bottom = max(place.top + place.height for place in places)
    return Cell(left, top, right - left, bottom - top)
