"""What a version's photos and answers are usually like: a sample, and how much may differ from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bestiary.drift.errors import UnusableBaseline
from bestiary.drift.features import FEATURES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bestiary.drift.sample import Sample


@dataclass(frozen=True)
class Limits:
    """When a difference is a violation.

    Attributes
    ----------
    false_alarms
        How often a window in which nothing drifted may raise an alarm, 0 to 1.
    least_photos
        Values that a feature needs on either side to be compared at all.
    confidence_floor
        Answers below it count as unsure, 0 to 1.
    allowed_errors
        Share of photos that may go without an answer, 0 to 1.
    least_effects
        By feature: differences below it are passed over.
    ignored
        Features that are not compared.
    """

    false_alarms: float = 0.005
    least_photos: int = 50
    confidence_floor: float = 0.5
    allowed_errors: float = 0.01
    least_effects: Mapping[str, float] = field(
        default_factory=lambda: {feature.name: feature.least_effect for feature in FEATURES}
    )
    ignored: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for name in ("false_alarms", "confidence_floor", "allowed_errors"):
            if not 0 <= getattr(self, name) <= 1:
                raise UnusableBaseline(f"{name} is {getattr(self, name)}, which is not between 0 and 1")
        if self.least_photos < 2:
            raise UnusableBaseline(f"least_photos is {self.least_photos}: two at least can be compared")


@dataclass(frozen=True)
class Baseline:
    """What to compare with.

    Attributes
    ----------
    sample
        Columns that are of photos alone may rest on more photos than those that are of answers.
    labels
        Of the model, in the order of the column `scores`.
    limits
        What is a violation.
    """

    sample: Sample
    labels: tuple[str, ...]
    limits: Limits = field(default_factory=Limits)
