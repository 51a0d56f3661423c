"""Colours taken from paintings, or kept."""

import numpy as np
import pytest
from PIL import Image
from style_models import photo, stripes

from bestiary.style import Fast, Style, colour, stylize


def test_recoloured_pictures_have_the_others_colours():
    """Mean and covariance are the other's, as far as nothing is clipped."""
    image = (photo() * 0.2 + 100).astype(np.float32)
    like = (stripes() * 0.2 + 90).astype(np.float32)
    made = colour.recoloured(image, like).reshape(-1, 3)
    assert np.allclose(like.reshape(-1, 3).mean(axis=0), made.mean(axis=0), atol=0.5)
    assert np.allclose(np.cov(like.reshape(-1, 3).T), np.cov(made.T), atol=12)


def test_a_picture_recoloured_like_itself_stays():
    """No colour moves without need."""
    image = photo().astype(np.float32)
    assert np.abs(colour.recoloured(image, image) - image).max() < 0.5


@pytest.mark.parametrize("level", [0, 90, 255])
def test_flat_pictures_can_be_recoloured(level):
    """Nothing is divided by nothing, and a flat picture takes the other's mean."""
    flat = np.full((20, 20, 3), level, np.uint8)
    assert np.allclose(
        stripes().reshape(-1, 3).mean(axis=0), colour.recoloured(flat, stripes())[0, 0], atol=1
    )
    assert np.isfinite(colour.recoloured(photo(), flat)).all()
    assert np.isfinite(colour.prepared(photo(), flat, "luminance")).all()


class Inverting:
    """Paints the photo's negative."""

    digest, style_side, multiple = "inverting", 16, 1

    def vector(self, style):
        return np.zeros(100, np.float32)

    def transform(self, content, vector):
        return 1 - content


def test_with_luminance_only_light_and_dark_are_painted():
    """The photo's colour is back, and the light is the painted one."""
    # Not so colourful that a changed light leaves the range of RGB.
    content = (photo(64, 64) // 4 + 96).astype(np.uint8)
    made = stylize(Fast(Inverting(), 64), content, [Style(stripes())], keeping="luminance").image
    before, after = (np.asarray(Image.fromarray(one).convert("YCbCr"), int) for one in (content, made))
    assert np.abs(before[..., 1:] - after[..., 1:]).max() <= 3
    assert np.abs(255 - before[..., 0] - after[..., 0]).max() <= 3


def test_with_histogram_the_painting_is_recoloured():
    """What paints sees a painting of the photo's mean colour."""
    seen = colour.prepared(photo(), stripes(), "histogram")
    assert np.allclose(photo().reshape(-1, 3).mean(axis=0), seen.reshape(-1, 3).mean(axis=0), atol=6)
    assert colour.prepared(photo(), stripes(), "no") is not None


def test_square_cuts_all_pictures_and_only_when_asked():
    """The original report's crop: the largest square of the middle."""
    assert (64, 64, 3) == stylize(
        Fast(Inverting(), 64), photo(96, 64), [Style(stripes())], square=True
    ).image.shape
    assert (43, 64, 3) == stylize(Fast(Inverting(), 64), photo(96, 64), [Style(stripes())]).image.shape
