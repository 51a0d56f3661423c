"""The gate: whether the champion may be registered."""

from dataclasses import dataclass

# Shares of a few photos differ by at least 1e-6; less is rounding (0.93 - 0.91 > 0.02 in floats).
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Rules:
    """What the gate asks for.

    Attributes
    ----------
    threshold
        Lowest accuracy that passes, 0 to 1; equal passes.
    allowed_regression
        How much less than the approved version's accuracy still passes, 0 to 1; equal passes.
    """

    threshold: float
    allowed_regression: float


@dataclass(frozen=True)
class Gate:
    """The gate's decision.

    Attributes
    ----------
    passed
        Whether the champion may be registered.
    reason
        One sentence with the numbers, either way.
    threshold, allowed_regression
        The rules it was decided by.
    approved_accuracy
        What the approved version scores on the same photos now; None where no version is approved.
    """

    passed: bool
    reason: str
    threshold: float
    allowed_regression: float
    approved_accuracy: float | None


def decide(
    rules: Rules, name: str, accuracy: float, photos: int, approved: tuple[str, float] | None = None
) -> Gate:
    """Decide whether a champion passes: good enough, and not much worse than what is approved.

    Parameters
    ----------
    rules
        What it must reach.
    name, accuracy, photos
        The champion, its accuracy on the test photos, 0 to 1, and how many these are.
    approved
        Name and accuracy of the version now approved, scored on the same photos; None where there is none.
    """
    good = accuracy >= rules.threshold - _ROUNDING
    kept = approved is None or accuracy >= approved[1] - rules.allowed_regression - _ROUNDING
    if approved is None:
        rest = "; no version is approved yet to compare with"
    else:
        rest = f", {'and' if good == kept else 'but'} is {_against(rules, accuracy, *approved)}"
    return Gate(
        passed=good and kept,
        reason=f"{name} names {round(accuracy * photos)} of the {photos} test photos right ({accuracy:.3f}), "
        f"{'which reaches' if good else 'under'} the threshold of {rules.threshold:.3f}{rest}.",
        threshold=rules.threshold,
        allowed_regression=rules.allowed_regression,
        approved_accuracy=None if approved is None else approved[1],
    )


def _against(rules: Rules, accuracy: float, version: str, before: float) -> str:
    change = accuracy - before
    where = f"the approved {version} on the same photos ({before:.3f})"
    if abs(change) < _ROUNDING:
        return f"as good as {where}"
    if change > 0:
        return f"{change:.3f} better than {where}"
    excess = "more than" if -change > rules.allowed_regression + _ROUNDING else "within"
    return f"{-change:.3f} worse than {where}, {excess} the {rules.allowed_regression:.3f} allowed"
