"""What is measured of a photo."""

import numpy as np
import pytest

from bestiary.images import luminance
from bestiary.images.header import Header
from bestiary.images.statistics import BINS, measure


def header(width: int = 40, height: int = 30, orientation: int = 1) -> Header:
    return Header("JPEG", width, height, "RGB", orientation, animated=False)


def flat(red: int, green: int, blue: int, side: int = 16) -> np.ndarray:
    return np.full((side, side, 3), (red, green, blue), np.uint8)


@pytest.mark.parametrize(
    ("colour", "saturation"), [((0, 0, 0), 0), ((90, 90, 90), 0), ((255, 0, 0), 1), ((100, 50, 50), 0.5)]
)
def test_saturation_is_that_of_hsv(colour: tuple[int, int, int], saturation: float) -> None:
    assert measure(header(), flat(*colour)).saturation == pytest.approx(saturation)


def test_brightness_and_contrast_are_of_the_luminance() -> None:
    image = np.random.default_rng(1).integers(0, 256, (16, 16, 3), np.uint8)
    luma = luminance(image) / 255
    measured = measure(header(), image)
    assert measured.brightness == pytest.approx(luma.mean(), abs=1e-4)
    assert measured.contrast == pytest.approx(luma.std(), abs=1e-4)


def test_sharpness_falls_when_a_photo_is_blurred() -> None:
    """A checkerboard's Laplacian is the steepest there is; its average over 2x2 has none."""
    board = np.indices((16, 16)).sum(axis=0) % 2 * 255
    sharp = np.repeat(board[..., None], 3, axis=2).astype(np.uint8)
    assert measure(header(), sharp).sharpness == pytest.approx(4 * 255, abs=0.5)
    assert measure(header(), flat(127, 127, 127)).sharpness == 0
    assert measure(header(), flat(9, 9, 9, side=1)).sharpness == 0


def test_histograms_are_shares_by_channel() -> None:
    image = np.concatenate([flat(0, 100, 255), flat(255, 100, 0)])
    measured = measure(header(), image)
    assert {BINS} == {len(channel) for channel in (measured.red, measured.green, measured.blue)}
    assert (measured.red[0], measured.red[-1]) == (0.5, 0.5)
    assert measured.green[100 * BINS // 256] == 1
    assert (measured.blue[0], measured.blue[-1]) == (0.5, 0.5)


@pytest.mark.parametrize(
    ("orientation", "size"), [(1, (40, 30)), (3, (40, 30)), (6, (30, 40)), (8, (30, 40))]
)
def test_size_is_that_of_the_upright_picture(orientation: int, size: tuple[int, int]) -> None:
    measured = measure(header(orientation=orientation), flat(1, 2, 3))
    assert size == (measured.width, measured.height)
