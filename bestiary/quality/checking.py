"""A window's answers against their labels: what fell, or that there are not enough labels to tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bestiary.drift.capture import read_capture
from bestiary.drift.monitoring import Verdict
from bestiary.quality.falls import LEAST_PHOTOS, Fall, falls
from bestiary.quality.matching import Matched, match
from bestiary.quality.measuring import Quality, Share, measure

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bestiary.drift.window import Window
    from bestiary.labels import Label


@dataclass(frozen=True)
class Result:
    """Everything that a run found.

    Attributes
    ----------
    window
        When the photos were asked about.
    matched
        The labelled photos.
    quality
        How they were answered; None where there are none.
    baseline
        How the version did on its test photos, in all and by species.
    falls
        What is worse than that.
    """

    window: Window
    matched: Matched
    quality: Quality | None
    baseline: tuple[Share, Mapping[str, Share]]
    falls: tuple[Fall, ...]

    @property
    def verdict(self) -> Verdict:
        """Drift if anything fell; quiet only if there were enough labels to see it."""
        if self.falls:
            return Verdict.DRIFT
        return Verdict.QUIET if len(self.matched.pairs) >= LEAST_PHOTOS else Verdict.NOT_ENOUGH


def check(
    folder: Path,
    window: Window,
    labels: Mapping[str, Label],
    baseline: tuple[Share, Mapping[str, Share]],
    version: str = "",
) -> Result:
    """Read what was captured and compare it with its labels.

    Parameters
    ----------
    folder
        Holds captured JSON lines, at any depth.
    window
        When the photos were asked about; labels may come whenever they do.
    labels
        By inference id.
    baseline
        From `bestiary.quality.falls.read_baseline`.
    version
        Whose answers count; empty for any.
    """
    matched = match(read_capture(folder, window), labels, version=version)
    quality = measure(matched.pairs)
    fell = falls(quality, baseline) if quality else []
    return Result(window, matched, quality, baseline, tuple(fell))


def message(result: Result) -> str:
    """Say in one line how a run came out, its first word as Model Monitor reads it."""
    labelled = f"{len(result.matched.pairs)} labelled photos of {result.matched.answered} that were answered"
    if result.quality is None or result.verdict is Verdict.NOT_ENOUGH:
        return f"Completed: not enough to tell: {labelled}, {LEAST_PHOTOS} are needed. Nothing is published."
    share = result.quality.overall
    said = f"accuracy {share.accuracy:.3f}, macro F1 {result.quality.macro_f1:.3f} on {labelled}"
    if result.falls:
        count = len(result.falls)
        return f"CompletedWithViolations: Job completed successfully with {count} violations. {said}"
    return f"Completed: Job completed successfully with no violations. {said}"
