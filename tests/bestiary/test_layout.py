"""Where light and colour lie in a photo."""

import numpy as np
import pytest
from scipy.fft import dctn

from bestiary.images.layout import CHROMA, LENGTH, LUMA, layout


def test_a_flat_picture_has_its_means_and_nothing_else() -> None:
    found = np.array(layout(np.full((64, 64, 3), (200, 100, 50), np.uint8)))
    luma = 0.299 * 200 + 0.587 * 100 + 0.114 * 50
    means = luma, (50 - luma) * 0.564, (200 - luma) * 0.713
    assert LENGTH == len(found)
    assert found[[0, LUMA, LUMA + CHROMA]] == pytest.approx(np.array(means) / 255, abs=1e-3)
    assert np.delete(found, [0, LUMA, LUMA + CHROMA]) == pytest.approx(0, abs=1e-3)


def test_the_coefficients_are_the_cosine_transform_s_in_zigzag_order() -> None:
    tiles = np.random.default_rng(2).integers(0, 256, (8, 8, 3), np.uint8)
    picture = tiles.repeat(16, axis=0).repeat(16, axis=1)
    expected = dctn(tiles @ np.array([0.299, 0.587, 0.114]), norm="ortho") / (8 * 255)
    zigzag = [(0, 0), (0, 1), (1, 0), (2, 0), (1, 1), (0, 2), (0, 3), (1, 2), (2, 1), (3, 0)]
    assert [expected[place] for place in zigzag] == pytest.approx(layout(picture)[:10], abs=1e-4)


def test_light_from_the_left_and_from_above_are_told_apart() -> None:
    slope = np.repeat(np.linspace(0, 255, 64).astype(np.uint8)[None, :, None], 64, axis=0).repeat(3, axis=2)
    across, down = layout(slope), layout(slope.transpose(1, 0, 2))
    assert abs(across[1]) > 0.2
    assert abs(across[2]) < 0.01
    assert across[1] == pytest.approx(down[2], abs=1e-3)
