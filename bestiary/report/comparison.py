"""The comparison table: one line a measurement, one cell a candidate."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bestiary.evaluation import Candidate
from bestiary.evaluation.units import duration, size
from bestiary.report.words import count, percent, soft


@dataclass(frozen=True)
class Cell:
    """What one candidate measures: the figure, a word on it, and whether no other is better."""

    text: str
    note: str = ""
    best: bool = False


@dataclass(frozen=True)
class Line:
    """One measurement of all candidates."""

    title: str
    note: str
    cells: tuple[Cell, ...]


def lines(candidates: Sequence[Candidate]) -> list[Line]:
    """Lay out the comparison of all candidates, in their order."""
    return [
        _ranked(
            "Accuracy", "with its 95 % interval", candidates, lambda each: -each.metrics.accuracy, _accuracy
        ),
        _ranked("Macro F1", "all animals alike", candidates, lambda each: -each.metrics.macro_f1, _macro_f1),
        _ranked(
            "Calibra\u00adtion error",
            "ECE; 0 means what it says",
            candidates,
            # One that only guesses may be perfectly calibrated, but is no example.
            lambda each: each.metrics.calibration.ece if each.beats_guessing else math.inf,
            lambda each: Cell(f"{each.metrics.calibration.ece:.3f}"),
        ),
        _ranked(
            "Size", "the artifact", candidates, lambda each: each.size, lambda each: Cell(size(each.size))
        ),
        _ranked(
            "Para\u00admeters",
            "",
            candidates,
            lambda each: each.parameters,
            lambda each: Cell(_millions(each.parameters)),
        ),
        _ranked(
            "Training",
            "wall time",
            candidates,
            lambda each: each.training_seconds,
            lambda each: Cell(duration(each.training_seconds)),
        ),
        _ranked(
            "One picture",
            "median time of one prediction, picture already prepared",
            candidates,
            lambda each: each.seconds_per_image,
            lambda each: Cell(
                duration(each.seconds_per_image), f"{duration(each.seconds_per_image_in_batches)} in batches"
            ),
        ),
        Line("Sees", "", tuple(_input(each) for each in candidates)),
        Line("Stands on", "", tuple(_backbone(each) for each in candidates)),
    ]


def _ranked(
    title: str,
    note: str,
    candidates: Sequence[Candidate],
    cost: Callable[[Candidate], float],
    cell: Callable[[Candidate], Cell],
) -> Line:
    cells = [cell(each) for each in candidates]
    costs = [cost(each) for each in candidates]
    alone = len(candidates) == 1
    return Line(
        title,
        note,
        tuple(
            Cell(each.text, each.note, best=not alone and value == min(costs) < math.inf)
            for each, value in zip(cells, costs, strict=True)
        ),
    )


def _accuracy(candidate: Candidate) -> Cell:
    low, high = candidate.metrics.interval
    return Cell(percent(candidate.metrics.accuracy, 1), f"{percent(low)} to {percent(high)}")


def _macro_f1(candidate: Candidate) -> Cell:
    return Cell(percent(candidate.metrics.macro_f1, 1))


def _millions(number: int) -> str:
    return f"{number / 1e6:.1f} M" if number >= 1e5 else count(number)


def _input(candidate: Candidate) -> Cell:
    return Cell(f"{candidate.image_size} × {candidate.image_size}", _equalization(candidate))


def _equalization(candidate: Candidate) -> str:
    """Say whether the luminance is equalized and, where training decided that, by which figures."""
    light = "luminance equalized" if candidate.equalize else "luminance left as it is"
    decision = candidate.recipe.get("equalize")
    if not (isinstance(decision, Mapping) and decision.get("plain") and decision.get("equalized")):
        return light
    plain, equalized = (percent(decision[name]["accuracy"], 1) for name in ("plain", "equalized"))
    return f"{light}: in cross-validation on training photos {equalized} right with, {plain} without"


def _backbone(candidate: Candidate) -> Cell:
    if candidate.backbone is None:
        return Cell("nothing", "learnt from these photos alone")
    weights = str(candidate.backbone.get("weights", "unknown"))
    words = {"imagenet": "ImageNet weights", "file": "weights as handed over"}
    return Cell(
        soft(str(candidate.backbone.get("name", "a backbone"))), words.get(weights, f"{weights} weights")
    )
