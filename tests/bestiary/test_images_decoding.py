"""Decoding gives upright RGB of whatever is a picture, and says why of whatever is not."""

import resource
import time
from io import BytesIO

import numpy as np
import pytest
from image_files import encoded, huge_png, scene
from numpy.typing import NDArray
from PIL import Image, ImageOps

from bestiary.images import UnreadableImage, decode, read_header

Picture = NDArray[np.uint8]


def pillow(data: bytes) -> Picture:
    return np.asarray(ImageOps.exif_transpose(Image.open(BytesIO(data))).convert("RGB"))


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"subsampling": 0}, {"restart_marker_rows": 1}]
)
def test_a_jpeg_has_the_very_pixels_that_pillow_decodes(options: dict[str, object]) -> None:
    data = encoded(scene(), quality=88, **options)
    np.testing.assert_array_equal(pillow(data), decode(data))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_exif_orientation_is_obeyed(orientation: int, file_format: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(scene(90, 50), file_format, exif=exif)
    expected = pillow(data)
    assert expected.shape[:2] == ((90, 50) if orientation > 4 else (50, 90))
    np.testing.assert_array_equal(expected, decode(data))


def test_a_rotated_jpeg_is_upright_on_the_scaled_path_too() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(scene(1200, 800), exif=exif)
    assert decode(data, at_least=100).shape == (150, 100, 3)


@pytest.mark.parametrize("at_least", [40, 64, 100, 128, 256, 399, 400, 401])
def test_a_scaled_decoding_leaves_at_least_what_was_asked_for(at_least: int) -> None:
    decoded = decode(encoded(scene(1600, 800)), at_least=at_least)
    assert min(decoded.shape[:2]) >= at_least
    assert decoded.shape[0] * 2 == decoded.shape[1]


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_a_broken_exif_block_does_not_cost_the_picture() -> None:
    data = encoded(scene(), exif=b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff")
    assert decode(data).shape == (120, 160, 3)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_grey_and_cmyk_jpegs_become_rgb(mode: str) -> None:
    data = encoded(scene().convert(mode), quality=95)
    np.testing.assert_array_equal(pillow(data), decode(data))


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_not_clipped(file_format: str) -> None:
    ramp = np.linspace(0, 65535, 256 * 4).astype(np.uint16).reshape(4, 256)
    decoded = decode(encoded(Image.fromarray(ramp), file_format))
    np.testing.assert_array_equal(np.round(ramp / 257).astype(np.uint8), decoded[..., 0])


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_transparent_parts_are_white(mode: str) -> None:
    image = scene().convert("RGBA")
    image.putalpha(0)
    file_format = "TIFF" if mode == "PA" else "PNG"
    assert decode(encoded(image.convert(mode), file_format)).min() == 255


def test_a_palette_with_a_transparent_colour_is_laid_on_white() -> None:
    image = Image.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, 200, 10, 10])
    assert (decode(encoded(image, "GIF", transparency=1)) == 255).all()
    assert (decode(encoded(image, "GIF"))[0, 0] == (200, 10, 10)).all()


@pytest.mark.parametrize("mode", ["1", "P", "L", "RGB"])
@pytest.mark.parametrize("file_format", ["PNG", "TIFF", "BMP", "GIF"])
def test_every_common_format_and_mode_decodes_as_pillow_does(mode: str, file_format: str) -> None:
    data = encoded(scene().convert(mode), file_format)
    np.testing.assert_array_equal(pillow(data), decode(data))


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_taken_with_a_warning(file_format: str) -> None:
    red, blue = Image.new("RGB", (20, 10), "red"), Image.new("RGB", (20, 10), "blue")
    data = encoded(red, file_format, save_all=True, append_images=[blue])
    assert decode(data)[0, 0, 0] > 240
    assert read_header(data).warning == f"animated {file_format}: only its first frame is used"


def test_a_still_has_no_warning() -> None:
    assert read_header(encoded(scene(), "PNG")).warning == ""


def test_a_jpeg_with_a_second_picture_in_it_is_no_animation() -> None:
    data = encoded(scene(), "MPO", save_all=True, append_images=[scene(seed=1)])
    assert read_header(data).warning == ""
    np.testing.assert_array_equal(pillow(data), decode(data))


JPEG = encoded(scene(400, 300), quality=90)
PROGRESSIVE = encoded(scene(400, 300), quality=90, progressive=True)


@pytest.mark.parametrize("whole", [JPEG, PROGRESSIVE], ids=["baseline", "progressive"])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("at_least", [0, 50])
def test_a_jpeg_that_was_cut_off_is_refused(whole: bytes, share: float, at_least: int) -> None:
    with pytest.raises(UnreadableImage, match=r"^truncated"):
        decode(whole[: int(len(whole) * share)], at_least=at_least)


@pytest.mark.parametrize("file_format", ["PNG", "GIF", "WEBP", "TIFF", "BMP"])
def test_other_formats_that_were_cut_off_are_refused(file_format: str) -> None:
    whole = encoded(scene(400, 300), file_format)
    with pytest.raises(UnreadableImage, match=r"^truncated"):
        decode(whole[: len(whole) // 2])


def test_garbage_inside_a_jpeg_is_refused() -> None:
    broken = bytearray(JPEG)
    broken[len(broken) // 2 : len(broken) // 2 + 40] = bytes(40)
    with pytest.raises(UnreadableImage, match=r"^(damaged|truncated)"):
        decode(bytes(broken))


def test_bytes_after_the_end_of_a_jpeg_do_no_harm() -> None:
    np.testing.assert_array_equal(decode(JPEG), decode(JPEG + b"appended by a camera" * 20))


def test_stray_bytes_between_segments_do_no_harm() -> None:
    stray = PROGRESSIVE[:-2] + bytes(4) + PROGRESSIVE[-2:]
    np.testing.assert_array_equal(decode(PROGRESSIVE), decode(stray))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty file (0 bytes)"),
        (b"These are field notes.\n" * 9, "not an image (it looks like text)"),
        (bytes(range(256)), "not an image in a supported format"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(60), "unsupported format HEIC: convert it to JPEG"),
        (JPEG[:80], "truncated or damaged in its header"),
        (encoded(scene(), "PNG")[:20], "truncated or damaged in its header"),
        (encoded(Image.fromarray(np.ones((4, 4), np.float32)), "TIFF"), "unsupported floating-point pixels"),
    ],
    ids=["empty", "text", "binary", "heic", "jpeg header", "png header", "float"],
)
def test_what_is_no_picture_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableImage) as caught:
        decode(data)
    assert caught.value.reason.startswith(reason)


def test_a_bomb_is_refused_fast_in_little_memory_with_its_size() -> None:
    bomb = huge_png(20_000)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    with pytest.raises(
        UnreadableImage, match=r"^too large: 20000 x 20000 pixels, the limit is 64 megapixels$"
    ):
        decode(bomb)
    assert time.perf_counter() - start < 0.5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kilobytes


def test_the_pixel_limit_is_a_setting() -> None:
    data = encoded(scene(100, 100))
    assert decode(data, pixel_limit=10_000).shape == (100, 100, 3)
    with pytest.raises(UnreadableImage, match="100 x 100 pixels"):
        decode(data, pixel_limit=9_999)
