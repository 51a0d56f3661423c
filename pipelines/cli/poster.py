"""``bestiary poster``: photos of animals as something one hangs on a wall."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from bestiary.poster.errors import PosterError
from bestiary.poster.page import LAYOUTS, MOST_PICTURES, PAGES, Kind, Layout
from bestiary.poster.wording import entry, label_of, languages
from pipelines.classification.answers import Answer
from pipelines.cli import options
from pipelines.cli.output import answer_json, answers, say
from pipelines.errors import OperatorError, UsageError
from pipelines.pictures import read_picture
from pipelines.place import Place, open_place
from pipelines.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bestiary.poster.poster import Made

    Pixels = NDArray[np.uint8]

COARSE_DPI = 150
"""Below this many dots an inch one sees that a photo was too small."""
Named = tuple[str, float | None]
"""A label, and how sure the endpoint was of it."""


def poster(  # noqa: PLR0913, PLR0917 - one argument an option
    images: Annotated[
        list[str],
        typer.Argument(metavar="IMAGE…", help=f"1 to {MOST_PICTURES} photos: files, s3://… or https://…"),
    ],
    out: Annotated[Path, typer.Option(metavar="FILE.pdf|png", help="PDF to print, PNG to show.")],
    species: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="The animal, instead of asking the endpoint; once, or once a photo."
        ),
    ] = None,
    style: Annotated[
        list[str] | None,
        typer.Option(metavar="PAINTING[:WEIGHT]", help="Paint the photos like this; may be repeated."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="HANDLE|DIR", help="The network that paints.", show_default="the original report's"
        ),
    ] = None,
    strength: Annotated[float, typer.Option(min=0, max=1, help="Of the painting.")] = 1.0,
    size: Annotated[str, typer.Option(metavar="|".join(PAGES), help="Of the page.")] = "a4",
    layout: Annotated[str, typer.Option(metavar="|".join(LAYOUTS), help="How it is laid out.")] = "full",
    title: Annotated[str, typer.Option(help="Instead of the animal's name.")] = "",
    call: Annotated[str, typer.Option(help="Instead of the usual call to act.")] = "",
    url: Annotated[str, typer.Option(help="Where people can act; also a QR code.")] = "",
    credit: Annotated[
        str, typer.Option("--credits", help="Who made the photo, the painting, the poster.")
    ] = "",
    lang: Annotated[str, typer.Option(metavar="|".join(languages()), help="Of the words.")] = "en",
    font: Annotated[
        list[Path] | None, typer.Option(metavar="FILE.ttf", help="For letters that the usual fonts lack.")
    ] = None,
    focus: Annotated[
        int | None,
        typer.Option(
            metavar="PERCENT",
            min=0,
            max=100,
            help="What to keep of photos that are cut: 0 left or top, 100 right or bottom.",
            show_default="where most happens",
        ),
    ] = None,
    sure: Annotated[
        float, typer.Option(min=0, max=1, help="Ask before naming an animal with less confidence.")
    ] = 0.7,
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Lay out a poster of one or several photos: names, conservation status, a call to act."""
    from bestiary.poster.poster import Poster, make

    kind = _checked(images, out, species or [], size, layout, lang)
    source = _Source(where)
    data = {image: source.read(image) for image in images}
    photos = {image: _decoded(image, data[image]) for image in images}
    named = _given(species, images, lang) if species else _asked(source.place, data, images, lang, sure)
    if style:
        # TensorFlow takes seconds to import: only where something is painted.
        from pipelines.posters.painting import Manner, painted

        say("painting")
        photos = painted(photos, Manner(style, model, strength), lambda: source.place)
    wanted = Poster(
        pictures=[photos[image] for image in images],
        labels=[label for label, _ in named],
        language=lang,
        title=title,
        call=call,
        url=url,
        credits=credit,
        fonts=tuple(font or ()),
        focus=None if focus is None else focus / 100,
    )
    try:
        made = make(wanted, size, cast("Layout", layout), kind)
    except PosterError as error:
        raise UsageError(str(error)) from None
    _write(out, made.data)
    _tell(out, images, named, made, lang, as_json=as_json)


@dataclass(frozen=True)
class _Source:
    """The place, opened only when something in it is needed."""

    where: str | None

    @cached_property
    def place(self) -> Place:
        return open_place(Settings.read(self.where), say)

    def read(self, where: str) -> bytes:
        return read_picture(where, self.place if where.startswith("s3://") else None)


def _checked(  # noqa: PLR0913, PLR0917 - all that can be told to be wrong before any work
    images: Sequence[str], out: Path, species: Sequence[str], size: str, layout: str, lang: str
) -> Kind:
    if len(images) > MOST_PICTURES:
        raise UsageError(f"{len(images)} photos: a poster has room for {MOST_PICTURES}")
    if len(species) not in {0, 1, len(images)}:
        raise UsageError(
            f"--species was given {len(species)} times for {len(images)} photos: once, or once a photo"
        )
    for option, value, choices in (
        ("--size", size, tuple(PAGES)),
        ("--layout", layout, LAYOUTS),
        ("--lang", lang, languages()),
    ):
        if value not in choices:
            raise UsageError(f"{option} {value}: it is one of {', '.join(choices)}")
    kind = out.suffix.lower().removeprefix(".")
    if kind not in {"pdf", "png"}:
        raise UsageError(f"--out {out}: a poster is a .pdf or a .png")
    if not out.absolute().parent.is_dir():
        raise UsageError(f"--out {out}: there is no folder {out.parent}")
    return cast("Kind", kind)


def _decoded(image: str, data: bytes) -> Pixels:
    # NumPy comes with it: other commands must not wait for that.
    from bestiary.images import UnreadableImage, decode

    try:
        return decode(data)
    except UnreadableImage as error:
        raise OperatorError(f"{image}: {error.reason}") from None


def _given(species: Sequence[str], images: Sequence[str], lang: str) -> list[Named]:
    labels: list[Named] = [(label_of(name, lang), None) for name in species]
    return labels if len(labels) == len(images) else labels * len(images)


def _asked(
    place: Place, data: dict[str, bytes], images: Sequence[str], lang: str, sure: float
) -> list[Named]:
    from pipelines.posters.naming import name_animals

    found = name_animals(place, data)
    return [_confirmed(found[image], lang, sure) for image in images]


def _confirmed(answer: Answer, lang: str, sure: float) -> Named:
    """Take the endpoint's word for it, or a person's where it is not sure."""
    label, confidence = str(answer.species), answer.confidence or 0.0
    if confidence >= sure:
        return label, confidence
    others = sorted((answer.scores or {}).items(), key=lambda item: -item[1])[1:3]
    guesses = ", ".join(f"{name} {score:.2f}" for name, score in others)
    doubt = f"{answer.file}: a {answer.common_name}? only {confidence:.2f} sure" + (
        f" ({guesses})" if guesses else ""
    )
    if not sys.stdin.isatty():
        raise OperatorError(f"{doubt}: say --species NAME")
    said = str(typer.prompt(f"{doubt}; y, n, or its name", default="n", err=True)).strip()
    if said.casefold() in {"n", "no", ""}:
        raise OperatorError(f"{answer.file}: not named, so there is no poster; --species NAME names it")
    if said.casefold() in {"y", "yes"}:
        return label, confidence
    return label_of(said, lang), None


def _write(out: Path, data: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=out.absolute().parent, suffix=".part", delete=False) as file:
        file.write(data)
    written = Path(file.name)
    written.chmod(0o644)
    written.replace(out)


def _tell(  # noqa: PLR0913 - what there is to tell
    out: Path, images: Sequence[str], named: Sequence[Named], made: Made, lang: str, *, as_json: bool
) -> None:
    if made.dpi < COARSE_DPI:
        say(f"the coarsest photo has {made.dpi} dots an inch on this page; from {COARSE_DPI} on it is sharp")
    animals = {label: entry(label, lang) for label, _ in named}
    if as_json:
        answer_json(
            {
                "out": str(out),
                "species": list(animals),
                "dpi": made.dpi,
                "pictures": [
                    {
                        "file": image,
                        "species": label,
                        "confidence": confidence,
                        "common_name": animals[label].common,
                        "scientific_name": animals[label].scientific,
                    }
                    for image, (label, confidence) in zip(images, named, strict=True)
                ],
            }
        )
    else:
        shown = ", ".join(f"{one.common} ({one.headline})" for one in animals.values())
        answers.print(f"{out}: {shown}", markup=False)
