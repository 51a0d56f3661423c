"""Losses of a picture against a photo and paintings, and their gradient."""

import numpy as np
import pytest
from style_models import features, network, photo, stripes

from bestiary.style import CannotStylize, Weights
from bestiary.style.features import chosen
from bestiary.style.objective import Objective
from bestiary.style.tiles import tiles


def objective(weights=None, *, net=None, content=None, styles=None, **options):
    painting = stripes().astype(np.float32)
    return Objective(
        net or features(),
        (photo() if content is None else content).astype(np.float32),
        [(painting, 1.0)] if styles is None else styles,
        weights or Weights(1, 5, 0.3),
        **options,
    )


def test_the_photo_itself_has_lost_no_content():
    """Content loss 0, and gradient 0 where only content counts."""
    losses, gradient = objective(Weights(1, 0, 0)).evaluate(photo().astype(np.float32))
    assert 0 == losses.content == losses.total
    assert 0 == np.abs(gradient).max()


def test_the_painting_itself_has_the_style():
    """Style loss is 0 for the very painting."""
    painting = stripes()
    losses, _ = objective(content=painting).evaluate(painting.astype(np.float32))
    assert losses.style < 1e-9


def test_roughness_is_a_share_of_the_rougher_of_photo_and_painting():
    """1 for the one that is rougher, whichever it is."""
    rough, smooth = stripes(96, 64).astype(np.float32), photo().astype(np.float32)
    like_a_painting = objective(content=smooth, styles=[(rough, 1.0)])
    like_a_photo = objective(content=rough, styles=[(smooth, 1.0)])
    for one in (like_a_painting, like_a_photo):
        assert pytest.approx(1, rel=1e-5) == one.evaluate(rough)[0].variation
        assert one.evaluate(smooth)[0].variation < 0.5


def test_paintings_are_as_rough_as_they_are_in_the_mean():
    """By their weights; one of weight 0 is none."""
    rough, smooth = stripes(96, 64).astype(np.float32), np.full((64, 96, 3), 128, np.float32)
    alone, half, none = (
        objective(content=smooth, styles=[(rough, weight), (smooth, 1.0)]).evaluate(rough)[0].variation
        for weight in (1e6, 1.0, 0.0)
    )
    assert pytest.approx(1, rel=1e-3) == alone
    assert pytest.approx(2, rel=1e-3) == half
    assert none > 100


def test_the_gradient_is_that_of_the_total():
    """A small step along the gradient changes the total as the gradient says."""
    wanted = objective()
    image = photo(seed=3).astype(np.float32)
    _, gradient = wanted.evaluate(image)
    step = 0.5 * gradient / np.abs(gradient).max()
    more, less = (wanted.evaluate(image + sign * step)[0].total for sign in (1, -1))
    assert pytest.approx(2 * float((gradient * step).sum()), rel=0.02) == more - less


def test_windows_compute_what_the_whole_does():
    """A picture in nine windows has the losses and the gradient of the picture in one."""
    content, image = photo(352, 320), photo(352, 320, seed=5).astype(np.float32)
    whole = objective(content=content).evaluate(image)
    windows = objective(content=content, tile_pixels=(128 + 192) ** 2).evaluate(image)
    assert 9 == len(tiles(content.shape, (128 + 192) ** 2, 96))
    assert pytest.approx(whole[0].content, rel=1e-4) == windows[0].content
    assert pytest.approx(whole[0].style, rel=1e-4) == windows[0].style
    assert np.abs(whole[1] - windows[1]).max() < 1e-3 * np.abs(whole[1]).max()


def test_losses_do_not_depend_on_how_loud_a_network_is():
    """Features seven times as large change no loss, so one set of weights fits every network."""
    loud = network()
    for layer in ("one", "two", "three"):
        kernel, bias = loud.get_layer(layer).get_weights()
        loud.get_layer(layer).set_weights([kernel * 7 if layer == "one" else kernel, bias])
    image = photo(seed=3).astype(np.float32)
    expected = objective().evaluate(image)[0]
    found = objective(net=chosen("loud", loud, ["three"], ["one", "two"])).evaluate(image)[0]
    assert pytest.approx(expected.content, rel=1e-4) == found.content
    assert pytest.approx(expected.style, rel=1e-4) == found.style


@pytest.mark.parametrize("level", [0, 128, 255])
def test_pictures_of_one_colour_give_numbers(level):
    """Nothing is divided by nothing."""
    flat = np.full((64, 64, 3), level, np.float32)
    losses, gradient = objective(content=flat, styles=[(flat, 1.0)]).evaluate(
        photo(64, 64).astype(np.float32)
    )
    assert np.isfinite(losses.total)
    assert np.isfinite(gradient).all()


def test_a_painting_of_weight_nothing_counts_nothing():
    """Two paintings of weights 1 and 0 are the first alone."""
    one, other = stripes().astype(np.float32), photo(seed=9).astype(np.float32)
    image = photo(seed=3).astype(np.float32)
    alone = objective(styles=[(one, 1.0)]).evaluate(image)[0]
    both = objective(styles=[(one, 3.0), (other, 0.0)]).evaluate(image)[0]
    mixed = objective(styles=[(one, 1.0), (other, 1.0)]).evaluate(image)[0]
    assert pytest.approx(alone.style) == both.style
    assert alone.style != pytest.approx(mixed.style)


def test_bfloat16_measures_the_same_to_a_hundredth():
    """Half the digits, the same losses."""
    image = photo(seed=3).astype(np.float32)
    exact = objective().evaluate(image)[0]
    rough = objective(net=features(precision="bfloat16")).evaluate(image)[0]
    assert rough != exact
    assert pytest.approx(exact.total, rel=0.01) == rough.total


def test_a_layers_weight_shifts_the_loss_towards_it():
    """With all weight on one style layer the other's distance does not count."""
    image = photo(seed=3).astype(np.float32)
    both = objective(Weights(1, 5, 0)).evaluate(image)[0].style
    first = objective(Weights(1, 5, 0, {"two": 0})).evaluate(image)[0].style
    second = objective(Weights(1, 5, 0, {"one": 0})).evaluate(image)[0].style
    assert pytest.approx((first + second) / 2, rel=1e-5) == both


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Weights(style=-1), "the weight of style is -1"),
        (lambda: Weights(content=float("nan")), "the weight of content is nan"),
        (lambda: Weights(0, 0), "cannot both be 0"),
        (lambda: objective(Weights(layers={"nine": 2})), "nine is not among the layers three, one, two"),
        (lambda: objective(Weights(layers={"three": 0})), "cannot all have the weight 0"),
        (lambda: objective(styles=[(stripes().astype(np.float32), 0.0)]), "at least one style"),
    ],
)
def test_weights_that_mean_nothing_are_refused(make, words):
    """One line says which."""
    with pytest.raises(CannotStylize, match=words):
        make()
