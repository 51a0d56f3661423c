"""The sample: drawings that the project makes itself, so that a first run needs no photos."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

from bestiary import sample


def sample_folder(home: Path, say: Callable[[str], None]) -> Path:
    """Folder with the drawings, made on first use.

    Parameters
    ----------
    home
        Folder of the local state.
    say
        Told when drawing begins.

    Returns
    -------
    pathlib.Path
        One folder a species in it; complete, or not there at all.
    """
    folder = home / "data" / f"sample-{sample.VERSION}"
    if not folder.exists():
        say("drawing the sample: 10 species, 60 drawings each")
        unfinished = folder.with_name(folder.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        sample.draw(unfinished)
        unfinished.rename(folder)
    return folder
