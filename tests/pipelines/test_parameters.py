"""What ``--set`` takes."""

from __future__ import annotations

import pytest

from pipelines.errors import UsageError
from pipelines.parameters import parse_settings


def test_settings_are_read_by_their_kind() -> None:
    assert parse_settings(["Epochs=3", "LearningRate=5e-4", "Weights=random"]) == {
        "Epochs": "3",
        "LearningRate": "0.0005",
        "Weights": "random",
    }


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("Epochs", "is not NAME=VALUE"),
        ("Epoch=3", "no such parameter; there are DataUri"),
        ("Epochs=three", "a whole number"),
        ("Epochs=0", "at least 1"),
        ("LearningRate=fast", "a number"),
        ("LearningRate=nan", "finite"),
        ("AccuracyThreshold=1.5", "from 0 to 1"),
        ("Weights=best", "one of auto, imagenet, random"),
    ],
)
def test_a_wrong_setting_is_refused_in_one_line(setting: str, told: str) -> None:
    with pytest.raises(UsageError, match=told) as caught:
        parse_settings([setting])
    assert "\n" not in str(caught.value)
