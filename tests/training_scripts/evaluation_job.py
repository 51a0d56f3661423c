"""A processing job of the evaluation: its folders with small real artifacts, its run and what it left."""

import json
import tarfile
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest
from numpy.typing import NDArray

from bestiary.classifiers import artifact, reproducible
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


def model(size: int, sharpness: float, classes: int = 3):
    """A network that looks at the mean colour; with sharpness 0 it knows nothing and says the first class."""
    reproducible.begin(1)
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

    def __init__(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(base))
        monkeypatch.setenv("BESTIARY_COMMIT", "8d1f0c2")
        monkeypatch.setenv("BESTIARY_IMAGE", "jobs@sha256:ab")
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

    def with_two_candidates(self) -> Self:
        """Hand over one model that knows nothing and one that is right about everything."""
        self.candidate("custom_cnn", 0.0, Preprocessing(16, equalize=True))
        self.candidate("tuned", 0.05, Preprocessing(32))
        return self

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
