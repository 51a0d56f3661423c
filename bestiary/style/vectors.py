"""Style vectors, kept by what they are of: a painting is looked at once."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]


class Vectors:
    """A cache of style vectors, in memory and, where there is a folder, on disk.

    Parameters
    ----------
    folder
        Where to keep them; one small ``.npy`` file each.
    most
        How many stay in memory.
    """

    def __init__(self, folder: Path | None = None, most: int = 256) -> None:
        self._folder = folder
        self._most = most
        self._known: dict[str, Floats] = {}

    def of(self, model: str, image: Pixels, look: Callable[[Pixels], Floats]) -> Floats:
        """Return the vector of a picture, from `look` only where it is not known.

        Parameters
        ----------
        model
            Digest of what predicts vectors.
        image
            uint8 (H, W, 3).
        look
            Predicts the vector.
        """
        about = hashlib.sha256(f"{model} {image.shape} ".encode())
        about.update(np.ascontiguousarray(image).data)
        key = about.hexdigest()
        if key not in self._known:
            vector = self._read(key)
            if vector is None:
                vector = look(image)
                self._write(key, vector)
            if len(self._known) >= self._most:
                self._known.pop(next(iter(self._known)))
            self._known[key] = vector
        return self._known[key]

    def _read(self, key: str) -> Floats | None:
        if self._folder is None:
            return None
        try:
            vector = np.load(self._folder / f"{key}.npy", allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        return vector if vector.dtype == np.float32 and vector.ndim == 1 else None

    def _write(self, key: str, vector: Floats) -> None:
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".part", delete=False) as file:
            np.save(file, vector)
        Path(file.name).replace(self._folder / f"{key}.npy")
