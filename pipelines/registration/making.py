"""A stylizer's artifact, made of what people name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import OperatorError
from pipelines.style.models import model_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from bestiary.style.artifact import Defaults
    from bestiary.style.features import Features
    from pipelines.place import Place
    from pipelines.style.measure import Measure


@dataclass(frozen=True)
class Wanted:
    """What to make a stylizer of.

    Attributes
    ----------
    name
        For people.
    model
        What ``fast`` paints with: a folder, ``s3://…`` or a handle; ``None`` for TensorFlow Hub's module.
    fast, gatys
        Whether it is to do either.
    measure
        The feature network of ``gatys``.
    defaults
        How ``gatys`` paints where a request does not say.
    """

    name: str
    model: str | None
    fast: bool
    gatys: bool
    measure: Measure
    defaults: Defaults


@dataclass(frozen=True)
class Made:
    """A stylizer in a file.

    Attributes
    ----------
    archive
        ``model.tar.gz``.
    sha256
        Its digest.
    name
        For people.
    methods
        What it can do.
    about
        What each method rests on, by the method.
    """

    archive: Path
    sha256: str
    name: str
    methods: tuple[str, ...]
    about: dict[str, str]


def make(wanted: Wanted, folder: Path, place: Callable[[], Place]) -> Made:
    """Make a stylizer, after trying that it paints.

    Parameters
    ----------
    wanted
        Of what.
    folder
        An empty one to work in; what is made lies in it.
    place
        Opens the account; asked only for S3.

    Raises
    ------
    CannotStylize
        A part of it cannot be had or does not paint.
    OperatorError
        The feature network would have random weights.
    """
    from bestiary.style import archive, artifact

    gatys = (_features(wanted.measure), wanted.defaults) if wanted.gatys else None
    about = {"gatys": _told(gatys[0])} if gatys else {}
    if wanted.fast:
        with model_folder(wanted.model, place) as found:
            artifact.save(folder / "model", wanted.name, fast=found, gatys=gatys)
        about = {"fast": _source(wanted.model), **about}
    else:
        artifact.save(folder / "model", wanted.name, fast=None, gatys=gatys)
    made = artifact.read(folder / "model")
    if wanted.fast:
        # One that cannot be opened says so here, and not at an endpoint's start.
        made.fast()
    packed = folder / "model.tar.gz"
    archive.pack(made.folder, packed)
    with packed.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Made(packed, digest, made.name, made.methods, about)


def _features(measure: Measure) -> Features:
    found = measure.open()
    if found.warning:
        raise OperatorError(
            f"{found.warning}. A stylizer with random weights is not registered: --no-gatys leaves it out"
        )
    return found


def _told(features: Features) -> str:
    return f"{features.name}: {' '.join(features.content_layers)} / {' '.join(features.style_layers)}"


def _source(model: str | None) -> str:
    """Name a model without the folders of the machine that it was on."""
    if model is None:
        return "TensorFlow Hub"
    return model if "://" in model else Path(model).resolve().name
