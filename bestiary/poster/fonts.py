"""The free fonts that posters are set in, from packages that bring them as files."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bestiary.poster.errors import PosterError

SERIF = "Source Serif Pro"
SANS = "Source Sans Pro"
_FILES = {
    SERIF: ("font_source_serif_pro", "files", "SourceSerifPro-Regular.ttf"),
    SANS: ("font_source_sans_pro", "files", "SourceSansPro-Regular.ttf"),
    "IPAexGothic": ("matplotlib_fontja", "fonts", "ipaexg.ttf"),
}
_FIRAGO = ("figo", "figbo")
# These join what they stand between or turn its direction, and are no letters that a font must have.
_UNSEEN = set("\n\u200b\u200c\u200d\u200e\u200f\u00ad\u2060\u2066\u2067\u2068\u2069\ufe0e\ufe0f")


@contextmanager
def font_folders(extra: Sequence[Path] = ()) -> Iterator[tuple[list[str], list[str]]]:
    """Lay the fonts out in folders, as typesetters want them.

    Parameters
    ----------
    extra
        Font files of the user's.

    Yields
    ------
    The folders, and the families to fall back on, in order, where the main ones lack a letter.
    """
    folders = [str(_folder(package) / inside) for package, inside, _ in _FILES.values()]
    with TemporaryDirectory(prefix="bestiary-fonts-") as made:
        for code in _FIRAGO:
            Path(made, f"{code}.ttf").write_bytes(_firago(code))
        for number, file in enumerate(extra):
            Path(made, f"{number}{file.suffix}").write_bytes(file.read_bytes())
        yield [*folders, made], ["FiraGO", "IPAexGothic", *(_family(file) for file in extra)]


def check_letters(text: str, extra: Sequence[Path] = ()) -> None:
    """Refuse text that none of the fonts can write whole.

    Raises
    ------
    PosterError
        Naming the letters.
    """
    wanted = set(text) - _UNSEEN
    for letters in (
        *(_letters(family) for family in (SERIF, SANS, "FiraGO", "IPAexGothic")),
        *map(_read, extra),
    ):
        wanted -= letters
    if wanted:
        shown = " ".join(sorted(wanted)[:8])
        raise PosterError(
            f"no font here can write {shown}: give one that can with --font FILE.ttf (such as Noto Sans CJK)"
        )


@cache
def _letters(family: str) -> frozenset[str]:
    if family == "FiraGO":
        return _in_font(BytesIO(_firago("figo")))
    package, inside, name = _FILES[family]
    return _in_font(_folder(package) / inside / name)


def _read(file: Path) -> frozenset[str]:
    try:
        return _in_font(file)
    except Exception as error:
        # fontTools raises whatever a file that is no font makes of its tables.
        raise PosterError(f"{file}: not a font that can be read") from error


def _in_font(file: Path | BytesIO) -> frozenset[str]:
    return frozenset(map(chr, _opened(file).getBestCmap()))


def _family(file: Path) -> str:
    names = _opened(file)["name"]
    # Typesetters group faces by the typographic family where there is one.
    return str(names.getDebugName(16) or names.getDebugName(1))


def _opened(file: Path | BytesIO) -> Any:  # noqa: ANN401 - fontTools has no types
    from fontTools.ttLib import TTFont

    return TTFont(file, lazy=True, fontNumber=0)


@cache
def _firago(code: str) -> bytes:
    import pymupdf_fonts

    font: bytes = pymupdf_fonts.myfont(code)
    return font


def _folder(package: str) -> Path:
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise PosterError(f"the fonts of {package.replace('_', '-')} are not installed: make setup")
    return Path(found.submodule_search_locations[0])
