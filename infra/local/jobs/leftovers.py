"""Processes of a job whose supervisor was killed itself (Linux: elsewhere nothing tells them apart)."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

BASE = "SAGEMAKER_BASE_DIR"


def end(base: Path) -> None:
    """Kill every process that was started for a job whose base folder is this one or below it."""
    mark = os.fsencode(f"{BASE}={base}/")
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            variables = (entry / "environ").read_bytes().split(b"\0")
            if any((variable + b"/").startswith(mark) for variable in variables):
                os.kill(int(entry.name), signal.SIGKILL)
