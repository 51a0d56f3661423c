"""What the IUCN Red List says of an animal, as far as a label names it."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

CATEGORIES = ("LC", "NT", "VU", "EN", "CR")
"""The categories of living wild animals, from Least Concern to Critically Endangered."""


@dataclass(frozen=True)
class Conservation:
    """The conservation status behind a label.

    Attributes
    ----------
    extent
        ``species``: the label is one species, which has one category. ``group``: it is a family or larger,
        whose species differ. ``domestic``: no wild animal; the Red List does not assess those.
        ``unassessed``: a group of which hardly any species is assessed.
    categories
        Those that its living species are in, of `CATEGORIES` and in that order: one for a species, none where
        nothing is assessed.
    year
        When it was assessed, or for a group of what year its species' categories are; 0 without categories.
    source
        The assessment or publication, for people to check.
    url
        Where it can be read.
    """

    extent: Literal["species", "group", "domestic", "unassessed"]
    source: str
    url: str
    categories: tuple[str, ...] = ()
    year: int = 0


@cache
def known_conservation() -> dict[str, Conservation]:
    """Return the status of the ten animals that Bestiary knows, by label."""
    table = json.loads(files("bestiary.poster").joinpath("conservation.json").read_text(encoding="utf-8"))
    return {
        label: Conservation(**{**row, "categories": tuple(row.get("categories", ()))})
        for label, row in table.items()
    }
