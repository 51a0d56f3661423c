"""What a picture's header says, before a single pixel is decoded."""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from bestiary.images.errors import UnreadableImage

PIXEL_LIMIT = 64_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
_ANIMATED = {"GIF", "WEBP", "PNG", "AVIF"}
_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"II*\x00", b"MM\x00*")

# The limit of `read_header` replaces Pillow's own, which only warns below 179 megapixels and names no sizes.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True)
class Header:
    """What is known of a picture without decoding it.

    Attributes
    ----------
    format
        Pillow's name of the file format: one of `FORMATS`, or ``MPO`` for a JPEG that holds further pictures.
    width, height
        As stored, in pixels, before the EXIF orientation is obeyed.
    mode
        Pillow's name of the pixel layout, such as ``RGB``, ``L``, ``CMYK``, ``P`` or ``I;16``.
    animated
        Whether there are more frames than the one that is used.
    """

    format: str
    width: int
    height: int
    mode: str
    animated: bool

    @property
    def warning(self) -> str:
        """Return what a reader of the report should know about the picture; mostly nothing."""
        return f"animated {self.format}: only its first frame is used" if self.animated else ""


def open_image(data: bytes, pixel_limit: int = PIXEL_LIMIT) -> tuple[Image.Image, Header]:
    """Open a picture without decoding it, and return it with its header.

    Parameters
    ----------
    data
        The whole file.
    pixel_limit
        Pictures of more pixels than this are refused, so that a small file cannot fill the memory.

    Raises
    ------
    UnreadableImage
        The file is empty, no image, of an unsupported format, cut off in its header or too large.
    """
    if not data:
        raise UnreadableImage("empty file (0 bytes)")
    try:
        image = Image.open(BytesIO(data), formats=FORMATS)
        width, height = image.size
        # Whether it is animated is asked last: some formats read on to answer that.
        animated = width * height <= pixel_limit and _is_animated(image)
    except Exception as error:
        # Pillow's parsers let out whatever they trip over: SyntaxError, struct.error, IndexError, OSError…
        raise UnreadableImage(_diagnosis(data)) from error
    if width * height > pixel_limit:
        limit = f"the limit is {pixel_limit / 1e6:g} megapixels"
        raise UnreadableImage(f"too large: {width} x {height} pixels, {limit}")
    return image, Header(str(image.format), width, height, image.mode, animated)


def read_header(data: bytes, pixel_limit: int = PIXEL_LIMIT) -> Header:
    """Return what a picture's header says; raises `UnreadableImage` as `open_image` does."""
    return open_image(data, pixel_limit)[1]


def _is_animated(image: Image.Image) -> bool:
    return image.format in _ANIMATED and bool(getattr(image, "is_animated", False))


def _diagnosis(data: bytes) -> str:
    """Say what a file is that Pillow did not take for an image."""
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        return "unsupported format HEIC: convert it to JPEG"
    if data.startswith(_SIGNATURES) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        return "truncated or damaged in its header"
    if b"\x00" not in data[:512]:
        return "not an image (it looks like text)"
    return f"not an image in a supported format ({', '.join(sorted(FORMATS))})"
