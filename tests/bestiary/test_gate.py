"""The gate lets a champion pass or not, and says why in one sentence with the numbers."""

import pytest

from bestiary.evaluation import Rules, decide

RULES = Rules(threshold=0.9, allowed_regression=0.02)


@pytest.mark.parametrize(
    ("accuracy", "approved", "passed", "reason"),
    [
        (
            0.95,
            None,
            True,
            (
                "tuned names 95 of the 100 test photos right (0.950), which reaches the threshold of 0.900; "
                "no version is approved yet to compare with."
            ),
        ),
        (
            0.89,
            None,
            False,
            (
                "tuned names 89 of the 100 test photos right (0.890), under the threshold of 0.900; "
                "no version is approved yet to compare with."
            ),
        ),
        (
            0.95,
            ("version 3", 0.93),
            True,
            (
                "tuned names 95 of the 100 test photos right (0.950), which reaches the threshold of 0.900, "
                "and is 0.020 better than the approved version 3 on the same photos (0.930)."
            ),
        ),
        (
            0.91,
            ("version 3", 0.96),
            False,
            (
                "tuned names 91 of the 100 test photos right (0.910), which reaches the threshold of 0.900, "
                "but is 0.050 worse than the approved version 3 on the same photos (0.960), "
                "more than the 0.020 allowed."
            ),
        ),
        (
            0.80,
            ("version 3", 0.70),
            False,
            (
                "tuned names 80 of the 100 test photos right (0.800), under the threshold of 0.900, "
                "but is 0.100 better than the approved version 3 on the same photos (0.700)."
            ),
        ),
        (
            0.80,
            ("version 3", 0.90),
            False,
            (
                "tuned names 80 of the 100 test photos right (0.800), under the threshold of 0.900, "
                "and is 0.100 worse than the approved version 3 on the same photos (0.900), "
                "more than the 0.020 allowed."
            ),
        ),
        (
            0.93,
            ("version 3", 0.93),
            True,
            (
                "tuned names 93 of the 100 test photos right (0.930), which reaches the threshold of 0.900, "
                "and is as good as the approved version 3 on the same photos (0.930)."
            ),
        ),
    ],
)
def test_the_reason_says_what_decided(
    accuracy: float, approved: tuple[str, float] | None, reason: str, *, passed: bool
) -> None:
    gate = decide(RULES, "tuned", accuracy, 100, approved)

    assert gate.passed is passed
    assert gate.reason == reason
    assert gate.approved_accuracy == (approved[1] if approved else None)


@pytest.mark.parametrize(("right", "passed"), [(90, True), (89, False)])
def test_the_threshold_itself_passes(right: int, *, passed: bool) -> None:
    assert decide(RULES, "tuned", right / 100, 100).passed is passed


@pytest.mark.parametrize(("right", "passed"), [(92, True), (91, True), (90, False)])
def test_the_margin_itself_passes_whatever_floats_say(right: int, *, passed: bool) -> None:
    """0.93 - 0.91 is 0.020000000000000018 in floats, which is no reason to refuse."""
    assert decide(RULES, "tuned", right / 100, 100, ("version 3", 0.93)).passed is passed
