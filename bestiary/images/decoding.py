"""From the bytes of an image file to RGB pixels, upright."""

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image, ImageOps

from bestiary.images.errors import UnreadableImage
from bestiary.images.header import PIXEL_LIMIT, Header, open_image

Pixels = NDArray[np.uint8]

_TRUNCATED = "truncated: the file ends before the picture does"

# How a stored picture becomes upright, by EXIF orientation: transposed, flipped up-down, flipped sideways.
_UPRIGHT = {
    2: (False, False, True),
    3: (False, True, True),
    4: (False, True, False),
    5: (True, False, False),
    6: (True, False, True),
    7: (True, True, True),
    8: (True, True, False),
}


def decode(data: bytes, *, at_least: int = 0, pixel_limit: int = PIXEL_LIMIT) -> Pixels:
    """Decode a picture to RGB and turn it upright as its EXIF orientation says.

    A JPEG is decoded by libjpeg-turbo, at a half, a quarter or an eighth of its size where `at_least` allows
    it. Transparent pictures are laid on white, 16-bit ones are scaled to 8 bits, and of animations the first
    frame is taken.

    Parameters
    ----------
    data
        The whole file.
    at_least
        Neither side of the result may come out shorter than this many pixels because of a scaled decoding;
        0 decodes at full size.
    pixel_limit
        Larger pictures (width times height as the header says) are refused before they are decoded.

    Returns
    -------
    uint8 (H, W, 3), RGB, 0 to 255, C-contiguous.

    Raises
    ------
    UnreadableImage
        The picture cannot be decoded whole; its ``reason`` says why.
    """
    image, header = open_image(data, pixel_limit)
    if header.format in {"JPEG", "MPO"} and header.mode in {"RGB", "L"}:
        pixels = _turbo(data, header, at_least)
        if pixels is not None:
            return _upright(pixels, header.orientation)
    return _pillow(image)


def _turbo(data: bytes, header: Header, at_least: int) -> Pixels | None:
    """Decode with libjpeg-turbo; None where it stumbles, so that Pillow may say why or put up with it."""
    # Other factors than 1/2, 1/4 and 1/8 have no vectorized code in the library: they are slower than none.
    shrinks = at_least > 0 and min(header.width, header.height) >= 2 * at_least
    limits = {"min_height": at_least, "min_width": at_least, "min_factor": 2} if shrinks else {}
    try:
        return np.asarray(simplejpeg.decode_jpeg(data, "RGB", strict=True, **limits), np.uint8)
    except ValueError as error:
        message = str(error)
        if "Premature end" in message:
            raise UnreadableImage(_TRUNCATED) from error
        # Cameras do leave stray bytes between segments; other corruption leaves grey blocks or shifted
        # colours.
        if "Corrupt JPEG data" in message and "extraneous bytes" not in message:
            raise UnreadableImage(f"damaged: {message}") from error
        return None


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    if orientation not in _UPRIGHT:
        return pixels
    transposed, upside_down, mirrored = _UPRIGHT[orientation]
    turned = pixels.transpose(1, 0, 2) if transposed else pixels
    turned = turned[::-1] if upside_down else turned
    return np.ascontiguousarray(turned[:, ::-1] if mirrored else turned)


def _pillow(image: Image.Image) -> Pixels:
    try:
        image.load()
        return np.array(_rgb(ImageOps.exif_transpose(image)), np.uint8)
    except UnreadableImage:
        raise
    except Exception as error:
        # Like its headers, Pillow's decoders raise whatever they meet.
        text = str(error) or type(error).__name__
        raise UnreadableImage(_TRUNCATED if "truncated" in text else f"damaged: {text}") from error


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # Pillow's own conversion clips 16-bit greys at 255 instead of scaling them.
        grey = np.clip(np.asarray(image, np.int64), 0, 65535)
        return Image.fromarray(((grey + 128) // 257).astype(np.uint8)).convert("RGB")
    if image.mode == "F":
        raise UnreadableImage("unsupported floating-point pixels: save it with 8 bits a channel")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return image.convert("RGB")
