"""Has a page typeset by Typst, from the templates of this package and nothing from elsewhere."""

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bestiary.poster.errors import PosterError
from bestiary.poster.fonts import SANS, SERIF, check_letters, font_folders
from bestiary.poster.page import MM_PER_INCH, Kind, Layout

SCREEN_SIDE = 2160
"""Pixels of the shorter side of a PNG: those are for screens, PDFs for print."""


def typeset(
    content: Mapping[str, Any], layout: Layout, parts: Mapping[str, bytes], kind: Kind, extra: Sequence[Path]
) -> bytes:
    """Typeset a page.

    Parameters
    ----------
    content
        What `bestiary.poster.content` gives.
    layout
        Which template.
    parts
        Files that it shows, by name.
    kind
        ``pdf`` or ``png``.
    extra
        Font files of the user's.

    Raises
    ------
    PosterError
        Where words do not fit or no font has their letters.
    """
    import typst

    check_letters(_all_text(content), extra)
    inches = min(content["width"], content["height"]) / MM_PER_INCH
    templates = files("bestiary.poster").joinpath("templates")
    sources = {name: templates.joinpath(name).read_bytes() for name in ("base.typ", f"{layout}.typ")}
    with font_folders(extra) as (folders, others), TemporaryDirectory(prefix="bestiary-poster-") as root:
        for name, data in {**sources, **parts}.items():
            Path(root, name).write_bytes(data)
        families = {"serif": SERIF, "sans": SANS, "others": others}
        try:
            made = typst.compile(
                str(Path(root, f"{layout}.typ")),
                root=root,
                format=kind,
                ppi=SCREEN_SIDE / inches,
                pdf_standards=["ua-1"] if kind == "pdf" else [],
                font_paths=typst.Fonts(
                    include_system_fonts=False, include_embedded_fonts=False, font_paths=folders
                ),
                sys_inputs={"poster": json.dumps({**content, "families": families}, ensure_ascii=False)},
            )
        except typst.TypstError as error:
            raise _explained(error) from error
    return bytes(made)


def _all_text(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(_all_text(inner) for inner in value.values())
    if isinstance(value, list | tuple):
        return " ".join(_all_text(inner) for inner in value)
    return value if isinstance(value, str) else ""


def _explained(error: Exception) -> PosterError:
    _, told, what = str(error).partition("does not fit: ")
    if not told:
        return PosterError(f"the poster cannot be typeset: {error}")
    name = what.strip().split('"')[0].strip()
    return PosterError(f"the {name} is too long for this size and layout: shorten it, or choose another")
