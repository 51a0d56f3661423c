"""AWS's regular expressions (Java's) as Python's `re` understands them."""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache
from itertools import groupby

# What Java accepts and Python refuses in the service models of botocore.
_SPELLINGS = {
    r"\uD800\uDC00-\uDBFF\uDFFF": r"\U00010000-\U0010FFFF",
    r"[\w-_]": r"[\w\-_]",
    r"\p{Alnum}": "a-zA-Z0-9",
    r"\p{Print}": r"[\x20-\x7E]",
}
_COUNTED_END = re.compile(r"\$\{\d+,\d+\}$")
_CATEGORY = re.compile(r"\\p\{([A-Z])\}")


def matches(pattern: str, text: str) -> bool:
    """Say whether the whole text has an AWS pattern's form, as Java's ``matches`` does."""
    return compiled(pattern).fullmatch(text) is not None


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile an AWS pattern.

    Raises
    ------
    re.error
        When the pattern has a form that no service model here uses.
    """
    for theirs, ours in _SPELLINGS.items():
        pattern = pattern.replace(theirs, ours)
    pattern = _COUNTED_END.sub("", pattern)
    pattern = _CATEGORY.sub(lambda found: _ranges()[found[1]], pattern)
    return re.compile(pattern, re.ASCII)


@cache
def _ranges() -> dict[str, str]:
    """Map each major Unicode category (L, M, N, P, S, Z, C) to the inside of a character class."""
    found: dict[str, list[str]] = {}
    codes = range(sys.maxunicode + 1)
    for category, group in groupby(codes, key=lambda code: unicodedata.category(chr(code))[0]):
        run = list(group)
        found.setdefault(category, []).append(f"\\U{run[0]:08x}-\\U{run[-1]:08x}")
    return {category: "".join(ranges) for category, ranges in found.items()}
