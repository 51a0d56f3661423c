"""Where a stylization model lies on disk, from what people call it."""

from __future__ import annotations

import warnings
from pathlib import Path

from bestiary.classifiers import reproducible
from bestiary.style.errors import CannotStylize
from bestiary.style.hub import HANDLE


def folder(where: str | None = None) -> Path:
    """Return the folder of a model, fetching it from TensorFlow Hub where that is its name.

    Parameters
    ----------
    where
        A folder, or a handle of TensorFlow Hub; by default the module that the original report used.

    Raises
    ------
    CannotStylize
        There is no such folder, or the module cannot be fetched.
    """
    where = where or HANDLE
    if "://" not in where:
        if not Path(where).is_dir():
            raise CannotStylize(f"{where}: a model is a folder, or a handle such as {HANDLE}")
        return Path(where)
    try:
        reproducible.begin(0)
        with warnings.catch_warnings():
            # Its own, about a package of its own.
            warnings.simplefilter("ignore", UserWarning)
            import tensorflow_hub
        return Path(tensorflow_hub.resolve(where))
    except Exception as error:  # whatever the network or the archive does
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise CannotStylize(
            f"the stylization module {where} cannot be had: {reason}. Name a folder that holds it, or the "
            "TFLite pair, with --model"
        ) from error
