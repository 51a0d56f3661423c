"""A window against its baseline: what drifted, or that there is not enough to tell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bestiary.drift.capture import read_capture
from bestiary.drift.comparing import Comparison, compare
from bestiary.drift.features import BY_NAME, OF_THE_PHOTO
from bestiary.drift.gathering import Gathered, gather
from bestiary.drift.unusual import Gallery, Unusual
from bestiary.drift.words import certainty, sentence

if TYPE_CHECKING:
    from pathlib import Path

    from bestiary.drift.baseline import Baseline
    from bestiary.drift.window import Window


class Verdict(StrEnum):
    """What a monitor's run comes to."""

    QUIET = "quiet"
    DRIFT = "drift"
    NOT_ENOUGH = "not enough"


@dataclass(frozen=True)
class Violation:
    """One feature that is not as in the baseline, in Model Monitor's terms."""

    feature_name: str
    constraint_check_type: str
    description: str


@dataclass(frozen=True)
class Finding:
    """A comparison and what it says."""

    comparison: Comparison
    sentence: str


@dataclass(frozen=True)
class Result:
    """Everything that a run found.

    Attributes
    ----------
    window
        The time it looked at.
    baseline, gathered
        What was compared.
    findings
        One for each feature.
    unusual
        Photos that a person should look at.
    photos_captured
        How many photos were captured themselves, not just their answers.
    """

    window: Window
    baseline: Baseline
    gathered: Gathered
    findings: tuple[Finding, ...]
    unusual: tuple[Unusual, ...]
    photos_captured: int

    @property
    def verdict(self) -> Verdict:
        """Drift if anything drifted; quiet only if the answers were enough to see it.

        Photos may be measured that were not asked about: they alone are no all-clear, unless people have
        switched off all that is of answers.
        """
        if self.violations:
            return Verdict.DRIFT
        compared = {one.comparison.feature.name for one in self.findings if one.comparison.p is not None}
        of_answers = BY_NAME.keys() - {*OF_THE_PHOTO, "errors"} - self.baseline.limits.ignored
        enough = compared & of_answers if of_answers else compared
        return Verdict.QUIET if enough else Verdict.NOT_ENOUGH

    @property
    def violations(self) -> list[Violation]:
        """The features that drifted, the surest first."""
        drifted = [one for one in self.findings if one.comparison.drifted]
        drifted.sort(key=lambda one: (one.comparison.adjusted or 0.0, -(one.comparison.effect or 0.0)))
        return [_violation(one) for one in drifted]


def monitor(folder: Path, window: Window, baseline: Baseline, version: str = "") -> Result:
    """Read what was captured and compare it with a baseline.

    Parameters
    ----------
    folder
        Holds captured JSON lines, at any depth.
    window
        What to look at.
    baseline
        Of the version that was live.
    version
        Whose answers are compared, as they name it; empty for any.
    """
    gallery = Gallery(baseline)
    gathered = gather(
        read_capture(folder, window),
        labels=baseline.labels,
        floor=baseline.limits.confidence_floor,
        version=version,
        look=gallery.look,
    )
    findings = tuple(Finding(one, sentence(one, baseline, gathered)) for one in compare(baseline, gathered))
    return Result(window, baseline, gathered, findings, tuple(gallery.photos()), gallery.seen)


def _violation(finding: Finding) -> Violation:
    one = finding.comparison
    check = "completeness_check" if one.feature.name == "errors" else "baseline_drift_check"
    return Violation(one.feature.name, check, f"{finding.sentence} ({certainty(one)})")
