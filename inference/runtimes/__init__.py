"""What runs a network: LiteRT on a CPU, TensorFlow on a GPU.

Whatever runs it, a network here gives a photo the same scores to the last bit whichever batch it is in.
``docs/serving.md`` has the comparison that the choice rests on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from inference.model_folder import ModelFolder
    from inference.settings import Settings

Network = Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]]
"""From uint8 (N, S, S, 3), N of 1 and more, to float32 (N, C + E): scores of C species,
then what the network sees, which may be nothing (`bestiary.classifiers.embedding`)."""

GPU = Path("/dev/nvidiactl")
"""There where a container or a machine has a GPU of NVIDIA; looking for it costs no import of TensorFlow."""


def load(folder: ModelFolder, settings: Settings) -> Network:
    """Load a classifier's network for the runtime that the settings name.

    Raises
    ------
    inference.errors.ModelUnusable
        It cannot be loaded.
    """
    name = settings.runtime
    if name == "auto":
        name = "tensorflow" if GPU.exists() else "litert"
    if name == "litert":
        from inference.runtimes import conversion, litert

        try:
            return litert.load(conversion.converted(folder, settings.cache), settings.threads, settings.batch)
        except conversion.NotConvertible as error:
            if settings.runtime != "auto":
                raise
            sys.stderr.write(f"warning: {error}; TensorFlow runs the network instead\n")
    from inference.runtimes import tensorflow

    return tensorflow.load(folder, settings.batch)
