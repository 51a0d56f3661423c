"""Photos held out of training."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bestiary.classifiers.validation import hold_out

labelled = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), min_size=1, max_size=60)


def arrays(drawn):
    labels = np.array([label for label, _ in drawn], np.int64)
    return labels, ["" if group == 0 else f"site {group}" for _, group in drawn]


@given(labelled, st.integers(0, 2**32 - 1))
def test_every_photo_is_on_one_side_and_every_class_is_trained(drawn, seed):
    """No photo is lost or twice there; a class never goes to validation whole; groups stay whole."""
    labels, groups = arrays(drawn)
    held = hold_out(labels, groups, seed)
    assert sorted([*held.training, *held.validation]) == list(range(len(labels)))
    assert set(labels) == set(labels[held.training])
    sides = {(groups[place], side) for side, places in enumerate(held) for place in places if groups[place]}
    assert len(sides) == len({group for group in groups if group})


@given(st.lists(st.integers(2, 40), min_size=1, max_size=6), st.integers(0, 2**32 - 1))
def test_three_in_ten_of_every_class_are_held_out(counts, seed):
    """To the nearest photo, and at least one."""
    labels = np.repeat(np.arange(len(counts)), counts)
    held = hold_out(labels, [""] * len(labels), seed)
    found = np.bincount(labels[held.validation], minlength=len(counts))
    assert [max(1, round(0.3 * count)) for count in counts] == found.tolist()


def test_the_seed_decides_which():
    """Equal seeds hold out the same photos, other seeds others."""
    labels = np.repeat(np.arange(3), 20)
    first, again, other = (hold_out(labels, [""] * 60, seed).validation.tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_single_photos_are_trained_on():
    """Nothing is held out where every class has one photo."""
    held = hold_out(np.arange(4), [""] * 4, 1)
    assert ([0, 1, 2, 3], []) == (held.training.tolist(), held.validation.tolist())


def test_a_class_that_is_all_one_group_is_trained_on():
    """Its photos may not be parted."""
    held = hold_out(np.array([0] * 6 + [1] * 10), ["site"] * 6 + [""] * 10, 1)
    assert set(range(6)) <= set(held.training)
    assert len(held.validation) == 3
