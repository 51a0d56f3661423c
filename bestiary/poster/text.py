"""Text as it comes from people, made ready to be set."""

import re
import unicodedata
from urllib.parse import urlsplit

from bestiary.poster.errors import PosterError

_LONGEST_SHOWN = 42
# Scripts written without spaces, whose lines may break nearly anywhere. Not katakana: it spells single words.
_IDEOGRAPHS = re.compile("[\u2e80-\u309f\u3100-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]+")
_TOGETHER = 3


def clean(text: str) -> str:
    """Return text on one line, composed, without control characters."""
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(" " if unicodedata.category(one) == "Cc" else one for one in composed).split())


def pieces(text: str) -> list[str]:
    """List what no line may break of a text: its words, and of scripts without spaces a few letters each."""
    found: list[str] = []
    for word in re.split(r"\s+|(?<=[-–/])", text):
        at = 0
        for run in _IDEOGRAPHS.finditer(word):
            found.append(word[at : run.start()])
            # A line may not begin with a small letter or a full stop, which stays with what is before it.
            found += [run[0][start : start + _TOGETHER] for start in range(0, len(run[0]), _TOGETHER)]
            at = run.end()
        found.append(word[at:])
    return [piece for piece in dict.fromkeys(found) if piece]


def tightens(text: str) -> bool:
    """Whether large letters of this text may move closer: not where a script joins them."""
    return all("LATIN" in name or "GREEK" in name or "CYRILLIC" in name for name in _scripts(text))


def shown_address(url: str) -> str:
    """Shorten an address to what people read of it: no scheme, no trailing slash, no long tail.

    Raises
    ------
    PosterError
        Where it is no ``http://`` or ``https://`` address.
    """
    try:
        parts = urlsplit(url)
        host = parts.netloc if parts.scheme in ("http", "https") else ""
    except ValueError:
        host = ""
    if not host or url != clean(url) or " " in url:
        raise PosterError(f"{url}: the address must be one of https://…")
    shown = host.removeprefix("www.") + parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")
    if len(shown) <= _LONGEST_SHOWN:
        return shown
    return f"{host.removeprefix('www.')}/…"


def _scripts(text: str) -> list[str]:
    return [unicodedata.name(letter, "") for letter in text if letter.isalpha()]
