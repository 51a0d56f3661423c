"""The split is stratified, seeded, and never puts a group on both sides."""

from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bestiary.dataset import Photo, split
from bestiary.images import Header

HEADER = Header("JPEG", 10, 10, "RGB", 1, animated=False)


def photos_of(counts: dict[str, int]) -> list[Photo]:
    files = [
        (label, f"{label}/{number:03d}.jpg") for label, count in counts.items() for number in range(count)
    ]
    return [Photo(file, label, f"{row:064x}", HEADER, row) for row, (label, file) in enumerate(files)]


def counted(photos: Iterable[Photo]) -> Counter[str]:
    return Counter(photo.label for photo in photos)


@pytest.mark.parametrize(("count", "expected"), [(2, 1), (3, 1), (5, 1), (10, 2), (48, 10), (60, 12)])
def test_each_class_gives_its_share_and_at_least_one(count: int, expected: int) -> None:
    assert counted(split(photos_of({"bear": count, "cat": count}), {}, 0.2, 42).test) == {
        "bear": expected,
        "cat": expected,
    }


def test_a_single_photo_stays_in_training() -> None:
    outcome = split(photos_of({"bear": 1, "cat": 10}), {}, 0.2, 42)
    assert "bear/000.jpg" in {photo.file for photo in outcome.train}
    assert outcome.warnings == ("class bear is in the training data only: it has one usable photo",)


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_no_class_loses_its_last_training_photo(share: float) -> None:
    counts = {"bear": 2, "cat": 7}
    outcome = split(photos_of(counts), {}, share, 1)
    assert {photo.label for photo in outcome.train} == {photo.label for photo in outcome.test} == set(counts)


def test_the_seed_decides_and_nothing_else_does() -> None:
    photos = photos_of({"bear": 30, "cat": 30})
    assert split(photos, {}, 0.2, 1) == split(photos, {}, 0.2, 1)
    assert split(photos, {}, 0.2, 1).test != split(photos, {}, 0.2, 2).test


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, 1.5])
def test_a_share_outside_its_range_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        split(photos_of({"bear": 3}), {}, share, 1)


def test_a_class_of_one_group_is_not_torn_apart() -> None:
    photos = photos_of({"bear": 20, "cat": 20})
    groups = {photo.file: "one camera" for photo in photos if photo.label == "bear"}
    outcome = split(photos, groups, 0.2, 1)
    assert counted(outcome.test) == {"cat": 4}
    assert outcome.warnings == (
        "class bear is in the training data only: its 20 photos are all of one group",
    )


def test_two_large_groups_are_better_tested_on_one_than_on_nothing() -> None:
    photos = photos_of({"bear": 20, "cat": 20})
    groups = {photo.file: f"camera {photo.row // 10}" for photo in photos if photo.label == "bear"}
    outcome = split(photos, groups, 0.2, 1)
    assert counted(outcome.test) == {"bear": 10, "cat": 4}
    assert outcome.warnings == ()


def test_many_groups_come_close_to_the_share() -> None:
    photos = photos_of({"bear": 100, "cat": 100})
    groups = {photo.file: f"site {photo.row % 40}" for photo in photos}
    outcome = split(photos, groups, 0.2, 3)
    assert all(15 <= count <= 25 for count in counted(outcome.test).values())


@given(
    sizes=st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 25), min_size=1),
    groups=st.lists(st.integers(0, 9), min_size=200, max_size=200),
    share=st.floats(0.05, 0.6),
    seed=st.integers(0, 99),
)
@settings(max_examples=150, deadline=None)
def test_whatever_the_groups_nothing_leaks_and_nothing_is_lost(
    sizes: dict[str, int], groups: list[int], share: float, seed: int
) -> None:
    photos = photos_of(sizes)
    group_of = {photo.file: str(group) for photo, group in zip(photos, groups, strict=False) if group}
    outcome = split(photos, group_of, share, seed)
    assert sorted(photo.row for photo in (*outcome.train, *outcome.test)) == list(range(len(photos)))
    sides = [
        {group_of.get(photo.file, photo.file) for photo in side} for side in (outcome.train, outcome.test)
    ]
    assert not sides[0] & sides[1]
    assert {photo.label for photo in outcome.train} == set(sizes)
    untested = set(sizes) - {photo.label for photo in outcome.test}
    assert {warning.split()[1] for warning in outcome.warnings} == untested
