"""How a window differs from the baseline, feature by feature, each with an effect and a p-value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import MonteCarloMethod, binomtest, chi2_contingency, fisher_exact, ks_2samp

from bestiary.drift.correction import adjusted
from bestiary.drift.energy import Difference, energy_test
from bestiary.drift.features import FEATURES, Feature, Kind
from bestiary.drift.rising import rising_test

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bestiary.drift.baseline import Baseline, Limits
    from bestiary.drift.gathering import Gathered
    from bestiary.drift.sample import Column

_MOST_POINTS = 1000
_TABLES = 9999


@dataclass(frozen=True)
class Comparison:
    """One feature of a window against the baseline.

    Attributes
    ----------
    feature
        Which.
    before, after
        How many values there are on either side.
    effect
        How large the difference is, 0 to 1; see `Feature.least_effect`. None where it was not compared.
    p
        Chance of such a difference where nothing drifted, 0 to 1; None where it was not compared.
    adjusted
        The same, for all features of the window together.
    drifted
        Whether this is a violation.
    why_not
        Why the feature was not compared; empty where it was.
    """

    feature: Feature
    before: int
    after: int
    effect: float | None = None
    p: float | None = None
    adjusted: float | None = None
    drifted: bool = False
    why_not: str = ""


def compare(baseline: Baseline, window: Gathered) -> list[Comparison]:
    """Compare every feature that both sides have enough values of.

    Numbers by Kolmogorov and Smirnov's test, vectors by energy distance with permutations, species by chi
    square over random tables of the same margins and, for one that is on the rise, by likelihood ratios with
    permutations, unsure answers by Fisher's exact test of a larger share, errors by a binomial test against
    the share that is allowed.
    """
    found = [_one(feature, baseline, window) for feature in FEATURES]
    tested = [index for index, one in enumerate(found) if one.p is not None]
    levels = adjusted(
        [found[index].p or 0.0 for index in tested], [found[index].feature.weight for index in tested]
    )
    for index, level in zip(tested, levels, strict=True):
        found[index] = _judged(found[index], level, baseline.limits)
    return found


def _judged(one: Comparison, level: float, limits: Limits) -> Comparison:
    least = limits.least_effects.get(one.feature.name, one.feature.least_effect)
    drifted = level <= limits.false_alarms and (one.effect or 0.0) >= least
    return replace(one, adjusted=level, drifted=drifted)


def _one(feature: Feature, baseline: Baseline, window: Gathered) -> Comparison:
    before, after = _sizes(feature, baseline, window)
    why_not = _why_not(feature.name, before, after, baseline.limits)
    if why_not:
        return Comparison(feature, before, after, why_not=why_not)
    effect, p = _difference(feature, baseline, window)
    return Comparison(feature, before, after, effect, p)


def _sizes(feature: Feature, baseline: Baseline, window: Gathered) -> tuple[int, int]:
    if feature.kind is Kind.CATEGORY:
        return sum(baseline.sample.species.values()), sum(window.sample.species.values())
    if feature.kind is Kind.SHARE:
        return baseline.sample.rows("confidence"), window.counts.photos
    if feature.kind is Kind.FAULT:
        answered = window.counts.photos + window.counts.errors
        return answered, answered
    name = "scores" if feature.kind is Kind.RISE else feature.name
    return baseline.sample.rows(name), window.sample.rows(name)


def _why_not(name: str, before: int, after: int, limits: Limits) -> str:
    if name in limits.ignored:
        return "it is switched off in the constraints"
    if before == 0:
        return "the baseline does not have it"
    if after == 0:
        return "nothing of it was captured"
    if after < limits.least_photos:
        return f"not enough: the window has {after} of the {limits.least_photos} that it takes"
    if before < limits.least_photos:
        return f"not enough: the baseline has {before} of the {limits.least_photos} that it takes"
    return ""


def _difference(feature: Feature, baseline: Baseline, window: Gathered) -> Difference:
    if feature.kind is Kind.NUMBER:
        columns = baseline.sample.columns[feature.name], window.sample.columns[feature.name]
        # The exact distribution overflows where the difference is large; this one is a little too careful.
        result = ks_2samp(*columns, method="asymp")
        return Difference(float(result.statistic), float(result.pvalue))
    if feature.kind is Kind.VECTOR:
        return _vectors(feature.name, baseline, window)
    if feature.kind is Kind.CATEGORY:
        return _mix(baseline.sample.species, window.sample.species)
    if feature.kind is Kind.RISE:
        return rising_test(_some(baseline.sample.columns["scores"]), _some(window.sample.columns["scores"]))
    if feature.kind is Kind.SHARE:
        return _unsure(baseline, window)
    total = window.counts.photos + window.counts.errors
    share = window.counts.errors / total
    p = binomtest(window.counts.errors, total, baseline.limits.allowed_errors, "greater").pvalue
    return Difference(max(0.0, share - baseline.limits.allowed_errors), float(p))


def _vectors(name: str, baseline: Baseline, window: Gathered) -> Difference:
    before, after = baseline.sample.columns[name], window.sample.columns[name]
    if before.shape[1] != after.shape[1]:
        # Another network's numbers mean nothing here: that is a difference, and the largest there is.
        return Difference(1.0, 0.0)
    return energy_test(_some(before), _some(after))


def _some(points: Column) -> Column:
    """Take points evenly from the first to the last, as many as a test can have."""
    rows = np.linspace(0, len(points) - 1, min(len(points), _MOST_POINTS)).astype(int)
    return np.asarray(points[rows])


def _mix(before: Mapping[str, int], after: Mapping[str, int]) -> Difference:
    names = sorted({*before, *after})
    table = np.array([[side.get(name, 0) for name in names] for side in (before, after)])
    table = table[:, table.sum(axis=0) > 0]
    shares = table / table.sum(axis=1, keepdims=True)
    distance = float(np.abs(shares[0] - shares[1]).sum() / 2)
    if table.shape[1] == 1:
        return Difference(0.0, 1.0)
    # Rare species make the usual chi-square distribution a poor guide exactly where p is small.
    method = MonteCarloMethod(n_resamples=_TABLES, rng=np.random.default_rng(0))
    return Difference(distance, float(chi2_contingency(table, correction=False, method=method).pvalue))


def _unsure(baseline: Baseline, window: Gathered) -> Difference:
    confidence = baseline.sample.columns["confidence"]
    before = int((confidence < baseline.limits.confidence_floor).sum())
    after, photos = window.counts.unsure, window.counts.photos
    table = [[after, photos - after], [before, len(confidence) - before]]
    more = after / photos - before / len(confidence)
    return Difference(max(0.0, more), float(fisher_exact(table, alternative="greater").pvalue))
