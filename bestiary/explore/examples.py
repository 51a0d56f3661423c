"""A few photos of every class, as they are and equalized: for the page and as one contact sheet."""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bestiary.dataset import Photo
from bestiary.images import equalize

Pixels = NDArray[np.uint8]

_SIDE = 112
_CAPTION = 22
_SHOWN = 96


@dataclass(frozen=True)
class Example:
    """One photo to show.

    Attributes
    ----------
    file
        Its name, below the data folder.
    before, after
        uint8 (side, side, 3), without and with equalization.
    """

    file: str
    before: Pixels
    after: Pixels

    def data_uri(self) -> str:
        """Return both pictures, one above the other, as a JPEG that fits into a page."""
        file = BytesIO()
        Image.fromarray(np.concatenate([self.before, self.after])).save(file, "JPEG", quality=80)
        return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"


def choose(photos: Sequence[Photo], images: Pixels, classes: Sequence[str]) -> dict[str, list[Example]]:
    """Choose photos evenly from each class, fewer the more classes there are.

    Parameters
    ----------
    photos
        To choose from.
    images
        uint8 (rows, size, size, 3), not equalized; `Photo.row` points into it.
    classes
        The labels; each has a photo.
    """
    most = max(2, min(8, _SHOWN // len(classes)))
    return {
        label: [
            _example(photo, images) for photo in _spread([one for one in photos if one.label == label], most)
        ]
        for label in classes
    }


def contact_sheet(examples: dict[str, list[Example]]) -> bytes:
    """Return a JPEG with a row for each class: its name, below it the photos as they are."""
    columns = max(len(row) for row in examples.values())
    height = _SIDE + _CAPTION
    sheet = Image.new("RGB", (columns * _SIDE, len(examples) * height), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    for top, (label, row) in zip(range(0, sheet.height, height), examples.items(), strict=True):
        pen.text((4, top + 2), label, fill="black", font=font)
        for left, example in enumerate(row):
            sheet.paste(Image.fromarray(example.before), (left * _SIDE, top + _CAPTION))
    file = BytesIO()
    sheet.save(file, "JPEG", quality=85)
    return file.getvalue()


def _spread(photos: Sequence[Photo], most: int) -> Iterable[Photo]:
    count = min(most, len(photos))
    return [photos[index * len(photos) // count] for index in range(count)]


def _example(photo: Photo, images: Pixels) -> Example:
    small = Image.fromarray(images[photo.row]).resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)
    before = np.array(small, np.uint8)
    return Example(photo.file, before, equalize(before))
