"""Pictures inside the page: JPEG data URIs, so that the page needs no other file."""

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Bicubic keeps drawings and photos crisp at this size; at quality 80 a thumbnail takes about 10 kB.
_THUMBNAIL = 224
_SHEET = 1200


def thumbnail(image: NDArray[np.uint8], side: int = _THUMBNAIL) -> str:
    """Give a picture as a small JPEG data URI.

    Parameters
    ----------
    image
        uint8 RGB of shape (H, W, 3).
    side
        Longest side of the result in pixels; a smaller picture stays as it is.
    """
    return _jpeg(Image.fromarray(image), side, quality=80)


def sheet(data: bytes) -> str:
    """Give an image file as a JPEG data URI no more than 1,200 pixels wide or high."""
    with Image.open(io.BytesIO(data)) as image:
        return _jpeg(image.convert("RGB"), _SHEET, quality=78)


def _jpeg(image: Image.Image, side: int, quality: int) -> str:
    image.thumbnail((side, side), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, optimize=True)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
