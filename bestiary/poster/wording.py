"""The words on a poster, in the languages it is offered in."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bestiary.poster.conservation import Conservation, known_conservation
from bestiary.poster.errors import PosterError
from bestiary.poster.text import clean
from bestiary.species import known_species, species

RIGHT_TO_LEFT = {"ar"}


@dataclass(frozen=True)
class Wording:
    """Everything a poster says by itself, in one language.

    Attributes
    ----------
    language
        ISO 639-1 code.
    names
        Common names by label, as in running text.
    lines
        One sentence about each animal, by label.
    categories
        The Red List's categories by their two letters.
    several
        Title of a poster with several animals.
    call
        The call to act.
    varies, range, domestic, domestic_note, unassessed, unassessed_note, unknown, assessed, as_of, red_list
        What is said of a status; ``{lowest}``, ``{highest}`` and ``{year}`` stand for what they name.
    """

    language: str
    names: dict[str, str]
    lines: dict[str, str]
    categories: dict[str, str]
    several: str
    call: str
    varies: str
    range: str
    domestic: str
    domestic_note: str
    unassessed: str
    unassessed_note: str
    unknown: str
    assessed: str
    as_of: str
    red_list: str


@dataclass(frozen=True)
class Entry:
    """One animal as a poster presents it.

    Attributes
    ----------
    label
        The class folder's name.
    common
        Its name in the poster's language, with a capital where the script has them.
    scientific
        Empty where it is not known.
    line
        A sentence about it; empty where there is none.
    headline, note
        Its conservation status, and where that is from.
    categories
        Those to mark on the scale, of `bestiary.poster.conservation.CATEGORIES`.
    """

    label: str
    common: str
    scientific: str
    line: str
    headline: str
    note: str
    categories: tuple[str, ...]


def languages() -> tuple[str, ...]:
    """List the languages that posters speak, by their codes."""
    folder = files("bestiary.poster").joinpath("words")
    return tuple(sorted(file.name.removesuffix(".json") for file in folder.iterdir()))


@cache
def wording(language: str) -> Wording:
    """Return the words of one language.

    Raises
    ------
    PosterError
        Where there are none.
    """
    if language not in languages():
        raise PosterError(f"there are no words in {language!r}: choose one of {', '.join(languages())}")
    file = files("bestiary.poster").joinpath("words", f"{language}.json")
    return Wording(language=language, **json.loads(file.read_text(encoding="utf-8")))


def entry(label: str, language: str) -> Entry:
    """Put together what a poster says of an animal; of a label that nobody knows, its own words."""
    words = wording(language)
    animal = species(label)
    known = label.lower()
    common = words.names.get(known, animal.common)
    status = known_conservation().get(known)
    headline, note = _status(status, words)
    return Entry(
        label=label,
        common=common[:1].upper() + common[1:],
        scientific=animal.scientific,
        line=words.lines.get(known, ""),
        headline=headline,
        note=note,
        categories=status.categories if status else (),
    )


def label_of(name: str, language: str) -> str:
    """Return the label that people mean by a name, common or scientific; of an unknown animal, its name."""
    meant = clean(name).casefold()
    names = wording(language).names
    for label, animal in known_species().items():
        called = {label, animal.common, animal.scientific, names.get(label, "")}
        if meant in {one.casefold() for one in called}:
            return label
    return clean(name)


def _status(status: Conservation | None, words: Wording) -> tuple[str, str]:
    if status is None:
        return words.unknown, ""
    if status.extent == "domestic":
        return words.domestic, words.domestic_note
    if status.extent == "unassessed":
        return words.unassessed, words.unassessed_note
    if status.extent == "group":
        lowest, highest = (words.categories[status.categories[end]] for end in (0, -1))
        span = words.range.format(lowest=lowest, highest=highest)
        return words.varies, f"{span}\n{words.as_of.format(year=status.year)}"
    return words.categories[status.categories[0]], words.assessed.format(year=status.year)
