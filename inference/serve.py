"""The serving image's program: ``python -m inference.serve``; SageMaker adds the argument ``serve``.

Ends with 0 after SIGTERM, with 1 where the model cannot be served, with 2 where the environment is wrong.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

from inference.settings import SettingsError, from_environment


def main() -> None:
    """Serve the model in the container's model folder until SIGTERM."""
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


def _leave(*_: object) -> NoReturn:
    sys.exit(0)


if __name__ == "__main__":
    main()
