"""The sample: drawings that the project makes itself, so that a first run needs no photos."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

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
    folder = home / "data" / f"sample-{_edition()}"
    if not folder.exists():
        say("drawing the sample: 10 species, 60 drawings each")
        unfinished = folder.with_name(folder.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        sample.draw(unfinished)
        unfinished.rename(folder)
    return folder


def _edition() -> str:
    """Digest of the code that draws: another pencil, another folder."""
    digest = hashlib.sha256()
    for path in sorted(Path(sample.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
