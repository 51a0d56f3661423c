"""A label, and the id by which it finds its photo's answer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

_LONGEST_ID = 64


class UnusableLabels(ValueError):  # noqa: N818 - it names what happened
    """Labels cannot be read; the message names the file and the line and says why."""


@dataclass(frozen=True)
class Label:
    """What one photo really shows.

    Attributes
    ----------
    species
        The true label.
    site
        Where its camera stands; empty where that is not known.
    """

    species: str
    site: str = ""


@dataclass(frozen=True)
class Labelled:
    """A label and what it is of.

    Attributes
    ----------
    id
        The inference id of its photo; one photo of a request of several is ``id#0``, ``id#1`` and so on.
    label
        What the photo shows.
    file
        The photo's path or ``s3://`` URI; empty where only its id is known.
    """

    id: str
    label: Label
    file: str = ""


def inference_id(file: str) -> str:
    """Return the id under which a photo's file is asked about, so that its label finds its answer.

    SageMaker takes 64 characters of ASCII: a name that does not fit is replaced by its sha256.
    """
    fits = len(file) <= _LONGEST_ID and file.isascii() and file.isprintable() and file == file.strip()
    return file if file and fits else hashlib.sha256(file.encode()).hexdigest()
