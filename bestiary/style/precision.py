"""In which numbers a feature network computes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from bestiary.style.features import Precision

_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}
"""Of processors that multiply bfloat16 (x86's, Arm's); without one of them it is slower, not faster."""


def chosen(wanted: Literal["auto", "float32", "bfloat16"]) -> Precision:
    """Return the precision; ``auto`` is bfloat16 on processors that multiply in it, and float32 elsewhere."""
    if wanted != "auto":
        return wanted
    return "bfloat16" if _FLAGS & _flags() else "float32"


def _flags() -> set[str]:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return set()
    lines = (line for line in text.splitlines() if line.startswith(("flags", "Features")))
    return set(next(lines, "").partition(":")[2].split())
