"""What of a picture is shown in a cell of another shape, at the sharpness of print."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bestiary.images import luminance
from bestiary.poster.page import DPI, MM_PER_INCH, Cell

Pixels = NDArray[np.uint8]

_THUMBNAIL = 96
_STEPS = 33
_QUALITY = 90


def framed(picture: Pixels, cell: Cell, focus: float | None = None) -> tuple[bytes, int]:
    """Crop a picture to a cell around what there is to see, and bring it to 300 dpi.

    Parameters
    ----------
    picture
        uint8 (H, W, 3), RGB.
    cell
        Where it goes.
    focus
        As for `window`.

    Returns
    -------
    A JPEG of exactly the cell's shape at 300 dpi, and the dots an inch that the picture itself has there.
    """
    top, left, height, width = window(picture, cell.width / cell.height, focus)
    size = (round(cell.width / MM_PER_INCH * DPI), round(cell.height / MM_PER_INCH * DPI))
    rows, columns = picture.shape[:2]
    box = (left, top, min(left + width, columns), min(top + height, rows))
    image = Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=3)
    file = BytesIO()
    image.save(file, "JPEG", quality=_QUALITY, optimize=True, dpi=(DPI, DPI))
    return file.getvalue(), round(width / (cell.width / MM_PER_INCH))


def window(picture: Pixels, aspect: float, focus: float | None = None) -> tuple[float, float, float, float]:
    """Find the largest window of a shape that holds most detail; animals have more of it than sky and grass.

    Parameters
    ----------
    picture
        uint8 (H, W, 3), RGB.
    aspect
        Width by height of the window.
    focus
        Where to look instead, if something is cut off: 0 at the left or top, 1 at the right or bottom.

    Returns
    -------
    Top, left, height and width, in pixels.
    """
    rows, columns = picture.shape[:2]
    height, width = min(rows, columns / aspect), min(columns, rows * aspect)
    along = 1 if width < columns - 0.5 else 0
    share = (width / columns) if along else (height / rows)
    start = _start(_detail(picture), along, share) if focus is None else focus * (1 - share)
    # Rounding must not lead past the edge.
    left, top = min(start * columns, columns - width), min(start * rows, rows - height)
    return (0.0, left, height, width) if along else (top, 0.0, height, width)


def _start(detail: NDArray[np.float64], along: int, share: float) -> float:
    """Find where a window of this share begins that holds most detail, 0 to 1 - share."""
    profile = detail.sum(axis=1 - along)
    places = np.linspace(0, 1 - share, _STEPS)
    # Ties go to the middle, and so do doubts: photographers aim at what matters.
    scores = [_within(profile, start, share) - 0.15 * abs(start - (1 - share) / 2) for start in places]
    return float(places[int(np.argmax(scores))])


def _detail(picture: Pixels) -> NDArray[np.float64]:
    """Return how much happens where, summing up to one, more of it counted towards the middle."""
    small = np.asarray(Image.fromarray(picture).resize((_THUMBNAIL, _THUMBNAIL), Image.Resampling.BOX))
    grey = luminance(small).astype(np.float64)
    down, across = np.gradient(grey)
    happening = np.hypot(down, across)
    # Leaves and fur are all detail: only what stands out of the average counts.
    happening = np.clip(happening - happening.mean(), 0, None)
    line = np.linspace(-1, 1, _THUMBNAIL)
    middle = np.exp(-(line**2) / 0.8)
    weighed = happening * middle[:, None] * middle[None, :] + 1e-6
    share: NDArray[np.float64] = weighed / weighed.sum()
    return share


def _within(profile: NDArray[np.float64], start: float, share: float) -> float:
    first = round(start * len(profile))
    return float(profile[first : first + max(1, round(share * len(profile)))].sum())
