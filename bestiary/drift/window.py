"""The stretch of time that a monitor looks at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from bestiary.drift.errors import UnusableWindow


@dataclass(frozen=True)
class Window:
    """From `start` up to but not including `end`, both with a time zone; None where that side is open."""

    start: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        if self.start and self.end and self.start >= self.end:
            raise UnusableWindow(f"the window ends at {self.end} but starts at {self.start}")

    def __contains__(self, moment: datetime) -> bool:
        after = self.start is None or moment >= self.start
        return after and (self.end is None or moment < self.end)

    def __str__(self) -> str:
        if self.start and self.end:
            return f"{_text(self.start)} to {_text(self.end)}"
        if self.start:
            return f"since {_text(self.start)}"
        return f"until {_text(self.end)}" if self.end else "all that was captured"

    @classmethod
    def parse(cls, start: str, end: str) -> Window:
        """Read the two times of Model Monitor's contract; an empty one leaves its side open.

        Raises
        ------
        UnusableWindow
            One is no time, or they are the wrong way round.
        """
        return cls(*(moment(text) if text.strip() else None for text in (start, end)))


def moment(text: str) -> datetime:
    """Read an ISO 8601 time; without a zone it is UTC.

    The guide's own example has blanks within (``2019-12-01T16: 20: 00Z``), so those are passed over.

    Raises
    ------
    UnusableWindow
        It is no time.
    """
    try:
        found = datetime.fromisoformat(re.sub(r"\s", "", text))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UnusableWindow(f"{text!r} is no time like 2026-11-23T08:00:00Z") from error


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
