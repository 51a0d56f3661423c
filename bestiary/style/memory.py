"""How much memory a piece of work takes at most, as Linux counts it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROCESS = Path("/proc/self")


@dataclass
class Peak:
    """Bytes at most, above those held before; None while the work goes on and where nothing is counted."""

    bytes: int | None = None


@contextmanager
def peak() -> Iterator[Peak]:
    """Count within a ``with``; what other threads take meanwhile is counted too."""
    found = Peak()
    try:
        # 5 sets the high-water mark back to what is held now.
        (_PROCESS / "clear_refs").write_text("5")
        before = _high_water()
    except OSError:
        yield found
        return
    yield found
    found.bytes = max(0, _high_water() - before)


def _high_water() -> int:
    lines = (_PROCESS / "status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
