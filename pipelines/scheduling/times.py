"""How people say when, and how AWS does."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from infra.local.scheduling import expressions
from pipelines.errors import UsageError

_WORDS = {"hourly": "cron(0 * ? * * *)", "daily": "cron(0 0 ? * * *)", "weekly": "cron(0 0 ? * MON *)"}
_FIELDS = 6
_EVERY = re.compile(r"cron\(0 (\*|\d{1,2}|\d{1,2}/(\d{1,2})) \? \* \* \*\)")
_EXAMPLES = (
    "hourly, daily, weekly, 'rate(12 hours)' or AWS's six fields, such as '0 6 * * ? *' for every day at six"
)


def expression(text: str) -> str:
    """Write what a person typed as a schedule expression.

    Raises
    ------
    UsageError
        Where it is none by its form; AWS says what is wrong with its fields.
    """
    if text in _WORDS:
        return _WORDS[text]
    if re.fullmatch(r"(cron|rate|at)\(.+\)", text):
        return text
    if len(text.split()) == _FIELDS:
        return f"cron({text})"
    raise UsageError(f"{text!r} is no schedule: say {_EXAMPLES}")


def next_due(text: str, timezone: str) -> str:
    """Return when an expression is next due, such as ``2026-11-23 13:00``, in UTC.

    Empty for a rate, which goes by when it was set, and for what is over.
    """
    if text.startswith("rate("):
        return ""
    now = datetime.now(UTC)
    try:
        due = expressions.parse(text, timezone, now).after(now)
    except ValueError:  # of an expression that AWS took, and that is not known here
        return ""
    return f"{due:%Y-%m-%d %H:%M}" if due else ""


def monitor_hours(text: str) -> int:
    """Return the hours between two runs of the monitor, which are its window.

    Raises
    ------
    UsageError
        Where it is another rhythm than Model Monitor has: the two kinds of accounts take the same ones.
    """
    found = _EVERY.fullmatch(text)
    if found is None:
        raise UsageError(
            f"{text!r}: the monitor runs hourly, daily, at H o'clock ('0 H ? * * *') or every N hours "
            "('0 0/N ? * * *')"
        )
    if found[1] == "*":
        return 1
    return int(found[2]) if found[2] else 24
