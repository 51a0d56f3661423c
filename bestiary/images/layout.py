"""Where light and colour lie in a photo, as 32 numbers: what a photo looks like from across the room."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 8
LUMA, CHROMA = 20, 6
LENGTH = LUMA + 2 * CHROMA

_WEIGHTS = np.array([0.299, 0.587, 0.114])
_CB, _CR = 0.564, 0.713


def _cosines() -> NDArray[np.float64]:
    frequency, place = np.ogrid[:SIDE, :SIDE]
    matrix = np.cos(np.pi * (2 * place + 1) * frequency / (2 * SIDE)) * np.sqrt(2 / SIDE)
    matrix[0] /= np.sqrt(2)
    return np.asarray(matrix)


def _zigzag() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Order a square's places from the coarsest to the finest, as JPEG does."""
    places = [(row, column) for row in range(SIDE) for column in range(SIDE)]
    places.sort(key=lambda place: (sum(place), place[0] if sum(place) % 2 else place[1]))
    rows, columns = zip(*places, strict=True)
    return np.array(rows), np.array(columns)


_COSINES = _cosines()
_ROWS, _COLUMNS = _zigzag()


def layout(image: NDArray[np.uint8]) -> tuple[float, ...]:
    """Describe a photo by the coarsest cosines of its luminance and colours.

    Parameters
    ----------
    image
        uint8 (H, W, 3), RGB.

    Returns
    -------
    `LENGTH` numbers: `LUMA` coefficients of the luminance, then `CHROMA` of blue and of red against it, in
    zigzag order, over a mean of `SIDE` × `SIDE` tiles. The first is the mean luminance, 0 to 1; the others
    are of the same scale. The colour layout descriptor of MPEG-7 (ISO/IEC 15938-3), not quantized.
    """
    tiles = Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BOX)
    colours = np.asarray(tiles, np.float64)
    luma = colours @ _WEIGHTS
    planes = np.stack([luma, (colours[..., 2] - luma) * _CB, (colours[..., 0] - luma) * _CR])
    coefficients = (_COSINES @ planes @ _COSINES.T / (SIDE * 255))[:, _ROWS, _COLUMNS]
    kept = [coefficients[0, :LUMA], coefficients[1, :CHROMA], coefficients[2, :CHROMA]]
    numbers: list[float] = np.round(np.concatenate(kept), 4).tolist()
    return tuple(numbers)
