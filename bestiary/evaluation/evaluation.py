"""All that a run's evaluation found, and its form as ``evaluation.json``."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bestiary.evaluation.candidate import Candidate
from bestiary.evaluation.comparison import Verdict
from bestiary.evaluation.gate import Gate
from bestiary.evaluation.quality import multiclass_classification_metrics


@dataclass(frozen=True)
class Approved:
    """The version approved before this run, scored on the same photos now.

    Attributes
    ----------
    version
        Its name, e.g. ``version 3``.
    accuracy, macro_f1
        Its scores on this run's test photos.
    warnings
        Why the comparison is not quite fair, where it is not.
    """

    version: str
    accuracy: float
    macro_f1: float
    warnings: Sequence[str] = ()


@dataclass(frozen=True)
class TestData:
    """What the candidates were trained on and scored with.

    Attributes
    ----------
    classes
        Their names, in the order of every matrix and score.
    counts
        Photos by class and part: ``{"bear": {"train": 48, "test": 12}}``.
    digest
        sha256 over all usable photos.
    quarantined
        Photos left out, each with ``file`` and ``reason``.
    duplicates
        How many copies of other photos were left out.
    warnings
        What prepare had to say about the data.
    test_digest
        sha256 over the test photos: where it is the same, so are the photos that two versions were scored on.
    """

    __test__ = False  # pytest would take it for a test by its name

    classes: Sequence[str]
    counts: Mapping[str, Mapping[str, int]]
    digest: str
    quarantined: Sequence[Mapping[str, str]] = ()
    duplicates: int = 0
    warnings: Sequence[str] = ()
    test_digest: str = ""

    def total(self, part: str) -> int:
        """Photos in ``train`` or ``test``."""
        return sum(counts.get(part, 0) for counts in self.counts.values())


@dataclass(frozen=True)
class Lineage:
    """Where a run's figures come from.

    Attributes
    ----------
    data_digest
        sha256 over all usable photos.
    commit
        The code's git commit; empty where it is not known.
    image
        The jobs image by digest; empty where it is not known.
    parameters
        The pipeline's parameters.
    """

    data_digest: str
    commit: str
    image: str
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class Evaluation:
    """Everything measured in a run.

    Attributes
    ----------
    candidates
        In the order they are shown.
    champion
        The chosen one of them.
    verdicts
        What speaks for and against each, by name.
    gate
        Whether the champion may be registered.
    approved
        The version approved before; None where there is none.
    data, lineage
        What all this rests on.
    warnings
        What the evaluation itself has to warn of.
    baseline
        sha256 of the champion's drift baseline's files, by what they hold.
    """

    candidates: Sequence[Candidate]
    champion: Candidate
    verdicts: Mapping[str, Verdict]
    gate: Gate
    approved: Approved | None
    data: TestData
    lineage: Lineage
    warnings: Sequence[str] = ()
    baseline: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_warnings(self) -> list[tuple[str, str]]:
        """Every warning of the run, each once: whom it concerns (empty for all) and what it says."""
        concerned: dict[str, list[str]] = {text: [] for text in self.warnings}
        for candidate in self.candidates:
            for text in candidate.warnings:
                concerned.setdefault(text, []).append(candidate.name)
        if self.approved:
            for text in self.approved.warnings:
                concerned.setdefault(text, []).append(self.approved.version)
        return [(", ".join(names), text) for text, names in concerned.items()]

    def metrics_json(self) -> str:
        """Give the content of ``metrics.json``: the champion's metrics, which a version points at."""
        metrics = multiclass_classification_metrics(self.champion.metrics)
        return json.dumps({"multiclass_classification_metrics": metrics}, indent=1) + "\n"

    def as_json(self) -> dict[str, Any]:
        """Give the content of ``evaluation.json``."""
        metrics = self.champion.metrics
        return {
            "champion": {
                "name": self.champion.name,
                "accuracy": metrics.accuracy,
                "macro_f1": metrics.macro_f1,
                "sha256": self.champion.sha256,
            },
            "gate": asdict(self.gate),
            "models": {each.name: _model(each, self.verdicts[each.name]) for each in self.candidates},
            "approved": None if self.approved is None else asdict(self.approved),
            "data": {
                "classes": list(self.data.classes),
                "counts": {name: dict(counts) for name, counts in self.data.counts.items()},
                "digest": self.data.digest,
                "quarantined": len(self.data.quarantined),
                "test_images": metrics.count,
                "test_digest": self.data.test_digest,
            },
            "lineage": asdict(self.lineage),
            "metrics": {"sha256": hashlib.sha256(self.metrics_json().encode()).hexdigest()},
            "baseline": {name: {"sha256": digest} for name, digest in self.baseline.items()},
            "warnings": list(self.warnings),
            "multiclass_classification_metrics": multiclass_classification_metrics(metrics),
        }


def _model(candidate: Candidate, verdict: Verdict) -> dict[str, Any]:
    metrics = candidate.metrics
    return {
        "accuracy": metrics.accuracy,
        "accuracy_interval": list(metrics.interval),
        "macro_f1": metrics.macro_f1,
        "per_class": {name: asdict(scores) for name, scores in metrics.per_class.items()},
        "confusion": [list(row) for row in metrics.confusion],
        "calibration": asdict(metrics.calibration),
        "bytes": candidate.size,
        "sha256": candidate.sha256,
        "training_seconds": candidate.training_seconds,
        "seconds_per_image": candidate.seconds_per_image,
        "seconds_per_image_in_batches": candidate.seconds_per_image_in_batches,
        "parameters": candidate.parameters,
        "warnings": list(candidate.warnings),
        "pros": verdict.pros,
        "cons": verdict.cons,
        "backbone": None if candidate.backbone is None else dict(candidate.backbone),
        "equalize": candidate.equalize,
        "image_size": candidate.image_size,
        "recipe": dict(candidate.recipe),
    }
