"""What a comparison found, in one sentence for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bestiary.drift.features import Kind
from bestiary.drift.rising import rise

if TYPE_CHECKING:
    from bestiary.drift.baseline import Baseline
    from bestiary.drift.comparing import Comparison
    from bestiary.drift.gathering import Gathered

_NAMED = 3
_SMALL = "a difference that is too small to count"
_VECTORS = {
    "colour": "the photos have other colours than the baseline's",
    "layout": "light and colour lie elsewhere in the photos than in the baseline's",
    "embedding": "the model sees other things in the photos than in the baseline's",
    "scores": "the model weighs the species against each other in another way than on the baseline's photos",
}


def sentence(one: Comparison, baseline: Baseline, window: Gathered) -> str:
    """Say how a feature is, and how it differs where that is a violation; may be empty."""
    return "" if one.p is None else _SENTENCES[one.feature.kind](one, baseline, window)


def certainty(one: Comparison) -> str:
    """Say how large a difference is and how likely by chance."""
    if one.p is None or one.adjusted is None or one.effect is None:
        return ""
    chance = "< 0.0001" if one.adjusted < 1e-4 else f"= {one.adjusted:.2g}"
    return f"effect {one.effect:.2f}, p {chance} after correction"


def _number(one: Comparison, baseline: Baseline, window: Gathered) -> str:
    before, after = (
        float(np.median(sample.columns[one.feature.name])) for sample in (baseline.sample, window.sample)
    )
    subject = "the answers are" if one.feature.name == "confidence" else "the photos are"
    figures = f"median {_figure(after)}, in the baseline {_figure(before)}"
    if not one.drifted:
        return figures
    if one.feature.name == "confidence" and after > before:
        return f"{subject} surer, as of photos that the model has learnt from: {figures}"
    if after == before:
        return f"{one.feature.title.lower()} is spread in another way: {figures}"
    return f"{subject} {one.feature.down if after < before else one.feature.up}: {figures}"


def _vector(one: Comparison, baseline: Baseline, window: Gathered) -> str:  # noqa: ARG001 - one of `_SENTENCES`
    if one.drifted:
        return _VECTORS[one.feature.name]
    return _SMALL if (one.adjusted or 0.0) <= baseline.limits.false_alarms else "as in the baseline"


def _mix(one: Comparison, baseline: Baseline, window: Gathered) -> str:  # noqa: ARG001 - one of `_SENTENCES`
    before, after = baseline.sample.species, window.sample.species
    shares = {
        name: (before.get(name, 0) / sum(before.values()), after.get(name, 0) / sum(after.values()))
        for name in sorted({*before, *after})
    }
    most = sorted(shares, key=lambda name: -abs(shares[name][1] - shares[name][0]))[:_NAMED]
    return ", ".join(f"{name} {shares[name][1]:.0%} (in the baseline {shares[name][0]:.0%})" for name in most)


def _rise(one: Comparison, baseline: Baseline, window: Gathered) -> str:
    most = rise(baseline.sample.columns["scores"], window.sample.columns["scores"])
    name = baseline.labels[most.column]
    figures = f"{most.after:.0%} by all scores, in the baseline {most.before:.0%}"
    return f"there is more of {name}: {figures}" if one.drifted else f"{name} the most: {figures}"


def _unsure(one: Comparison, baseline: Baseline, window: Gathered) -> str:  # noqa: ARG001 - one of `_SENTENCES`
    floor = baseline.limits.confidence_floor
    before = float((baseline.sample.columns["confidence"] < floor).mean())
    after = window.counts.unsure / window.counts.photos
    return f"{after:.0%} of the answers are less than {floor:.0%} sure, in the baseline {before:.0%}"


def _errors(one: Comparison, baseline: Baseline, window: Gathered) -> str:  # noqa: ARG001 - one of `_SENTENCES`
    counts = window.counts
    total = counts.photos + counts.errors
    said = f"{counts.errors} of {total} photos got no answer, {baseline.limits.allowed_errors:.0%} may"
    worst = counts.reasons.most_common(1)
    return f"{said}; most often: {worst[0][0]}" if counts.errors and worst else said


def _figure(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 10 else f"{value:.2f}"


_SENTENCES = {
    Kind.NUMBER: _number,
    Kind.VECTOR: _vector,
    Kind.CATEGORY: _mix,
    Kind.RISE: _rise,
    Kind.SHARE: _unsure,
    Kind.FAULT: _errors,
}
