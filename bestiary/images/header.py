"""What a picture's header says, before a single pixel is decoded."""

from dataclasses import dataclass
from io import BytesIO

from PIL import ExifTags, Image

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
    orientation
        The EXIF orientation, 1 to 8; 1 where there is none.
    animated
        Whether there are more frames than the one that is used.
    """

    format: str
    width: int
    height: int
    mode: str
    orientation: int
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
    # Pillow's parsers let out whatever they trip over: SyntaxError, struct.error, IndexError, OSError…
    try:
        image = Image.open(BytesIO(data), formats=FORMATS)
    except Exception as error:
        raise UnreadableImage(_diagnosis(data)) from error
    width, height = image.size
    if width * height > pixel_limit:
        limit = f"the limit is {pixel_limit / 1e6:g} megapixels"
        raise UnreadableImage(f"too large: {width} x {height} pixels, {limit}")
    try:
        animated = image.format in _ANIMATED and bool(getattr(image, "is_animated", False))
    except Exception as error:
        raise UnreadableImage(_diagnosis(data)) from error
    return image, Header(str(image.format), width, height, image.mode, _orientation(image), animated)


def read_header(data: bytes, pixel_limit: int = PIXEL_LIMIT) -> Header:
    """Return what a picture's header says; raises `UnreadableImage` as `open_image` does."""
    return open_image(data, pixel_limit)[1]


def _orientation(image: Image.Image) -> int:
    if image.format == "PNG" and "exif" not in image.info:
        # Pillow would decode all of a PNG to look for EXIF behind its pixels.
        return 1
    try:
        orientation = int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001 - Pillow raises whatever a broken EXIF block makes it; the pixels are fine
        return 1
    return orientation if 1 <= orientation <= 8 else 1


def _diagnosis(data: bytes) -> str:
    """Say what a file is that Pillow did not take for an image."""
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        return "unsupported format HEIC: convert it to JPEG"
    if data.startswith(_SIGNATURES) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        return "truncated or damaged in its header"
    if b"\x00" not in data[:512]:
        return "not an image (it looks like text)"
    return f"not an image in a supported format ({', '.join(sorted(FORMATS))})"
