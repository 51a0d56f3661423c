"""The serving image's program: ``python -m inference.serve``; SageMaker adds the argument ``serve``.

Ends with 0 after SIGTERM, with 1 where the model cannot be served, with 2 where the environment is wrong.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import NoReturn

from inference.settings import SettingsError, from_environment

M_ARENA_MAX = -8
"""The number of glibc's option, from its malloc.h."""


def main() -> None:
    """Serve the model in the container's model folder until SIGTERM."""
    _keep_memory_together()
    # Also what uvicorn goes back to when it is done; without it the process would end by the signal.
    signal.signal(signal.SIGTERM, _leave)
    try:
        settings = from_environment(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)
    from inference.server import serve
    from inference.service import Service

    sys.exit(0 if serve(Service(settings)) else 1)


def _keep_memory_together() -> None:
    """Let glibc's allocator use two arenas, not eight a core, which photos of all sizes would fragment."""
    allocator = ctypes.CDLL(None)
    if hasattr(allocator, "mallopt"):
        allocator.mallopt(M_ARENA_MAX, 2)


def _leave(*_: object) -> NoReturn:
    sys.exit(0)


if __name__ == "__main__":
    main()
