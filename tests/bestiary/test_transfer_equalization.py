"""The choice whether to equalize photos for a backbone."""

from dataclasses import replace

import numpy as np
import small_networks

from bestiary.classifiers import equalization


def seen(photos, setting="auto", frozen=None):
    """Look at the photos' mean colours, or at whatever `frozen` says."""
    calls = []

    def look(inputs):
        calls.append(len(inputs[0]))
        answer = frozen(inputs[0]) if frozen else inputs[0].mean(axis=(1, 2))
        return (answer.astype(np.float32),)

    return equalization.see(setting, photos, look, tuple, seed=1), calls


def by_brightness(each=40):
    """Photos whose only difference between the classes is what equalization takes away."""
    random = np.random.default_rng(1)
    labels = np.repeat([0, 1], each)
    images = random.integers(0, 60, (2 * each, 32, 32, 3)) + 100 * labels[:, None, None, None]
    base = small_networks.photos()
    return replace(
        base, images=images.astype(np.uint8), labels=labels, classes=("a", "b"), groups=("",) * 2 * each
    )


def test_equalizing_is_left_when_it_takes_away_what_tells_classes_apart():
    """Dark and bright photos look alike once equalized: cross-validation sees it and says so."""
    result, _ = seen(by_brightness())
    assert not result.choice.equalize
    assert result.choice.plain.accuracy == 1
    assert result.choice.equalized.accuracy < 0.8
    assert "equalize=false: equalized is no better in cross-validation on 80 training photos" in str(
        result.choice
    )


def test_equalizing_is_taken_when_it_brings_out_what_tells_classes_apart():
    """Faint stripes under a brightness that is chance: only equalized, a linear model can see them."""
    random = np.random.default_rng(2)
    labels = np.repeat([0, 1], 40)
    stripes = np.where(np.arange(32)[:, None] % 2 == labels[:, None, None], 4, 0)
    images = stripes[:, :, :, None] + random.integers(0, 250, (80, 1, 1, 1)) + np.zeros((80, 32, 32, 3), int)
    photos = replace(by_brightness(), images=images.astype(np.uint8), labels=labels)
    result, _ = seen(photos, frozen=lambda images: images[:, :2, 0, 0])
    assert result.choice.equalize
    assert result.preprocessing.equalize
    np.testing.assert_array_equal(
        result.tensors[0], result.preprocessing.finish(photos.images)[:, :2, 0, 0].astype(np.float32)
    )


def test_a_setting_is_taken_as_it_is():
    """Nothing is compared, and every photo goes through the network once."""
    for setting in ("true", "false"):
        result, calls = seen(by_brightness(), setting)
        assert (setting == "true") == result.choice.equalize == result.preprocessing.equalize
        assert result.choice.plain is None
        assert calls == [80]


def test_the_choice_costs_a_hundred_photos_more_at_most():
    """All photos go through once, and those that stand for them once more, equalized."""
    _, calls = seen(by_brightness(each=200))
    assert calls == [400, 100]


def test_the_choice_is_the_same_for_the_same_seed():
    """Figures and all: they are part of the artifact."""
    assert seen(by_brightness(each=200))[0].choice == seen(by_brightness(each=200))[0].choice


def test_single_photos_a_class_leave_nothing_to_compare():
    """They are left as they are, and the reason is told."""
    result, _ = seen(small_networks.photos(each=1))
    assert not result.choice.equalize
    assert "too few photos" in str(result.choice)


def test_a_network_that_sees_nothing_is_no_error():
    """Features without variance, as a dead network gives them, decide nothing and break nothing."""
    result, _ = seen(by_brightness(), frozen=lambda images: np.zeros((len(images), 4)))
    assert not result.choice.equalize
    assert np.isfinite(result.choice.plain.error)
