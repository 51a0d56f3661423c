"""What speaks for and against each candidate, as measured: every statement carries its numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from scipy.stats import binomtest

from bestiary.evaluation.candidate import Candidate
from bestiary.evaluation.units import duration, size

# A figure is called better or worse only where it differs by a fifth: timings on shared machines vary.
_NOTABLE = 1.2
# Ten bins on a hundred photos give even a perfectly calibrated model an error of about 0.05.
_WELL_CALIBRATED, _BADLY_CALIBRATED = 0.06, 0.10
_OVERFITTED = 0.20
_UNEVEN = 0.25


@dataclass
class Verdict:
    """What speaks for a candidate and what against it, in short statements."""

    pros: list[str] = field(default_factory=list)
    cons: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Measure:
    """A figure of which less is better, and the words for it."""

    value: Callable[[Candidate], float]
    text: Callable[[float], str]
    least: str
    most: str
    comparative: str


_MEASURES = (
    _Measure(lambda each: each.size, size, "smallest", "largest", "smaller"),
    _Measure(
        lambda each: each.seconds_per_image,
        lambda seconds: f"{duration(seconds)} a picture",
        "fastest to answer",
        "slowest to answer",
        "faster",
    ),
    _Measure(
        lambda each: each.training_seconds, duration, "quickest to train", "slowest to train", "quicker"
    ),
)


def compare(candidates: Sequence[Candidate]) -> dict[str, Verdict]:
    """Say what speaks for and against each candidate beside the others.

    Parameters
    ----------
    candidates
        All scored on the same photos, at least one.

    Returns
    -------
    dict
        A verdict by the candidate's name.
    """
    verdicts = {each.name: Verdict() for each in candidates}
    for each in candidates:
        if each.random_weights:
            verdicts[each.name].cons.append("random weights: its backbone has never seen a photo")
    if len(candidates) > 1:
        _accuracy(candidates, verdicts)
        for measure in _MEASURES:
            _extremes(measure, candidates, verdicts)
    for each in candidates:
        _alone(each, verdicts[each.name])
    return verdicts


def _accuracy(candidates: Sequence[Candidate], verdicts: dict[str, Verdict]) -> None:
    ranked = sorted(candidates, key=lambda each: (-each.metrics.accuracy, each.name))
    first, last = ranked[0], ranked[-1]
    leaders = [each for each in ranked if each.metrics.right == first.metrics.right]
    for each in leaders:
        word = "most accurate" if len(leaders) == 1 else "as accurate as any"
        verdicts[each.name].pros.append(f"{word}: {each.metrics.accuracy:.2f} on {each.metrics.count} photos")
    if len(leaders) == 1:
        second = ranked[1]
        words, convincing = lead(first, second)
        (verdicts[first.name].pros if convincing else verdicts[first.name].cons).append(words)
    if last not in leaders:
        behind = first.metrics.accuracy - last.metrics.accuracy
        verdicts[last.name].cons.append(
            f"least accurate: {last.metrics.accuracy:.2f}, {behind:.2f} behind {first.name}"
        )


def lead(first: Candidate, second: Candidate) -> tuple[str, bool]:
    """Say whether one candidate's lead over another is more than chance explains.

    Parameters
    ----------
    first, second
        Scored on the same photos in the same order, the better one first.

    Returns
    -------
    tuple
        A statement, and whether the lead is convincing (exact McNemar test, p < 0.05).
    """
    won = int((first.hits & ~second.hits).sum())
    lost = int((second.hits & ~first.hits).sum())
    p_value = float(binomtest(won, won + lost).pvalue) if won + lost else 1.0
    counted = f"{won} photos only {first.name} names right against {lost} only {second.name} does"
    if p_value < 0.05:
        shown = f"p = {p_value:.3f}" if p_value >= 0.0005 else "p < 0.001"
        return f"clearly ahead of {second.name}: {counted} ({shown})", True
    return f"its lead over {second.name} may be chance: {counted} (p = {p_value:.2f})", False


def _extremes(measure: _Measure, candidates: Sequence[Candidate], verdicts: dict[str, Verdict]) -> None:
    ranked = sorted(candidates, key=lambda each: (measure.value(each), each.name))
    low, high = ranked[0], ranked[-1]
    if _times(measure, low, ranked[1]) >= _NOTABLE:
        ratio = _times(measure, low, high)
        times = f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}"
        verdicts[low.name].pros.append(
            f"{measure.least}: {measure.text(measure.value(low))}, "
            f"{times}× {measure.comparative} than {high.name}"
        )
    if _times(measure, ranked[-2], high) >= _NOTABLE:
        verdicts[high.name].cons.append(f"{measure.most}: {measure.text(measure.value(high))}")


def _times(measure: _Measure, less: Candidate, more: Candidate) -> float:
    return measure.value(more) / max(measure.value(less), 1e-12)


def _alone(candidate: Candidate, verdict: Verdict) -> None:
    metrics = candidate.metrics
    if not candidate.beats_guessing:
        verdict.cons.append(
            f"hardly better than naming the commonest animal always: "
            f"{metrics.accuracy:.2f} against {candidate.guess:.2f}"
        )
    _confidence(candidate, verdict)
    _evenness(candidate, verdict)
    _fit(candidate, verdict)


def _confidence(candidate: Candidate, verdict: Verdict) -> None:
    metrics, calibration = candidate.metrics, candidate.metrics.calibration
    # A model that knows nothing and says so is calibrated, but earns no praise for it.
    if candidate.beats_guessing and calibration.ece <= _WELL_CALIBRATED:
        verdict.pros.append(f"means what it says: calibration error (ECE) {calibration.ece:.2f}")
    elif calibration.ece >= _BADLY_CALIBRATED:
        word = "overconfident" if calibration.confidence > metrics.accuracy else "too modest"
        verdict.cons.append(
            f"{word}: {calibration.confidence:.2f} sure on average, {metrics.accuracy:.2f} right"
            f" (ECE {calibration.ece:.2f})"
        )


def _evenness(candidate: Candidate, verdict: Verdict) -> None:
    measured = [
        (scores.recall, name, scores.support)
        for name, scores in candidate.metrics.per_class.items()
        if scores.recall is not None
    ]
    recall, name, support = min(measured)
    if recall <= candidate.metrics.accuracy - _UNEVEN:
        verdict.cons.append(f"weakest on {name}: finds {round(recall * support)} of {support}")
    elif recall >= 0.8:
        verdict.pros.append(f"even: finds at least {recall:.2f} of every animal")


def _fit(candidate: Candidate, verdict: Verdict) -> None:
    last = candidate.history[-1] if candidate.history else None
    if last and last.val_accuracy is not None and last.accuracy - last.val_accuracy >= _OVERFITTED:
        verdict.cons.append(
            f"learns its photos by heart: {last.accuracy:.2f} on those it trained on,"
            f" {last.val_accuracy:.2f} on those held back"
        )
