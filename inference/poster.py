"""A poster, from what was asked and the photos as they are to be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bestiary.poster.errors import PosterError
from bestiary.poster.poster import Poster, make
from bestiary.poster.wording import label_of
from inference.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from bestiary.poster.page import Kind
    from inference.poster_requests import Page

KINDS: dict[str, Kind] = {"application/pdf": "pdf", "image/png": "png"}
"""What a poster can be, by media type."""


def laid_out(photos: Sequence[NDArray[np.uint8]], page: Page, media_type: str) -> bytes:
    """Lay a poster out.

    Parameters
    ----------
    photos
        uint8 (H, W, 3), RGB.
    page
        What it says.
    media_type
        One of `KINDS`.

    Raises
    ------
    Refusal
        400: words do not fit, no font has their letters, or a photo is too small.
    """
    labels = [label_of(name, page.language) for name in page.species]
    wanted = Poster(
        pictures=photos,
        labels=labels if len(labels) == len(photos) else labels * len(photos),
        language=page.language,
        title=page.title,
        call=page.call,
        url=page.url,
        credits=page.credits,
        focus=page.focus,
    )
    try:
        return make(wanted, page.size, page.layout, KINDS[media_type]).data
    except PosterError as error:
        raise Refusal(400, str(error)) from error
