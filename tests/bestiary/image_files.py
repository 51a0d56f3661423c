"""Image files of every kind, made on the spot: good, odd and broken ones."""

import struct
import zlib
from io import BytesIO

import numpy as np
from PIL import Image


def scene(width: int = 160, height: int = 120, seed: int = 0) -> Image.Image:
    """Return a smooth colourful picture that differs by seed."""
    grid = np.random.default_rng(seed).integers(0, 256, (7, 9, 3), np.uint8)
    return Image.fromarray(grid).resize((width, height), Image.Resampling.BICUBIC)


def encoded(image: Image.Image, file_format: str = "JPEG", **options: object) -> bytes:
    """Return a picture as the bytes of a file."""
    file = BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def photo(seed: int, width: int = 160, height: int = 120) -> bytes:
    """Return a good JPEG; other seeds give other bytes."""
    return encoded(scene(width, height, seed))


def huge_png(side: int) -> bytes:
    """Return a valid black-and-white PNG of side x side pixels: small as a file, not in memory."""
    squeezer = zlib.compressobj(1)
    row = bytes(1 + side // 8)
    pixels = b"".join(squeezer.compress(row) for _ in range(side)) + squeezer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    )
