"""An evaluation as the files that other rooms read."""

import csv
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from bestiary.evaluation.evaluation import Evaluation


def write(evaluation: Evaluation, page: str, files: Sequence[str], folder: Path) -> None:
    """Write ``evaluation.json``, ``metrics.json``, ``predictions.csv`` and ``report.html``.

    Parameters
    ----------
    evaluation
        All figures of the run.
    page
        The report, HTML.
    files
        The test photos' paths, in the order of the candidates' scores.
    folder
        Where to; made if it is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    document = json.dumps(evaluation.as_json(), indent=1, ensure_ascii=False, allow_nan=False)
    (folder / "evaluation.json").write_text(f"{document}\n", encoding="utf-8")
    (folder / "metrics.json").write_text(evaluation.metrics_json(), encoding="utf-8")
    (folder / "report.html").write_text(page, encoding="utf-8")
    _write_predictions(evaluation, files, folder / "predictions.csv")


def write_champion(archive: Path, folder: Path) -> None:
    """Put a byte-for-byte copy of the champion's ``model.tar.gz`` into its fixed place."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(archive, folder / "model.tar.gz")


def _write_predictions(evaluation: Evaluation, files: Sequence[str], path: Path) -> None:
    """Write one line a model and photo: what it shows, what it was called and how surely."""
    classes = evaluation.data.classes
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("model", "file", "true", "predicted", "confidence"))
        for each in evaluation.candidates:
            for name, label, scores in zip(files, each.labels, each.scores, strict=True):
                predicted = int(scores.argmax())
                row = (each.name, name, classes[label], classes[predicted], f"{scores[predicted]:.6f}")
                writer.writerow(row)
