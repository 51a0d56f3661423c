"""A species on the rise: found by scores that name it too rarely, and by nothing that happens by chance."""

from collections import Counter

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from bestiary.drift.baseline import Baseline
from bestiary.drift.comparing import compare
from bestiary.drift.gathering import Counts, Gathered
from bestiary.drift.rising import rise, rising_test, shares
from bestiary.drift.sample import Sample, of_scores
from bestiary.drift.words import sentence

LABELS = ("bear", "crab", "panda", "seal")


def scores(rare: int, count: int, draw: np.random.Generator) -> np.ndarray:
    """Draw what a model says that hardly knows seals: it takes their photos for bears, just."""
    true = np.append(draw.integers(0, 3, count - rare), np.full(rare, 3))
    sure = np.array([[90, 4, 4, 2], [4, 90, 4, 2], [4, 4, 90, 2], [45, 8, 8, 39]])[true] / 10
    return np.round([draw.dirichlet(row) for row in sure], 6)


def sample(said: np.ndarray) -> Sample:
    named = Counter(LABELS[index] for index in said.argmax(axis=1))
    return Sample({"scores": of_scores(said), "confidence": said.max(axis=1)}, named)


def test_by_chance_small_p_values_are_as_rare_as_they_say() -> None:
    """Of 100 pairs of samples, at 10 %: 10 are expected, 20 or more would come once in 500 runs."""
    draw = np.random.default_rng(1)
    found = [
        rising_test(of_scores(scores(3, 90, draw)), of_scores(scores(3, 100, draw))).p for _ in range(100)
    ]
    assert 2 <= sum(p <= 0.1 for p in found) <= 19


def test_a_species_is_found_that_the_model_rarely_names() -> None:
    """Its raised scores tell what the names alone do not."""
    draw = np.random.default_rng(2)
    before, after = scores(2, 90, draw), scores(25, 100, draw)
    found = rising_test(of_scores(before), of_scores(after))
    named = [np.bincount(said.argmax(axis=1), minlength=4) + 1 for said in (before, after)]
    assert found.p < 0.0005 < chi2_contingency(named).pvalue
    most = rise(of_scores(before), of_scores(after))
    assert ("seal", pytest.approx(found.effect)) == (LABELS[most.column], most.after - most.before)
    assert found == rising_test(of_scores(before), of_scores(after)), "the same samples, the same answer"


def test_a_rise_too_small_to_matter_does_not_count_however_certain() -> None:
    draw = np.random.default_rng(3)
    before, after = scores(0, 1000, draw), scores(60, 1000, draw)
    [seal] = [
        one
        for one in compare(
            Baseline(sample(before), LABELS), Gathered(Counts(photos=1000), sample(after), LABELS)
        )
        if one.feature.name == "rise"
    ]
    assert seal.adjusted is not None
    assert seal.adjusted < 0.005
    assert not seal.drifted


def test_the_species_is_named_for_people() -> None:
    draw = np.random.default_rng(4)
    baseline = Baseline(sample(scores(2, 90, draw)), LABELS)
    window = Gathered(Counts(photos=100), sample(scores(40, 100, draw)), LABELS)
    [found] = [one for one in compare(baseline, window) if one.feature.name == "rise"]
    assert found.drifted
    assert sentence(found, baseline, window).startswith("there is more of seal: ")


def test_log_scores_come_back_as_scores() -> None:
    said = scores(1, 20, np.random.default_rng(5))
    np.testing.assert_allclose(shares(of_scores(said)), said / said.sum(axis=1, keepdims=True), atol=1e-5)
