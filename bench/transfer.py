"""Transfer training as the pipeline does it, against a plain ``model.fit``, on the same photos in one run.

Both train the original report's head and the last ten layers of the same backbone, from the same photos, for
as many epochs. The plain one recomputes the frozen layers in every epoch, and is not asked which equalization
is better. Prints the CPU seconds of both processes from their start to their end, on all cores, and how many
of the test photos each tells right. Without ``--data`` the photos are the project's own drawings.

    python bench/transfer.py [--data DIR] [--backbone FILE.keras] [--epochs 15] [--size 224] [--seeds 1]
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bestiary import sample
from bestiary.classifiers import artifact, backbone, fitting, reproducible, transfer, validation, view

CLEAR = "{:<28}{:>13}{:>13}{:>13}"


def main() -> None:
    """Prepare photos and backbone, train both ways for each seed, print the table."""
    options = _parser().parse_args()
    if options.plain is not None:
        fit_plainly(options.plain, options.epochs, options.seed)
        return
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        _make_inputs(base, options)
        ours, plain = [], []
        for seed in range(options.seed, options.seed + options.seeds):
            ours.append((*_train(base, options.epochs, seed), _test_ours(base)))
            plain.append((*_fit(base, options.epochs, seed), _test_plain(base)))
            _print_table(base, ours[-1:], plain[-1:], f"seed {seed}")
        if options.seeds > 1:
            _print_table(base, ours, plain, f"mean of {options.seeds} seeds")


def fit_plainly(base: Path, epochs: int, seed: int) -> None:
    """Train the way the Keras guide does: freeze layers, compile, fit."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import keras

    keras.utils.set_random_seed(seed)
    photos = view.read(base / "input" / "data" / "train")
    network = keras.models.load_model(base / "input" / "data" / "backbone" / backbone.NETWORK, compile=False)
    for layer in network.layers[: -transfer.TRAINED_LAYERS]:
        layer.trainable = False
    model = transfer.build(network, len(photos.classes))
    model.compile(keras.optimizers.Adam(), "sparse_categorical_crossentropy", metrics=["accuracy"])
    training, held = validation.hold_out(photos.labels, photos.groups, seed)
    # Shuffled as ours are, and once, as Keras does by itself when seeded: with the same first weights too,
    # the accuracies differ by what caching changes and not by luck.
    training = fitting.shuffled(training, seed)
    model.fit(
        photos.images[training],
        photos.labels[training],
        validation_data=(photos.images[held], photos.labels[held]),
        epochs=epochs,
        batch_size=32,
        shuffle=False,
        verbose=0,
    )
    model.save(base / "plain.keras")


def _make_inputs(base: Path, options: argparse.Namespace) -> None:
    """Run the prepare and backbone jobs, and lay their outputs where a training job looks for its inputs."""
    photos = base / "processing" / "input" / "data"
    photos.parent.mkdir(parents=True)
    if options.data is None:
        sample.draw(photos)
    else:
        photos.symlink_to(options.data.resolve(), target_is_directory=True)
    arguments = [
        "--image-size",
        "32",
        "--transfer-image-size",
        str(options.size),
        "--seed",
        str(options.seed),
    ]
    _job(base, "prepare", arguments)
    arguments = ["--image-size", str(options.size), "--seed", str(options.seed)]
    if options.backbone is not None:
        (base / "processing" / "input" / "backbone").mkdir()
        shutil.copy(options.backbone, base / "processing" / "input" / "backbone")
        arguments += ["--backbone", "file"]
    _job(base, "backbone", arguments)
    channels = base / "input" / "data"
    channels.mkdir(parents=True)
    (channels / "train").symlink_to(base / "processing" / "output" / "train" / "transfer")
    (channels / "backbone").symlink_to(base / "processing" / "output" / "backbone")


def _train(base: Path, epochs: int, seed: int) -> tuple[float, float]:
    settings = {"model": "efficientnetb3", "epochs": str(epochs), "seed": str(seed)}
    configuration = base / "input" / "config"
    configuration.mkdir(exist_ok=True)
    (configuration / "hyperparameters.json").write_text(json.dumps(settings))
    return _job(base, "train", [])


def _fit(base: Path, epochs: int, seed: int) -> tuple[float, float]:
    return _run([__file__, "--plain", str(base), "--epochs", str(epochs), "--seed", str(seed)], base)


def _job(base: Path, name: str, arguments: list[str]) -> tuple[float, float]:
    return _run(["-m", f"training_scripts.{name}", *arguments], base)


def _run(command: list[str], base: Path) -> tuple[float, float]:
    """Run a Python process to its end; its CPU seconds (user and system) and its wall seconds."""
    root = Path(__file__).resolve().parent.parent
    environment = {**os.environ, "SAGEMAKER_BASE_DIR": str(base), "PYTHONPATH": str(root)}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, *command], env=environment, cwd=root, check=True, stdout=subprocess.DEVNULL
    )
    after, ended = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, ended - began


def _test_ours(base: Path) -> float:
    classifier = artifact.load(base / "model")
    photos = view.read(base / "processing" / "output" / "test" / "transfer")
    scores = classifier.predict(classifier.preprocessing.finish(photos.images))
    return float((scores.argmax(axis=1) == photos.labels).mean())


def _test_plain(base: Path) -> float:
    reproducible.begin(0)
    import keras

    photos = view.read(base / "processing" / "output" / "test" / "transfer")
    scores = keras.models.load_model(base / "plain.keras").predict(photos.images, verbose=0)
    return float((scores.argmax(axis=1) == photos.labels).mean())


def _print_table(
    base: Path, ours: list[tuple[float, ...]], plain: list[tuple[float, ...]], title: str
) -> None:
    about = json.loads((base / "processing" / "output" / "backbone" / backbone.ABOUT).read_text())
    print(f"\n{about['name']} ({about['weights']} weights), {title}")
    print(CLEAR.format("", "CPU seconds", "wall seconds", "accuracy"))
    means = [np.mean(rows, axis=0) for rows in (ours, plain)]
    for name, (cpu, wall, accuracy) in zip(("training job", "plain model.fit"), means, strict=True):
        print(CLEAR.format(name, f"{cpu:.1f}", f"{wall:.1f}", f"{accuracy:.3f}"))
    (ours_cpu, _, right), (plain_cpu, _, plainly_right) = means
    print(
        f"{plain_cpu / ours_cpu:.1f} times less CPU (goal: 5 or more at 15 epochs and 224 px), accuracy "
        f"{100 * (right - plainly_right):+.1f} points (goal: within 1)"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="a folder of photos, one folder a class")
    parser.add_argument("--backbone", type=Path, help="a .keras file instead of EfficientNetB3")
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--size", type=int, default=224, help="pixels a side")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--seeds", type=int, default=1, help="how many, from --seed on")
    parser.add_argument("--plain", type=Path, help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    main()
