"""The coordinates that L-BFGS moves in, and what keeps it within 0 to 255."""

import numpy as np
import pytest
from style_models import photo

from bestiary.style.bounds import outside
from bestiary.style.spectrum import Spectrum

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize(("width", "height"), [(40, 28), (33, 17)])
def test_a_picture_comes_back_from_its_coordinates(width, height):
    """To a thousandth of a level, for even and odd sides."""
    image = photo(width, height).astype(np.float32)
    spectrum = Spectrum(image.shape)
    assert np.allclose(image, spectrum.image(spectrum.coordinates(image)), atol=1e-3)


def test_the_slope_is_the_gradient_by_the_coordinates():
    """A small move of the coordinates changes a linear loss as the slope says."""
    spectrum = Spectrum((20, 14, 3))
    gradient, moved = RANDOM.normal(size=(20, 14, 3)), RANDOM.normal(size=(3, 20, 14))
    changed = np.vdot(gradient, spectrum.image(moved.astype(np.float32)))
    assert changed == pytest.approx(np.vdot(spectrum.slope(gradient.astype(np.float32)), moved), rel=1e-4)


def test_regions_move_further_than_dots():
    """A pull on a whole region changes a pixel more than an equal pull on every other pixel."""
    spectrum = Spectrum((64, 64, 3))
    flat = np.ones((64, 64, 3), np.float32)
    board = (np.indices((64, 64)).sum(axis=0) % 2 * 2 - 1)[..., np.newaxis] * flat
    far, near = (np.abs(spectrum.image(spectrum.slope(pull))).mean() for pull in (flat, board))
    assert far > 10 * near


def test_colours_inside_cost_nothing_and_those_outside_are_pulled_back():
    """The price is what its gradient says, and it grows with all weights."""
    image = RANDOM.uniform(0, 255, (8, 9, 3)).astype(np.float32)
    price, pull = outside(image, 9.6)
    assert price == 0
    assert not pull.any()
    image[0, 0, 0], image[1, 1, 1] = -20, 300
    price, pull = outside(image, 9.6)
    assert price == pytest.approx(9600 * (20**2 + 45**2) / image.size / 255**2, rel=1e-4)
    assert pull[0, 0, 0] < 0 < pull[1, 1, 1]
    less, _ = outside(image - 0.01 * pull / np.abs(pull).max(), 9.6)
    assert price - less == pytest.approx(0.01 * np.vdot(pull, pull) / np.abs(pull).max(), rel=0.01)
