"""The training job."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bestiary.classifiers import artifact, backbone, custom_cnn
from bestiary.classifiers.checkpoint import FILE, Checkpoints
from training_scripts import train

ROOT = Path(__file__).parents[2]
CLASSES = ["bear", "crab", "duck"]
SIZE = 32
LOG_LINE = re.compile(
    r"epoch=(\d+) loss=(\d+\.\d{4}) accuracy=([01]\.\d{4}) val_loss=(\d+\.\d{4}) val_accuracy=([01]\.\d{4})"
)


@pytest.fixture
def base(tmp_path, monkeypatch):
    """Return the base folder of a job with photos that can be told apart and no hyperparameters yet."""
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    write_photos(tmp_path, np.repeat([0, 1, 2], 8))
    return tmp_path


def write_photos(base, labels, **about):
    folder = base / "input" / "data" / "train"
    folder.mkdir(parents=True, exist_ok=True)
    images = np.random.default_rng(1).integers(0, 60, (len(labels), SIZE, SIZE, 3))
    for image, label in zip(images, labels, strict=True):
        image[:: label + 2, :, label] += 150
    np.save(folder / "images.npy", images.astype(np.uint8))
    np.save(folder / "labels.npy", labels.astype(np.int64))
    view = {
        "classes": CLASSES,
        "preprocessing": {"size": SIZE, "equalize": False},
        "files": [f"{place}.jpg" for place in range(len(labels))],
        "groups": [""] * len(labels),
        "data_digest": "",
        **about,
    }
    (folder / "view.json").write_text(json.dumps(view))


def write_backbone(base, warning=""):
    import keras

    folder = base / "input" / "data" / "backbone"
    folder.mkdir(parents=True)
    image = keras.Input((SIZE, SIZE, 3), name="image")
    x = keras.layers.Rescaling(1 / 255, name="rescaling")(image)
    for number in range(6):
        x = keras.layers.Conv2D(4, 3, padding="same", name=f"conv_{number}")(x)
        x = keras.layers.BatchNormalization(name=f"bn_{number}")(x)
    keras.utils.set_random_seed(1)
    keras.Model(image, x, name="small").save(folder / backbone.NETWORK)
    about = backbone.About("small", "random", warning, backbone.digest(folder / backbone.NETWORK), 1)
    (folder / backbone.ABOUT).write_text(json.dumps(about.as_json()))


def configure(base, **values):
    folder = base / "input" / "config"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "hyperparameters.json").write_text(json.dumps(values))


def failure(base):
    with pytest.raises(SystemExit) as end:
        train.main()
    assert end.value.code == 1
    text = (base / "output" / "failure").read_text()
    assert "\n" not in text
    assert not (base / "model").exists()
    return text


def start(base, **environment):
    return subprocess.Popen(
        [sys.executable, "-m", "training_scripts.train"],
        env={**os.environ, "SAGEMAKER_BASE_DIR": str(base), "PYTHONPATH": str(ROOT), **environment},
        cwd=base,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_job_leaves_an_artifact_a_history_and_a_log(base, capsys, monkeypatch):
    """Everything the evaluation and the report stand on, in the words of the contract, and no checkpoint."""
    configure(base, model="custom_cnn", epochs="3", batch_size="8", seed="7")
    (base / "checkpoints").mkdir()
    kept, forget = [], Checkpoints.forget
    monkeypatch.setattr(
        Checkpoints, "forget", lambda one: (kept.extend((base / "checkpoints").iterdir()), forget(one))
    )
    train.main()
    assert [FILE] == [path.name for path in kept]
    assert [] == list((base / "checkpoints").iterdir())
    lines = [LOG_LINE.fullmatch(line) for line in capsys.readouterr().out.splitlines()]
    assert ["1", "2", "3"] == [line[1] for line in lines]
    with (base / "output" / "data" / "history.csv").open() as file:
        history = list(csv.DictReader(file))
    assert ["epoch", "loss", "accuracy", "val_loss", "val_accuracy"] == list(history[0])
    assert [line[4] for line in lines] == [f"{float(row['val_loss']):.4f}" for row in history]
    training = json.loads((base / "output" / "data" / "training.json").read_text())
    assert {"seconds", "epochs", "parameters", "trainable_parameters", "warnings", "recipe"} == set(training)
    assert (3, 7) == (training["epochs"], training["recipe"]["seed"])
    classifier = artifact.load(base / "model")
    assert ("custom_cnn", tuple(CLASSES), None) == (classifier.name, classifier.classes, classifier.backbone)
    assert training["parameters"] == classifier.network.count_params()


def test_cloudwatchs_expressions_find_each_metric_once(base, capsys):
    """The regular expressions of the job's MetricDefinitions, on lines it really wrote."""
    configure(base, model="custom_cnn", epochs="1")
    train.main()
    line = capsys.readouterr().out
    expressions = {
        "train:loss": r"(?<![a-z_])loss=([0-9.]+)",
        "train:accuracy": r"(?<![a-z_])accuracy=([0-9.]+)",
        "validation:loss": r"val_loss=([0-9.]+)",
        "validation:accuracy": r"val_accuracy=([0-9.]+)",
    }
    found = {name: re.findall(expression, line) for name, expression in expressions.items()}
    assert [1, 1, 1, 1] == [len(values) for values in found.values()]
    assert 4 == len({line.index(f"={values[0]}") for values in found.values()})


def test_a_transfer_job_says_what_it_stands_on(base, capsys):
    """Backbone warning and equalize decision are in the log, in training.json and in the artifact."""
    write_backbone(base, warning="random weights because there is no network")
    configure(base, model="efficientnetb3", epochs="2", learning_rate="0.01", equalize="auto")
    train.main()
    log = capsys.readouterr().out.splitlines()
    assert log[0] == "warning: random weights because there is no network"
    assert log[1].startswith("equalize=")
    training = json.loads((base / "output" / "data" / "training.json").read_text())
    assert training["warnings"] == ["random weights because there is no network"]
    assert {"plain", "equalized", "photos"} <= set(training["recipe"]["equalize"])
    assert training["recipe"]["learning_rate"] == 0.01
    assert training["trainable_parameters"] < training["parameters"]
    classifier = artifact.load(base / "model")
    assert classifier.backbone["name"] == "small"
    assert classifier.recipe == training["recipe"]


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({}, "hyperparameter model must be one of custom_cnn, efficientnetb3, tuned, not ''"),
        (
            {"model": "vgg"},
            "hyperparameter model must be one of custom_cnn, efficientnetb3, tuned, not 'vgg'",
        ),
        ({"epochs": "0"}, "hyperparameter epochs must be a whole number of 1 or more, not '0'"),
        ({"epochs": "many"}, "hyperparameter epochs must be a whole number of 1 or more, not 'many'"),
        ({"epochs": "1.5"}, "hyperparameter epochs must be a whole number of 1 or more, not '1.5'"),
        ({"batch_size": "0"}, "hyperparameter batch_size must be a whole number of 1 or more, not '0'"),
        ({"batch_size": "-3"}, "hyperparameter batch_size must be a whole number of 1 or more, not '-3'"),
        ({"seed": "4294967296"}, "hyperparameter seed must be a whole number from 0 to 4294967295, not"),
        (
            {"learning_rate": "0"},
            "hyperparameter learning_rate must be a number above 0 and up to 1, not '0'",
        ),
        ({"learning_rate": "nan"}, "hyperparameter learning_rate must be a number above 0 and up to 1"),
        ({"learning_rate": "fast"}, "hyperparameter learning_rate must be a number above 0 and up to 1"),
        ({"equalize": "maybe"}, "hyperparameter equalize must be one of auto, true, false, not 'maybe'"),
        ({"epoch": "3"}, "hyperparameter 'epoch' is unknown: there are batch_size, epochs, equalize,"),
    ],
)
def test_wrong_hyperparameters_are_told_in_one_line(base, values, line):
    """Before TensorFlow is even loaded."""
    configure(base, **({"model": "custom_cnn"} | values if values else {}))
    assert failure(base).startswith(line)


def test_sagemakers_own_hyperparameters_are_passed_over():
    """Its SDK adds some to every job."""
    model, settings = train.read_settings({"model": "tuned", "sagemaker_region": "eu-west-1"})
    assert ("tuned", None) == (model, settings.learning_rate)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda folder: (folder / "images.npy").unlink(), "images.npy"),
        (lambda folder: (folder / "view.json").write_text("{"), "is no view of prepared photos"),
        (lambda folder: (folder / "labels.npy").write_bytes(b""), "is no view of prepared photos"),
        (lambda folder: np.save(folder / "labels.npy", np.zeros(3, np.int64)), "images.npy holds uint8"),
        (
            lambda folder: np.save(folder / "labels.npy", np.full(24, 9)),
            "names a class that view.json does not",
        ),
        (lambda folder: np.save(folder / "images.npy", np.zeros((24, 8, 8, 3))), "images.npy holds float64"),
    ],
)
def test_photos_that_are_none_are_told_in_one_line(base, change, line):
    """What an interrupted or foreign prepare job may have left."""
    configure(base, model="custom_cnn")
    change(base / "input" / "data" / "train")
    assert line in failure(base)


def test_one_class_is_too_few(base):
    """There is nothing to tell apart."""
    write_photos(base, np.zeros(8, np.int64), classes=["bear"])
    configure(base, model="custom_cnn")
    assert "telling animals apart takes at least two" in failure(base)


def test_a_class_of_one_photo_is_trained_on(base):
    """It cannot be validated, and is no reason to fail."""
    write_photos(base, np.array([0, 1, 1, 1, 1, 2, 2, 2, 2]))
    configure(base, model="custom_cnn", epochs="1")
    train.main()
    assert (base / "model" / "manifest.json").exists()


def test_a_loss_that_is_no_number_fails_the_job(base, monkeypatch):
    """With the setting to change, and without an artifact."""
    monkeypatch.setattr(custom_cnn, "LEARNING_RATE", 1e38)
    configure(base, model="custom_cnn")
    assert "lower LearningRate (now 1e+38)" in failure(base)


@pytest.mark.parametrize("damage", [None, b"", b"no network"])
def test_a_backbone_that_is_none_is_told_in_one_line(base, damage):
    """A missing channel and a damaged file."""
    if damage is not None:
        write_backbone(base)
        (base / "input" / "data" / "backbone" / backbone.NETWORK).write_bytes(damage)
    configure(base, model="efficientnetb3")
    assert "backbone." in failure(base)


def test_a_full_disk_is_told_in_one_line(base, monkeypatch):
    """What the system says, and about which file."""

    def full(*arguments):
        raise OSError(28, "No space left on device", "/opt/ml/model/weights.safetensors")

    monkeypatch.setattr(artifact, "save", full)
    configure(base, model="custom_cnn", epochs="1")
    assert failure(base) == "/opt/ml/model/weights.safetensors: No space left on device"


@pytest.mark.slow
def test_equal_jobs_give_equal_artifacts_and_no_noise(base, tmp_path):
    """Two processes, other hash seeds, one of them on one core: the same bytes, and nothing on stderr."""
    write_backbone(base)
    configure(base, model="efficientnetb3", epochs="2", equalize="false")
    found = []
    for seed, cores in ((1, None), (2, {0})):
        job = start(base, PYTHONHASHSEED=str(seed))
        if cores and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(job.pid, cores)
        _, errors = job.communicate(timeout=120)
        assert (0, "") == (job.returncode, errors)
        found.append({file.name: file.read_bytes() for file in (base / "model").iterdir()})
    assert found[0] == found[1]


@pytest.mark.slow
def test_a_stopped_job_ends_clean(base):
    """StopTrainingJob sends SIGTERM: one line, a reason, no artifact."""
    configure(base, model="custom_cnn", epochs="100000", batch_size="1")
    with start(base) as job:
        assert job.stdout.readline().startswith("epoch=1 ")
        job.send_signal(signal.SIGTERM)
        _, errors = job.communicate(timeout=30)
    line = "training was stopped by SIGTERM before it was done"
    assert (1, f"error: {line}\n") == (job.returncode, errors)
    assert (base / "output" / "failure").read_text() == line
    assert not (base / "model").exists()
