"""From the dataset to the baseline that a version is registered with."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import pytest
from captured_traffic import measured, picture
from evaluation_job import CLASSES, EACH, Job

from bestiary.drift import files
from bestiary.drift.measures import read_measures
from training_scripts import prepare


def test_prepare_measures_photos_as_the_endpoint_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the last digit, whatever sizes the models want: or the monitor would see drift of its own making."""
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    data = tmp_path / "processing" / "input" / "data"
    names = [f"{label}/{number}.jpg" for label in ("bear", "crab") for number in range(4)]
    photos = {name: picture(seed) for seed, name in enumerate(names)}
    for name, photo in photos.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(photo)
    prepare.main(["--image-size", "16", "--transfer-image-size", "40"])
    found = tmp_path / "processing" / "output" / "exploration" / "measures.jsonl"
    lines = [json.loads(line) for line in found.read_text("utf-8").splitlines()]
    assert sorted(photos) == [line["file"] for line in lines]
    assert {line["file"]: measured(photos[line["file"]]).layout for line in lines} == {
        line["file"]: tuple(line["image"]["layout"]) for line in lines
    }
    assert [measured(photos[line["file"]]).sharpness for line in lines] == [
        one.sharpness for one in read_measures(found)
    ]
    assert [40, 16] == [
        json.loads((tmp_path / "processing" / "output" / "test" / view / "view.json").read_bytes())[
            "preprocessing"
        ]["size"]
        for view in ("transfer", "custom_cnn")
    ]


def test_evaluate_writes_the_champion_s_baseline_and_its_digests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers are of the test photos, which the champion has not seen; looks are of all that was measured."""
    job = Job(tmp_path, monkeypatch).with_two_candidates()
    exploration = job.input / "exploration"
    exploration.mkdir(parents=True)
    lines = [json.dumps({"file": "x.jpg", "image": asdict(measured(picture(seed)))}) for seed in range(70)]
    (exploration / "measures.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    result = job.run()
    folder = job.output / "evaluation" / "baseline"
    for name in ("statistics", "constraints"):
        digest = hashlib.sha256((folder / f"{name}.json").read_bytes()).hexdigest()
        assert {"sha256": digest} == result["baseline"][name]
    baseline = files.read(folder, folder)
    assert (CLASSES, "tuned") == (baseline.labels, result["champion"]["name"])
    rows = [
        baseline.sample.rows(name) for name in ("brightness", "layout", "confidence", "scores", "embedding")
    ]
    assert [70, 70, *[len(CLASSES) * EACH] * 3] == rows
    assert dict.fromkeys(CLASSES, EACH) == dict(baseline.sample.species)


def test_without_measures_the_baseline_is_of_answers_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    job = Job(tmp_path, monkeypatch).with_two_candidates()
    job.run()
    baseline = files.read(job.output / "evaluation" / "baseline", None)
    assert (0, len(CLASSES) * EACH) == (baseline.sample.rows("brightness"), baseline.sample.rows("scores"))
    assert "the exploration has no measures of the photos" in capsys.readouterr().out
