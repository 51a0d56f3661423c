"""Photos as models see them: one preprocessing for training, serving and monitoring."""

from bestiary.images.decoding import decode
from bestiary.images.equalization import equalize, luminance
from bestiary.images.errors import UnreadableImage
from bestiary.images.header import FORMATS, PIXEL_LIMIT, Header, read_header
from bestiary.images.preprocessing import Preprocessing, prepare
from bestiary.images.resizing import resize

__all__ = [
    "FORMATS",
    "PIXEL_LIMIT",
    "Header",
    "Preprocessing",
    "UnreadableImage",
    "decode",
    "equalize",
    "luminance",
    "prepare",
    "read_header",
    "resize",
]
