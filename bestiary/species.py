"""What the labels of a dataset mean: common and scientific names."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Species:
    """An animal, as precisely as a label says.

    Attributes
    ----------
    label
        The class folder's name.
    common
        The English name.
    scientific
        The accepted name of the species, or of the family or larger group where the label is no finer; empty
        where it is not known.
    """

    label: str
    common: str
    scientific: str


@cache
def known_species() -> dict[str, Species]:
    """Return the ten species of the sample and of the original report, by label."""
    names = json.loads(files("bestiary").joinpath("species.json").read_text(encoding="utf-8"))
    return {label: Species(label, name["common"], name["scientific"]) for label, name in names.items()}


def species(label: str) -> Species:
    """Return what is known of a label; of an unknown one, its words and no scientific name."""
    words = label.replace("_", " ").replace("-", " ").strip()
    return known_species().get(label.lower()) or Species(label, words or label, "")
