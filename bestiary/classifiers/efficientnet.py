"""EfficientNetB3 (Tan and Le 2019), the backbone of the original report, without its classifier."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from bestiary.classifiers.download import Unreachable, fetch

if TYPE_CHECKING:
    import keras

NAME = "efficientnetb3"
SMALLEST = 32
"""Side in pixels of the smallest image Keras builds it for."""

URL = "https://storage.googleapis.com/keras-applications/efficientnetb3_notop.h5"
MD5 = "af6d107764bb5b1abb91932881670226"
"""As Keras publishes it for this file."""

Weights = Literal["auto", "imagenet", "random"]


RANDOM = "EfficientNetB3 has random weights"
MEANING = "its figures say nothing about transfer learning"


class Built(NamedTuple):
    """The network, ``imagenet`` or ``random``, a warning for every reader, and why the download failed.

    The warning is always the same words, since it goes into artifacts that have to be.
    """

    network: keras.Model
    weights: str
    warning: str
    reason: str


class WeightsUnavailable(Exception):  # noqa: N818 - it names what happened
    """ImageNet weights were asked for and cannot be had; the message says why and what to do."""


def build(weights: Weights, size: int, seed: int) -> Built:
    """Build the network for images of `size` by `size` pixels.

    Parameters
    ----------
    weights
        ``imagenet`` (from Keras's cache, or downloaded into it), ``random``, or ``auto``: ImageNet's where
        the server answers within seconds, else random ones.
    seed
        Of random weights: equal seeds give equal weights.

    Raises
    ------
    WeightsUnavailable
        `weights` is ``imagenet`` and they cannot be had.
    """
    if weights == "random":
        return Built(_network(None, size, seed), "random", f"{RANDOM} as Weights=random asks: {MEANING}", "")
    try:
        fetch(URL, MD5, cache() / "models" / URL.rpartition("/")[2])
    except Unreachable as error:
        if weights == "imagenet":
            raise WeightsUnavailable(
                f"EfficientNetB3's ImageNet weights cannot be had ({error}): put {URL} into "
                f"{cache() / 'models'}, or run with --set Weights=auto or --backbone FILE.keras"
            ) from error
        warning = f"{RANDOM} because ImageNet's could not be downloaded: {MEANING}"
        return Built(_network(None, size, seed), "random", warning, str(error))
    return Built(_network("imagenet", size, seed), "imagenet", "", "")


def _network(weights: str | None, size: int, seed: int) -> keras.Model:
    import keras

    keras.utils.set_random_seed(seed)
    # Keras adds a layer for ImageNet's weights only: a network built without them and filled later is
    # another.
    return keras.applications.EfficientNetB3(
        include_top=False, weights=weights, input_shape=(size, size, 3), name=NAME
    )


def cache() -> Path:
    """Return the folder in which Keras keeps downloads: ``KERAS_HOME``, or ``.keras`` of the user."""
    if "KERAS_HOME" in os.environ:
        return Path(os.environ["KERAS_HOME"])
    home = Path.home()
    return (home if os.access(home, os.W_OK) else Path("/tmp")) / ".keras"  # noqa: S108 - Keras's own choice
