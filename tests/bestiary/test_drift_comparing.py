"""The statistics: as the textbooks have them, quiet where nothing changed, awake where something did."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import permutation_test

from bestiary.drift.baseline import Baseline, Limits
from bestiary.drift.comparing import Comparison, compare
from bestiary.drift.correction import adjusted
from bestiary.drift.energy import energy_test
from bestiary.drift.gathering import Counts, Gathered
from bestiary.drift.points import evened
from bestiary.drift.sample import Sample, of_scores

LABELS = ("bear", "crab", "panda", "seal")
DRAW = np.random.default_rng(7)
MIXING = np.random.default_rng(5).standard_normal((30, 30)) / 5


def columns(count: int, draw: np.random.Generator, shift: float = 0.0) -> dict[str, np.ndarray]:
    """Draw photos whose measures hang together, as those of real ones do."""
    hidden = draw.standard_normal((count, 30))
    hidden[:, 0] += shift
    seen = hidden @ MIXING + hidden
    scores = np.exp(seen[:, :4] * 1.5)
    scores /= scores.sum(axis=1, keepdims=True)
    return {
        "brightness": np.round(1 / (1 + np.exp(-seen[:, 0])), 3),
        "contrast": np.round(np.exp(seen[:, 1] / 4) / 10, 3),
        "saturation": np.round(1 / (1 + np.exp(-seen[:, 2])), 3),
        "sharpness": np.round(np.exp(seen[:, 3] / 2) * 20, 2),
        "width": draw.choice([300.0, 500.0, 640.0], count),
        "height": draw.choice([200.0, 350.0], count),
        "colour": seen[:, 5:15],
        "layout": seen[:, 10:30],
        "embedding": seen[:, 2:26] ** 2,
        "scores": of_scores(scores),
        "confidence": scores.max(axis=1),
    }


def sample(count: int, draw: np.random.Generator, shift: float = 0.0) -> Sample:
    found = columns(count, draw, shift)
    return Sample(found, Counter(LABELS[index] for index in found["scores"].argmax(axis=1)))


def window(drawn: Sample, floor: float = 0.5, errors: int = 0) -> Gathered:
    unsure = int((drawn.columns["confidence"] < floor).sum())
    return Gathered(Counts(photos=drawn.rows("confidence"), unsure=unsure, errors=errors), drawn, LABELS)


def drifted(found: list[Comparison]) -> set[str]:
    return {one.feature.name for one in found if one.drifted}


BASELINE = Baseline(sample(300, np.random.default_rng(1)), LABELS)


def test_false_alarms_are_no_more_frequent_than_they_are_said_to_be() -> None:
    """60 windows of 100 photos, each against a baseline of its own; no difference is too small to count.

    At a level of 5 % three false alarms are expected; 9 or more would come once in 300 runs.
    """
    limits = Limits(false_alarms=0.05, least_effects=dict.fromkeys(BASELINE.limits.least_effects, 0.0))
    draw = np.random.default_rng(3)
    alarms = 0
    for _ in range(60):
        baseline = Baseline(sample(150, draw), LABELS, limits)
        alarms += bool(drifted(compare(baseline, window(sample(100, draw)))))
    assert alarms <= 8


def test_the_usual_limits_leave_quiet_windows_alone_and_find_a_change_in_the_first() -> None:
    draw = np.random.default_rng(4)
    assert [set()] * 10 == [drifted(compare(BASELINE, window(sample(100, draw)))) for _ in range(10)]
    for _ in range(4):
        assert {"brightness", "layout"} & drifted(compare(BASELINE, window(sample(100, draw, shift=1.2))))


def test_the_energy_test_agrees_with_a_plain_permutation_test() -> None:
    """Scipy's own permutations of the textbook statistic, on the same points."""
    before, after = DRAW.standard_normal((40, 3)), DRAW.normal([0.5, 0.0, 0.0], 1.0, (30, 3))
    points = evened(np.concatenate([before, after]))
    distances = cdist(points, points)

    def energy(first: np.ndarray, second: np.ndarray) -> float:
        first, second = first.astype(int), second.astype(int)
        across = distances[np.ix_(first, second)].mean()
        within = distances[np.ix_(first, first)].mean() + distances[np.ix_(second, second)].mean()
        return 2 * across - within

    rows = np.arange(40.0), np.arange(40.0, 70.0)
    plain = permutation_test(
        rows, energy, n_resamples=3000, vectorized=False, alternative="greater", rng=DRAW
    )
    found = energy_test(before, after)
    across = distances[:40, 40:].mean()
    assert found.effect == pytest.approx(plain.statistic / (2 * across), rel=1e-4)
    assert found.p == pytest.approx(plain.pvalue, abs=0.02)


def test_the_energy_test_gives_the_same_answer_twice_and_copes_with_points_that_are_all_alike() -> None:
    before, after = DRAW.standard_normal((30, 2)), DRAW.standard_normal((30, 2))
    assert energy_test(before, after) == energy_test(before, after)
    assert (0.0, 1.0) == energy_test(np.ones((9, 2)), np.ones((8, 2)))
    apart = energy_test(np.ones((20, 2)), np.zeros((20, 2)))
    assert apart.effect == pytest.approx(1.0)
    assert apart.p <= 1e-4


def test_p_values_are_adjusted_as_benjamini_and_hochberg_do() -> None:
    assert [0.004, 0.02, 0.4, pytest.approx(0.16 / 3)] == adjusted([0.001, 0.01, 0.4, 0.04])
    assert [] == adjusted([])


def test_what_is_given_more_of_the_false_alarms_leaves_less_to_the_others() -> None:
    """As Genovese, Roeder and Wasserman do: p over its weight, the weights' mean being 1."""
    assert [pytest.approx(0.01), pytest.approx(0.02)] == adjusted([0.0075, 0.01], [3, 1])
    assert adjusted([0.01, 0.02]) == adjusted([0.01, 0.02], [2, 2])
    draw = np.random.default_rng(17)
    least = [min(adjusted(draw.random(4).tolist(), [4, 2, 1, 0.5])) for _ in range(2000)]
    assert 70 <= sum(level <= 0.05 for level in least) <= 131, "100 are expected, give or take 3.2 times 9.7"


def test_a_difference_too_small_to_matter_is_no_violation_however_certain() -> None:
    """With enough photos every difference is certain."""
    draw = np.random.default_rng(9)
    large = Baseline(sample(1500, draw), LABELS)
    [brightness] = [
        one
        for one in compare(large, window(sample(1500, draw, shift=0.4)))
        if one.feature.name == "brightness"
    ]
    assert brightness.adjusted is not None
    assert brightness.adjusted < 1e-4
    assert not brightness.drifted


def test_a_rarer_species_is_found_by_its_name_alone() -> None:
    """And one that the baseline has never seen counts as well."""
    seen = Sample({}, {"bear": 70, "crab": 20, "panda": 5, "wolf": 5})
    usual = Sample({}, {"bear": 30, "crab": 30, "panda": 30, "seal": 30})
    found = compare(Baseline(usual, LABELS), Gathered(Counts(photos=100), seen, LABELS))
    assert {"species"} == drifted(found)
    same = compare(Baseline(usual, LABELS), Gathered(Counts(photos=120), usual, LABELS))
    assert set() == drifted(same)


def test_photos_without_an_answer_are_a_violation_beyond_what_is_allowed() -> None:
    drawn = sample(100, np.random.default_rng(11))
    assert "errors" in drifted(compare(BASELINE, window(drawn, errors=9)))
    assert "errors" not in drifted(compare(BASELINE, window(drawn, errors=1)))


def test_too_few_photos_are_not_compared() -> None:
    found = compare(BASELINE, window(sample(49, np.random.default_rng(12))))
    assert all(one.p is None for one in found)
    assert {"not enough: the window has 49 of the 50 that it takes"} == {one.why_not for one in found}


def test_what_is_switched_off_or_missing_is_not_compared_and_says_so() -> None:
    limits = replace(BASELINE.limits, ignored=frozenset({"width"}))
    found = dict(sample(100, np.random.default_rng(13)).columns)
    del found["embedding"]
    compared = compare(replace(BASELINE, limits=limits), window(Sample(found, {"bear": 100})))
    why = {one.feature.name: one.why_not for one in compared if one.p is None}
    assert {"width", "embedding"} == set(why)
    assert "it is switched off in the constraints" == why["width"]


def test_another_network_s_embedding_is_a_difference() -> None:
    found = columns(100, np.random.default_rng(14))
    found["embedding"] = found["embedding"][:, :5]
    assert "embedding" in drifted(compare(BASELINE, window(Sample(found, {"bear": 100}))))
