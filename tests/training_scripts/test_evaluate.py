"""The evaluate job on real artifacts: what it writes, what it compares with, and how it fails."""

import csv
import hashlib
import json
import re
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bestiary.classifiers import artifact
from bestiary.classifiers.recipe import Epoch, Trained
from bestiary.images import Preprocessing
from training_scripts import evaluate

CLASSES = ("bear", "cat", "dog")
COLOURS = np.array([[200, 30, 30], [30, 200, 30], [30, 30, 200]], np.uint8)
EACH = 12


def pictures(size: int) -> NDArray[np.uint8]:
    """Bears are red, cats green, dogs blue, with noise: easy for whoever looks at colours."""
    generator = np.random.default_rng(3)
    plain = np.repeat(COLOURS, EACH, axis=0)[:, None, None, :].astype(int)
    noise = generator.integers(-25, 25, (len(CLASSES) * EACH, size, size, 3))
    return (plain + noise).clip(0, 255).astype(np.uint8)


def write_view(folder: Path, preprocessing: Preprocessing) -> None:
    folder.mkdir(parents=True)
    np.save(folder / "images.npy", preprocessing.finish(pictures(preprocessing.size)))
    np.save(folder / "labels.npy", np.repeat(np.arange(len(CLASSES)), EACH))
    described = {
        "classes": list(CLASSES),
        "preprocessing": preprocessing.as_json(),
        "files": [f"{name}/{index}.jpg" for name in CLASSES for index in range(EACH)],
        "groups": [""] * len(CLASSES) * EACH,
        "data_digest": "5f" * 32,
    }
    (folder / "view.json").write_text(json.dumps(described), encoding="utf-8")


def model(size: int, sharpness: float, classes: int = 3):  # noqa: ANN201 - keras is imported when it is needed
    """A network that looks at the mean colour; with sharpness 0 it knows nothing and says the first class."""
    import keras

    image = keras.Input((size, size, 3), name="image")
    mean = keras.layers.GlobalAveragePooling2D(name="mean")(image)
    scores = keras.layers.Dense(classes, activation="softmax", name="species")(mean)
    network = keras.Model(image, scores, name="colours")
    kernel = np.zeros((3, classes), np.float32)
    kernel[np.arange(3), np.arange(3)] = sharpness
    network.get_layer("species").set_weights([kernel, np.zeros(classes, np.float32)])
    return network


def pack(source: Path, archive: Path) -> None:
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "w:gz") as tar:
        for path in sorted(source.iterdir()):
            tar.add(path, path.name)


class Job:
    """A processing job's folders, filled as the pipeline would."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.input = base / "processing" / "input"
        self.output = base / "processing" / "output"
        write_view(self.input / "test" / "custom_cnn", Preprocessing(16, equalize=True))
        write_view(self.input / "test" / "transfer", Preprocessing(32))
        dataset = {
            "classes": list(CLASSES),
            "data_digest": "5f" * 32,
            "seed": 42,
            "counts": {name: {"train": 48, "test": EACH} for name in CLASSES},
            "quarantined": [{"file": "bear/broken.jpg", "reason": "truncated"}],
            "warnings": ["class cow is left out: its folder holds no photos"],
            "duplicates": [{"file": "cat/copy.jpg", "same_as": "cat/1.jpg"}],
        }
        (self.input / "test" / "dataset.json").write_text(json.dumps(dataset), encoding="utf-8")

    def artifact(
        self,
        archive: Path,
        name: str,
        sharpness: float,
        preprocessing: Preprocessing,
        *,
        classes: tuple[str, ...] = CLASSES,
        backbone: dict[str, object] | None = None,
    ) -> None:
        folder = self.base / "made" / archive.relative_to(self.base).parent
        trained = Trained(
            model=model(preprocessing.size, sharpness, len(classes)),
            preprocessing=preprocessing,
            history=(Epoch(1, 1.0, 0.5, 1.1, 0.4),),
            recipe={"epochs": 1},
        )
        artifact.save(folder, name, trained, classes, backbone)
        pack(folder, archive)

    def candidate(self, name: str, sharpness: float, preprocessing: Preprocessing, **changes: Any) -> None:
        self.artifact(self.archive(name), name, sharpness, preprocessing, **changes)
        results = self.base / "results" / name
        results.mkdir(parents=True)
        (results / "history.csv").write_text(
            "epoch,loss,accuracy,val_loss,val_accuracy\n1,1.0,0.5,,\n", encoding="utf-8"
        )
        training = {"seconds": 4.2, "epochs": 1, "parameters": 12, "warnings": [], "recipe": {}}
        (results / "training.json").write_text(json.dumps(training), encoding="utf-8")
        pack(results, self.input / "training" / name / "output.tar.gz")

    def approve(self, sharpness: float, preprocessing: Preprocessing, **changes: Any) -> None:
        folder = self.input / "approved"
        self.artifact(folder / "model.tar.gz", "tuned", sharpness, preprocessing, **changes)
        (folder / "version.json").write_text('{"version": 3}', encoding="utf-8")

    def archive(self, name: str) -> Path:
        return self.input / "models" / name / "model.tar.gz"

    def run(self, *arguments: str) -> dict[str, Any]:
        evaluate.main(list(arguments))
        return json.loads((self.output / "evaluation" / "evaluation.json").read_text("utf-8"))


@pytest.fixture
def empty_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    monkeypatch.setenv("BESTIARY_COMMIT", "8d1f0c2")
    monkeypatch.setenv("BESTIARY_IMAGE", "jobs@sha256:ab")
    return Job(tmp_path)


@pytest.fixture
def job(empty_job: Job) -> Job:
    """Two candidates: one that knows nothing and one that is right about everything."""
    empty_job.candidate("custom_cnn", 0.0, Preprocessing(16, equalize=True))
    empty_job.candidate("tuned", 0.05, Preprocessing(32))
    return empty_job


def failure(job: Job, *arguments: str) -> str:
    """Run a job that must fail and give the reason SageMaker would show."""
    with pytest.raises(SystemExit) as ended:
        evaluate.main(list(arguments))
    assert ended.value.code == 1
    reason = (job.base / "output" / "message").read_text("utf-8")
    assert "\n" not in reason.strip()
    return reason


def test_the_best_candidate_becomes_the_champion_byte_for_byte(job: Job) -> None:
    found = job.run(
        "--accuracy-threshold", "0.9", "--parameter", "Epochs=1", "--parameter", "DataUri=s3://b/a=b/"
    )

    archive = job.archive("tuned").read_bytes()
    assert (job.output / "champion" / "model.tar.gz").read_bytes() == archive
    assert found["champion"] == {
        "name": "tuned",
        "accuracy": 1.0,
        "macro_f1": 1.0,
        "sha256": hashlib.sha256(archive).hexdigest(),
    }
    assert found["gate"]["passed"] is True
    assert found["models"]["custom_cnn"]["accuracy"] == pytest.approx(1 / 3)
    assert found["models"]["custom_cnn"]["training_seconds"] == 4.2
    assert found["models"]["tuned"]["bytes"] == len(archive)
    assert found["models"]["tuned"]["seconds_per_image"] > 0
    assert found["approved"] is None
    assert found["data"]["test_images"] == 36
    assert found["data"]["quarantined"] == 1
    assert found["lineage"] == {
        "data_digest": "5f" * 32,
        "commit": "8d1f0c2",
        "image": "jobs@sha256:ab",
        "parameters": {"Epochs": "1", "DataUri": "s3://b/a=b/"},
    }


def test_the_files_for_others_are_complete(job: Job) -> None:
    """A version points at metrics.json by its digest; predictions.csv has a line a model and photo."""
    found = job.run()
    folder = job.output / "evaluation"

    assert hashlib.sha256((folder / "metrics.json").read_bytes()).hexdigest() == found["metrics"]["sha256"]
    with (folder / "predictions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 36
    assert rows[0].keys() == {"model", "file", "true", "predicted", "confidence"}
    assert all(row["true"] == row["predicted"] for row in rows if row["model"] == "tuned")
    page = (folder / "report.html").read_text("utf-8")
    assert "bear/<wbr>broken.jpg" in page
    assert "class cow is left out" in page


def test_the_log_shows_the_comparison_to_whoever_reads_it(
    job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    job.run()

    lines = capsys.readouterr().out.splitlines()
    table = lines[next(place for place, line in enumerate(lines) if line.startswith("model ")) :]
    assert table[1].split()[:2] == ["custom_cnn", "0.333"]
    assert table[2].split()[:2] == ["tuned", "1.000"]
    assert table[3] == "champion: tuned"
    assert table[4].startswith("gate: passed: tuned names 1.000 of the 36 test photos right")


def test_a_refusal_is_a_result_and_not_a_failure(job: Job) -> None:
    """The pipeline's condition reads the refusal; a failed job would hide the report."""
    shutil.rmtree(job.input / "models" / "tuned")

    found = job.run("--accuracy-threshold", "0.9")

    assert found["gate"]["passed"] is False
    assert "under the threshold of 0.900" in found["gate"]["reason"]
    assert (job.output / "evaluation" / "report.html").exists()


def test_the_approved_version_is_scored_on_the_same_photos_now(job: Job) -> None:
    """It is as good as the champion, so the gate lets the champion pass and says so."""
    job.approve(0.05, Preprocessing(32))

    found = job.run()

    assert found["approved"] == {"version": "version 3", "accuracy": 1.0, "macro_f1": 1.0, "warnings": []}
    assert "as good as the approved version 3 on the same photos (1.000)" in found["gate"]["reason"]


def test_a_champion_worse_than_the_approved_version_is_refused(job: Job) -> None:
    shutil.rmtree(job.input / "models" / "tuned")
    job.approve(0.05, Preprocessing(32))

    gate = job.run()["gate"]

    assert gate["passed"] is False
    assert gate["approved_accuracy"] == 1.0
    assert "0.667 worse than the approved version 3" in gate["reason"]


def test_no_approved_version_may_be_said_by_a_file(job: Job) -> None:
    """The pipeline hands over an object that stands for none."""
    (job.input / "approved").mkdir()
    (job.input / "approved" / "none.json").write_text("{}", encoding="utf-8")

    assert job.run()["approved"] is None


def test_an_approved_version_of_another_size_is_scored_on_resized_pictures_and_that_is_said(job: Job) -> None:
    job.approve(0.05, Preprocessing(24))

    found = job.run()

    warning = "its test pictures were resized from 32 to 24 pixels, not from the photos themselves"
    assert found["approved"]["accuracy"] == 1.0
    assert warning in found["approved"]["warnings"][0]
    assert f"version 3:</b> {warning}" in (job.output / "evaluation" / "report.html").read_text("utf-8")


def test_an_approved_version_that_knows_other_animals_is_judged_by_names(job: Job) -> None:
    """It learnt cat, dog, owl: red photos are cats to it, green ones dogs, blue ones owls; all wrong."""
    job.approve(0.05, Preprocessing(32), classes=("cat", "dog", "owl"))

    approved = job.run()["approved"]

    assert approved["accuracy"] == 0.0
    assert "does not know bear" in approved["warnings"][0]


def test_equalized_and_plain_candidates_each_see_their_own_view(empty_job: Job) -> None:
    """A transfer model that decided to equalize gets the large view equalized, without a warning."""
    empty_job.candidate("efficientnetb3", 0.05, Preprocessing(32, equalize=True))

    found = empty_job.run()

    assert found["models"]["efficientnetb3"]["equalize"] is True
    assert found["models"]["efficientnetb3"]["image_size"] == 32
    assert found["models"]["efficientnetb3"]["warnings"] == []


def test_random_weights_reach_the_table_the_json_and_the_page(
    empty_job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    backbone = {
        "name": "efficientnetb3",
        "weights": "random",
        "warning": "Random weights: no network.",
        "parameters": 9,
    }
    empty_job.candidate("tuned", 0.05, Preprocessing(32), backbone=backbone)

    found = empty_job.run()

    assert found["models"]["tuned"]["warnings"] == ["Random weights: no network."]
    assert "warning: tuned: Random weights: no network." in capsys.readouterr().out
    page = (empty_job.output / "evaluation" / "report.html").read_text("utf-8")
    assert "⚠ Random weights: tuned cannot be judged by this run" in page


def spoil_weights(job: Job) -> None:
    """Change one byte inside the archive: the manifest's digest no longer fits."""
    folder = job.base / "spoilt"
    with tarfile.open(job.archive("tuned")) as tar:
        tar.extractall(folder, filter="data")
    weights = folder / "weights.safetensors"
    data = weights.read_bytes()
    weights.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    pack(folder, job.archive("tuned"))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (spoil_weights, "candidate tuned cannot be used: .*weights.safetensors was changed"),
        (lambda job: job.archive("tuned").write_bytes(b"no archive"), "candidate tuned cannot be used"),
        (lambda job: job.archive("tuned").unlink(), "candidate tuned cannot be used: .*model.tar.gz"),
        (lambda job: shutil.rmtree(job.input / "training" / "tuned"), "output.tar.gz"),
        (lambda job: shutil.rmtree(job.input / "models"), "holds no candidate"),
        (lambda job: [view.unlink() for view in job.input.glob("test/*/view.json")], "holds no view of the"),
        (lambda job: (job.input / "test" / "dataset.json").write_text("{"), "dataset.json cannot be used"),
        (lambda job: (job.input / "test" / "dataset.json").write_text("{}"), "dataset.json lacks 'classes'"),
    ],
)  # fmt: skip
def test_what_is_damaged_is_named_in_one_line(job: Job, spoil: Callable[[Job], object], words: str) -> None:
    spoil(job)

    assert re.search(words, failure(job))
    assert not (job.output / "champion").exists()


def test_a_candidate_for_other_animals_is_refused(empty_job: Job) -> None:
    empty_job.candidate("tuned", 0.05, Preprocessing(32), classes=("bear", "cat", "owl"))

    assert "candidate tuned was trained on other animals (bear, cat, owl)" in failure(empty_job)


def test_a_damaged_approved_version_stops_the_gate(job: Job) -> None:
    """Who cannot compare must not decide."""
    job.approve(0.05, Preprocessing(32))
    (job.input / "approved" / "model.tar.gz").write_bytes(b"no archive")

    assert "the approved version 3 cannot be used" in failure(job)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--accuracy-threshold", "30"), "30 is not between 0 and 1"),
        (("--allowed-regression", "-1"), "is not between 0 and 1"),
        (("--parameter", "Epochs"), "'Epochs' is not NAME=VALUE"),
    ],
)
def test_wrong_arguments_are_named(job: Job, arguments: tuple[str, ...], words: str) -> None:
    assert words in failure(job, *arguments)
