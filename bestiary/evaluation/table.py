"""An evaluation as a few lines of text, for whoever reads the job's log."""

from collections.abc import Sequence

from bestiary.evaluation.candidate import Candidate
from bestiary.evaluation.evaluation import Evaluation
from bestiary.evaluation.units import duration, size

_HEADER = (
    "model",
    "accuracy",
    "95 % interval",
    "macro F1",
    "ECE",
    "size",
    "training",
    "a picture",
    "weights",
)


def as_text(evaluation: Evaluation) -> str:
    """Write the comparison as an aligned table, then the champion and the gate's decision."""
    rows = [_HEADER, *(_row(each) for each in evaluation.candidates)]
    if evaluation.approved:
        scores = (f"{evaluation.approved.accuracy:.3f}", "", f"{evaluation.approved.macro_f1:.3f}")
        rows.append((evaluation.approved.version, *scores, *[""] * (len(_HEADER) - 4)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
    return "\n".join(
        [
            *(_line(row, widths) for row in rows),
            f"champion: {evaluation.champion.name}",
            f"gate: {'passed' if evaluation.gate.passed else 'refused'}: {evaluation.gate.reason}",
        ]
    )


def _row(candidate: Candidate) -> tuple[str, ...]:
    metrics = candidate.metrics
    return (
        candidate.name,
        f"{metrics.accuracy:.3f}",
        f"{metrics.interval[0]:.2f} to {metrics.interval[1]:.2f}",
        f"{metrics.macro_f1:.3f}",
        f"{metrics.calibration.ece:.3f}",
        size(candidate.size),
        duration(candidate.training_seconds),
        duration(candidate.seconds_per_image),
        "own" if candidate.backbone is None else str(candidate.backbone.get("weights", "")),
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(row, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)]).rstrip()
