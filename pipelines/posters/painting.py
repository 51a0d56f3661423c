"""Paints a poster's photos in the manner of paintings, in one pass each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bestiary.style import Fast, stylize
from pipelines.style.inputs import plainly, read_inputs
from pipelines.style.models import opened_model

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from pipelines.place import Place

    Pixels = NDArray[np.uint8]

SIDE = 1024
"""Longest side of what is painted, in pixels: strokes stay strokes when paper makes them larger."""


@dataclass(frozen=True)
class Manner:
    """How to paint.

    Attributes
    ----------
    paintings
        Each a file, ``s3://…`` or ``https://…``, with ``:WEIGHT`` or without.
    model
        What `fast` paints with; ``None`` for the module of the original report.
    strength
        0 to 1.
    """

    paintings: Sequence[str]
    model: str | None
    strength: float


def painted(photos: Mapping[str, Pixels], manner: Manner, place: Callable[[], Place]) -> dict[str, Pixels]:
    """Paint photos, uint8 (H, W, 3) RGB, by what people call them.

    Parameters
    ----------
    photos
        At least one.
    manner
        How.
    place
        Opens the account; asked only for S3.

    Raises
    ------
    OperatorError
        Where a painting cannot be read, or there is no such model.
    """
    with plainly():
        # Paintings are read together with a photo; that it is read once more costs less than a second way.
        styles = read_inputs(next(iter(photos)), manner.paintings, place).styles
        with opened_model(manner.model, place) as model:
            method = Fast(model, size=SIDE, strength=manner.strength)
            return {name: stylize(method, photo, styles).image for name, photo in photos.items()}
