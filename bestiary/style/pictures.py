"""Pictures before and after they are stylized: their size, and the files they end up in."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from bestiary.style.errors import CannotStylize

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

SMALLEST = 16
"""Sides under this many pixels hold nothing to stylize."""
_FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}


def scaled_shape(shape: tuple[int, ...], side: int) -> tuple[int, int]:
    """Return height and width with the longest side `side`, in the proportions of a picture's shape."""
    height, width = shape[:2]
    scale = side / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def check(image: Pixels) -> None:
    """Refuse a photo or a painting that shows nothing.

    Raises
    ------
    CannotStylize
        One of its sides is less than `SMALLEST` pixels.
    """
    height, width = image.shape[:2]
    if min(height, width) < SMALLEST:
        raise CannotStylize(
            f"a picture of {width}×{height} pixels has nothing to stylize: {SMALLEST} are needed on each side"
        )


def fitted(image: Pixels, side: int) -> Pixels:
    """Resize a picture so that its longest side is `side`; nothing is cut off or squashed.

    Raises
    ------
    CannotStylize
        Its shorter side is, or would then be, less than `SMALLEST` pixels.
    """
    check(image)
    height, width = image.shape[:2]
    target = scaled_shape(image.shape, side)
    if min(target) < SMALLEST:
        raise CannotStylize(
            f"a picture of {width}×{height} pixels has nothing to stylize at {side} pixels: "
            f"its shorter side would have {min(target)}, and {SMALLEST} are needed"
        )
    return resized(image, target)


def square(image: Pixels) -> Pixels:
    """Cut the largest square out of a picture's middle, as the original report does."""
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return np.ascontiguousarray(image[top : top + side, left : left + side])


def resized(image: Pixels, shape: tuple[int, int]) -> Pixels:
    """Resize a picture to height and width, antialiased."""
    if image.shape[:2] == shape:
        return image
    made = Image.fromarray(image).resize(shape[::-1], Image.Resampling.LANCZOS, reducing_gap=3.0)
    return np.array(made, np.uint8)


def enlarged(image: Floats, shape: tuple[int, int]) -> Floats:
    """Resize float32 (H, W, 3) of any range to height and width, channel by channel."""
    channels = [
        Image.fromarray(image[..., channel]).resize(shape[::-1], Image.Resampling.BICUBIC)
        for channel in range(3)
    ]
    return np.stack([np.asarray(channel, np.float32) for channel in channels], axis=-1)


def rounded(image: Floats) -> Pixels:
    """Turn float32 levels of 0 to 255 into uint8, clipping what lies outside."""
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def file_format(path: Path) -> str:
    """Return Pillow's name of the format that a file's ending stands for.

    Raises
    ------
    CannotStylize
        It is none that pictures are written in.
    """
    try:
        return _FORMATS[path.suffix.lower()]
    except KeyError:
        raise CannotStylize(f"{path}: pictures are written as {', '.join(sorted(_FORMATS))}") from None


def encoded(image: Pixels, file_format: str = "PNG") -> bytes:
    """Write uint8 (H, W, 3) as a ``PNG``, ``JPEG`` or ``WEBP`` file; JPEG at quality 95, all colour kept."""
    options = {"JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"quality": 95}}.get(file_format, {})
    buffer = BytesIO()
    Image.fromarray(image).save(buffer, file_format, **options)
    return buffer.getvalue()
