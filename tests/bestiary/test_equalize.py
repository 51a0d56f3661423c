"""Equalization is Pillow's on the luminance, leaves the hue alone, and takes batches."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from image_files import scene
from numpy.typing import NDArray
from PIL import Image, ImageOps

from bestiary.images import equalize, luminance

Picture = NDArray[np.uint8]
PICTURES = arrays(np.uint8, st.tuples(st.integers(1, 24), st.integers(1, 24), st.just(3)))


def pillow(image: Picture) -> Picture:
    luma, *chroma = Image.fromarray(image).convert("YCbCr").split()
    return np.asarray(Image.merge("YCbCr", (ImageOps.equalize(luma), *chroma)).convert("RGB"))


def dim(seed: int = 0) -> Picture:
    return (np.asarray(scene(128, 128, seed)) * 0.4 + 30).astype(np.uint8)


@given(PICTURES)
@settings(max_examples=60, deadline=None)
def test_luminance_is_pillows_y_to_the_bit(image: Picture) -> None:
    np.testing.assert_array_equal(
        np.asarray(Image.fromarray(image).convert("YCbCr"))[..., 0], luminance(image)
    )


@pytest.mark.parametrize("seed", range(5))
def test_pictures_differ_from_pillows_by_three_levels_at_most(seed: int) -> None:
    difference = np.abs(np.subtract(equalize(dim(seed)), pillow(dim(seed)), dtype=int))
    assert difference.max() <= 3
    assert difference.mean() < 1.5


@given(PICTURES)
@settings(max_examples=60, deadline=None)
def test_the_lookup_table_is_pillows_to_the_bit(image: Picture) -> None:
    grey = np.repeat(image[..., :1], 3, axis=2)
    luma = Image.fromarray(luminance(grey))
    expected = np.asarray(ImageOps.equalize(luma), int) - np.asarray(luma, int)
    gained = equalize(grey).astype(int) - grey
    inside = (equalize(grey) > 0) & (equalize(grey) < 255)
    np.testing.assert_array_equal(np.repeat(expected[..., None], 3, axis=2)[inside], gained[inside])


def test_hue_stays_where_nothing_is_clipped() -> None:
    image = dim()
    equal = equalize(image)
    untouched = (equal.min(axis=2) > 0) & (equal.max(axis=2) < 255)
    for first, second in ((0, 1), (1, 2)):
        before = image[..., first].astype(int) - image[..., second]
        after = equal[..., first].astype(int) - equal[..., second]
        np.testing.assert_array_equal(before[untouched], after[untouched])


def test_the_luminance_ends_up_spread_over_the_whole_range() -> None:
    assert luminance(dim()).std() < 40
    assert luminance(equalize(dim())).std() > 60


def test_a_batch_is_each_of_its_pictures() -> None:
    batch = np.stack([dim(seed) for seed in range(3)])
    np.testing.assert_array_equal(np.stack([equalize(image) for image in batch]), equalize(batch))
    assert equalize(batch[:0]).shape == (0, 128, 128, 3)


@pytest.mark.parametrize("level", [0, 7, 255])
def test_a_flat_picture_stays_as_it_is(level: int) -> None:
    flat = np.full((9, 9, 3), level, np.uint8)
    np.testing.assert_array_equal(flat, equalize(flat))


def test_the_input_is_not_changed() -> None:
    image = dim()
    copy = image.copy()
    equalize(image)
    np.testing.assert_array_equal(copy, image)
