"""CloudWatch Logs' filter patterns for unstructured text.

Source: "Filter pattern syntax", Amazon CloudWatch Logs User Guide. Terms are matched as they stand, case and
all: all plain terms must be there, none of the ``-excluded`` ones, and at least one of the ``?optional``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from infra.local.errors import AwsError

_TERM = re.compile(r'\s*([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))')


@dataclass(frozen=True)
class LogFilter:
    """What a message must have.

    Attributes
    ----------
    needed, excluded, optional
        Terms of which all, none, and (when there are any) at least one are in the message.
    """

    needed: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @classmethod
    def parse(cls, pattern: str) -> LogFilter:
        """Read a pattern; an empty one lets everything pass.

        Raises
        ------
        infra.local.errors.AwsError
            ``InvalidParameterException`` for JSON, space-delimited and regular-expression patterns.
        """
        if pattern.lstrip()[:1] in {"{", "[", "%"}:
            raise AwsError(
                "InvalidParameterException",
                f"The local CloudWatch Logs filters by terms only, not by {pattern}: give words",
            )
        terms: dict[str, list[str]] = {"": [], "-": [], "?": []}
        for sign, quoted, plain in _TERM.findall(pattern):
            terms[sign].append(plain or quoted.replace('\\"', '"'))
        return cls(tuple(terms[""]), tuple(terms["-"]), tuple(terms["?"]))

    def passes(self, message: str) -> bool:
        """Tell whether a message has what it must have."""
        return (
            all(term in message for term in self.needed)
            and not any(term in message for term in self.excluded)
            and (not self.optional or any(term in message for term in self.optional))
        )
