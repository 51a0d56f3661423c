"""What the page is put together from."""

import json
from pathlib import Path

import numpy as np
from evaluation_examples import candidate, rated
from page_reader import squeezed

from bestiary.report.comparison import lines
from bestiary.report.exploration import Exploration, read_exploration
from bestiary.report.words import soft

RANDOM = {
    "name": "efficientnetb3",
    "weights": "random",
    "warning": "Random weights: no answer from the download host.",
}


def test_prepares_exploration_is_read(tmp_path: Path) -> None:
    described = {
        "histograms": {"before": [[1.0]] * 3, "after": [[0.5, 0.5]] * 3},
        "sample_sheet": "sheet.jpg",
    }
    (tmp_path / "exploration.json").write_text(json.dumps(described), encoding="utf-8")
    (tmp_path / "sheet.jpg").write_bytes(b"picture")

    assert read_exploration(tmp_path) == Exploration([[1.0]] * 3, [[0.5, 0.5]] * 3, b"picture")
    assert read_exploration(tmp_path / "nothing") == Exploration()


def test_a_guessing_model_is_not_called_the_best_calibrated() -> None:
    labels = np.repeat(np.arange(10), 12)
    guessing = rated("efficientnetb3", labels, np.full((120, 10), 0.1), backbone=RANDOM)

    line = next(line for line in lines([candidate("tuned"), guessing]) if "ECE" in line.note)

    assert [cell.best for cell in line.cells] == [True, False]


def test_the_equalize_decision_comes_with_its_figures() -> None:
    decision = {"equalize": False, "plain": {"accuracy": 0.85}, "equalized": {"accuracy": 0.806}}

    cell = next(
        line for line in lines([candidate("tuned", recipe={"equalize": decision})]) if line.title == "Sees"
    )

    note = squeezed(cell.cells[0].note)
    assert (
        note
        == "luminance left as it is: in cross-validation on training photos 80.6 % right with, 85.0 % without"
    )


def test_long_names_break_where_people_would_break_them() -> None:
    assert soft("efficientnetb3") == "efficientnet<wbr>b3"
    assert soft("mobilenet_v2_imagenet") == "mobilenet_<wbr>v2_<wbr>imagenet"
    assert soft("<b>_1") == "&lt;b&gt;_<wbr>1"
