"""What is painted beyond a picture's edges so that all of it is seen."""

import numpy as np
import pytest
from small_networks import keras
from style_models import features, photo, stripes

from bestiary.style import CannotStylize, Settings, Style, gatys
from bestiary.style.features import chosen
from bestiary.style.margins import framed, inner, margin
from bestiary.style.objective import Objective, Weights


def striding(stride=2, size=3):
    """A network whose only convolution leaves out what its stride does not reach."""
    layers = keras().layers
    image = keras().Input((None, None, 3))
    x = layers.Conv2D(
        8, size, stride, padding="valid", activation="relu", name="one", kernel_initializer="he_uniform"
    )(image)
    return chosen("striding", keras().Model(image, x), ["one"], ["one"])


@pytest.mark.parametrize(
    ("stride", "size", "height", "expected"),
    [
        (2, 3, 64, 2),  # windows at 0, 2 … 60 end at row 62; one row more would do, but gives an odd side
        (2, 3, 65, 0),
        (4, 4, 64, 0),
        (4, 4, 65, 3),  # the last row needs a window of its own, of which three rows are beyond
        (4, 4, 67, 1),
    ],
)
def test_it_is_as_little_as_will_do_and_gives_even_sides(stride, size, height, expected):
    """So many rows, and the same of columns."""
    network = striding(stride, size)
    assert (expected, 0) == margin(network, (height, 4 * 16 + size - stride))
    assert (0, expected) == margin(network, (4 * 16 + size - stride, height))


def test_networks_that_see_everything_need_none():
    """Padding leaves no row out at the first layer, whatever the size."""
    assert (0, 0) == margin(features(), (63, 97))


def test_every_pixel_of_a_framed_picture_has_a_slope():
    """Without its margin the last rows and columns have none, and would not be painted."""
    network, beyond = striding(4, 4), margin(striding(4, 4), (65, 66))
    assert (3, 2) == beyond
    image, sharp = photo(66, 65, seed=4).astype(np.float32), photo(66, 65).astype(np.float32)
    styles, weights = [(stripes().astype(np.float32), 1.0)], Weights(1, 8, 0)
    bare = np.abs(Objective(network, sharp, styles, weights).evaluate(image)[1]).sum(axis=2)
    assert not bare[64:].any()
    assert not bare[:, 64:].any()
    objective = Objective(network, framed(sharp, beyond), styles, weights)
    slopes = np.abs(inner(objective.evaluate(framed(image, beyond))[1], beyond)).sum(axis=2)
    assert (65, 66) == slopes.shape
    assert (slopes[64:] > 0).all()
    assert (slopes[:, 64:] > 0).all()


def test_paintings_are_as_large_as_was_asked_for():
    """What lies beyond is cut off again, at every level."""
    painted = gatys.paint(striding(4, 4), photo(97, 65), [Style(stripes())], Settings(size=97, steps=3))
    assert (65, 97, 3) == painted.image.shape


def test_a_picture_too_small_for_a_network_is_refused():
    """In one line."""
    with pytest.raises(CannotStylize, match="sees nothing in a picture of 40×8 pixels"):
        margin(striding(4, 16), (8, 40))
