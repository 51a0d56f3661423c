"""The training job: one candidate from prepared photos to an artifact.

Hyperparameters (SageMaker passes strings): ``model`` (custom_cnn, efficientnetb3 or tuned), ``epochs``,
``batch_size``, ``learning_rate`` (a number, or ``auto`` for the recipe's own), ``seed`` and ``equalize``
(auto, true or false; the transfer candidates only). Channels: ``train``, one view that the prepare job left;
``backbone``, what the backbone job left (the transfer candidates only).

Leaves the artifact in the model folder, and in the output folder ``history.csv`` and ``training.json``. With
a ``CheckpointConfig`` an interrupted job goes on after the last whole epoch; of several hosts each takes its
part of every batch, and the first leaves the results.
"""

from __future__ import annotations

import csv
import hashlib
import importlib
import json
import signal
import sys
import time
import traceback
from dataclasses import astuple, fields
from typing import TYPE_CHECKING, Any, cast

from bestiary import container
from bestiary.classifiers import artifact, backbone, reproducible, view
from bestiary.classifiers.checkpoint import Checkpoints
from bestiary.classifiers.hosts import Hosts
from bestiary.classifiers.recipe import Epoch, Settings, Trained, TrainingError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

RECIPES = {"custom_cnn": "custom_cnn", "efficientnetb3": "transfer", "tuned": "tuned"}
"""The module in `bestiary.classifiers` behind each candidate."""

LARGEST_SEED = 2**32 - 1


def main() -> None:
    """Run the job; whatever goes wrong ends it with one line that says what and what to do."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, _stopped)
    try:
        _train()
    except (TrainingError, backbone.UnusableBackbone) as error:
        container.fail(str(error))
    except OSError as error:
        container.fail(f"{error.filename or 'training'}: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001 - the job's edge: the log gets the traceback, the user one line
        traceback.print_exc()
        container.fail(f"training broke off: {type(error).__name__}: {error}")


def _train() -> None:
    began = time.perf_counter()
    values = container.hyperparameters()
    model, settings = read_settings(values)
    photos = view.read(container.channel("train"))
    reproducible.begin(settings.seed)
    hosts = Hosts.of(container.resources())
    report = _report if hosts.leads else _silent
    with hosts.join():
        base = None
        if RECIPES[model] != "custom_cnn":
            base = backbone.read(container.channel("backbone"), photos.preprocessing.size)
            for warning in base.warnings:
                report(f"warning: {warning}")
        recipe = importlib.import_module(f"bestiary.classifiers.{RECIPES[model]}")
        checkpoints = _checkpoints(values, hosts)
        trained: Trained = recipe.train(photos, settings, base, report, checkpoints)
    if not hosts.leads:
        _report(f"{hosts.current} did its part; {hosts.names[0]} has the model")
        return
    artifact.save(
        container.model_dir(),
        model,
        trained,
        photos.classes,
        base.about.as_json() if base is not None else None,
    )
    _write_results(container.output_data_dir(), trained, time.perf_counter() - began)
    if checkpoints:
        checkpoints.forget()


def _checkpoints(values: Mapping[str, str], hosts: Hosts) -> Checkpoints | None:
    """Return where this training's state is kept; its name is made of all that decides the weights."""
    folder = container.checkpoints_dir()
    if folder is None:
        return None
    total = hashlib.sha256(json.dumps([sorted(values.items()), len(hosts.names)]).encode())
    for part in (container.channel("train") / "view.json", container.channel("backbone") / backbone.ABOUT):
        total.update(part.read_bytes() if part.exists() else b"")
    return Checkpoints(folder, total.hexdigest(), writes=hosts.leads)


def read_settings(values: Mapping[str, str]) -> tuple[str, Settings]:
    """Read a training job's hyperparameters: the candidate's name and its settings.

    Raises
    ------
    TrainingError
        One is unknown or not what it should be; the line names it and says what it may be.
    """
    known = {"model", *(field.name for field in fields(Settings))}
    for name in sorted(values):
        # SageMaker's SDK adds its own under this prefix.
        if name not in known and not name.startswith("sagemaker_"):
            raise TrainingError(f"hyperparameter {name!r} is unknown: there are {', '.join(sorted(known))}")
    model = _choice(values, "model", "", tuple(RECIPES))
    rate = values.get("learning_rate", "auto")
    return model, Settings(
        epochs=_number(values, "epochs", 15, 1),
        batch_size=_number(values, "batch_size", 32, 1),
        learning_rate=None if rate in ("", "auto") else _rate(rate),
        seed=_number(values, "seed", 42, 0, LARGEST_SEED),
        equalize=cast("Any", _choice(values, "equalize", "auto", ("auto", "true", "false"))),
    )


def _choice(values: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]) -> str:
    value = values.get(name, default)
    if value not in choices:
        raise TrainingError(f"hyperparameter {name} must be one of {', '.join(choices)}, not {value!r}")
    return value


def _number(values: Mapping[str, str], name: str, default: int, least: int, most: int | None = None) -> int:
    value = values.get(name, str(default))
    number = int(value) if value.isascii() and value.isdigit() else -1
    if number < least or (most is not None and number > most):
        limits = f"of {least} or more" if most is None else f"from {least} to {most}"
        raise TrainingError(f"hyperparameter {name} must be a whole number {limits}, not {value!r}")
    return number


def _rate(value: str) -> float:
    try:
        rate = float(value)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= 1:
        raise TrainingError(
            f"hyperparameter learning_rate must be a number above 0 and up to 1, not {value!r}"
        )
    return rate


def _report(news: Epoch | str) -> None:
    """Write a line of the log; CloudWatch's metrics are read from those of the epochs."""
    if isinstance(news, Epoch):
        figures = zip(_columns()[1:], astuple(news)[1:], strict=True)
        shown = [f"{name}={value:.4f}" for name, value in figures if value is not None]
        news = " ".join([f"epoch={news.epoch}", *shown])
    sys.stdout.write(f"{news}\n")
    sys.stdout.flush()


def _silent(news: Epoch | str) -> None:
    """Say nothing: the metrics of a job are read from one host's log."""


def _columns() -> list[str]:
    return [field.name for field in fields(Epoch)]


def _write_results(folder: Path, trained: Trained, seconds: float) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "history.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_columns())
        for epoch in trained.history:
            writer.writerow([value if value is None else round(value, 6) for value in astuple(epoch)])
    training = {
        "seconds": round(seconds, 2),
        "epochs": len(trained.history),
        "parameters": trained.model.count_params(),
        "trainable_parameters": sum(
            weight.shape.num_elements() for weight in trained.model.trainable_weights
        ),
        "warnings": list(trained.warnings),
        "recipe": trained.recipe,
    }
    (folder / "training.json").write_text(json.dumps(training, indent=2) + "\n", encoding="utf-8")


def _stopped(signal_number: int, frame: object) -> None:
    del frame
    container.fail(f"training was stopped by {signal.Signals(signal_number).name} before it was done")


if __name__ == "__main__":
    main()
