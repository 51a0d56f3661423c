"""The pipeline's wall time against the same jobs run bare.

Both do the same work on the sample, with the same jobs side by side: once as an execution on the local
SageMaker in an empty home, once as plain processes that hand folders to each other. The ratio is what
orchestration costs: staging, S3 versions, records, logs.

    python bench/pipeline.py [--set NAME=VALUE …]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bestiary import sample
from pipelines.parameters import PARAMETERS, parse_settings

MODELS = {"custom_cnn": "custom_cnn", "efficientnetb3": "transfer", "tuned": "transfer"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--set", action="append", default=["Weights=random"], metavar="NAME=VALUE")
    settings = parse_settings(parser.parse_args().set)
    values = {item.name: str(item.default) for item in PARAMETERS} | settings
    with tempfile.TemporaryDirectory(prefix="bestiary-bench-") as folder:
        work = Path(folder)
        photos = work / "photos"
        photos.mkdir()
        sample.draw(photos)
        bare = _bare(work / "bare", photos, values)
        piped = _piped(work / "home", photos, settings)
    print(f"bare jobs       {bare:7.1f} s")
    print(f"the pipeline    {piped:7.1f} s")
    print(f"ratio           {piped / bare:7.2f}   (goal: at most 1.15)")


def _piped(home: Path, photos: Path, settings: dict[str, str]) -> float:
    command = [sys.executable, "-m", "pipelines"]
    environment = {**os.environ, "BESTIARY_HOME": str(home)}
    words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    try:
        done = subprocess.run(
            [*command, "run", "--data", str(photos), *words, "--json"],
            env=environment,
            stdout=subprocess.PIPE,
            check=True,
        )
    finally:
        subprocess.run([*command, "local", "stop"], env=environment, stdout=subprocess.DEVNULL, check=True)
    return float(json.loads(done.stdout)["seconds"])


def _bare(work: Path, photos: Path, values: dict[str, str]) -> float:
    base = {name: work / name for name in ("prepare", "backbone", *MODELS, "evaluate")}
    shutil.copytree(photos, base["prepare"] / "processing/input/data")
    began = time.perf_counter()
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda job: job(), (lambda: _prepare(base, values), lambda: _backbone(base, values))))
        list(pool.map(lambda model: _train(base, model, values), MODELS))
    _evaluate(base, values)
    return time.perf_counter() - began


def _prepare(base: dict[str, Path], values: dict[str, str]) -> None:
    sizes = ["--image-size", values["ImageSize"], "--transfer-image-size", values["TransferImageSize"]]
    _job(
        base["prepare"], "prepare", *sizes, "--equalize-cnn", values["EqualizeCnn"], "--seed", values["Seed"]
    )


def _backbone(base: dict[str, Path], values: dict[str, str]) -> None:
    source = ["--backbone", "efficientnetb3", "--weights", values["Weights"]]
    _job(
        base["backbone"],
        "backbone",
        *source,
        "--image-size",
        values["TransferImageSize"],
        "--seed",
        values["Seed"],
    )


def _train(base: dict[str, Path], model: str, values: dict[str, str]) -> None:
    channels = base[model] / "input/data"
    channels.mkdir(parents=True)
    (channels / "train").symlink_to(base["prepare"] / "processing/output/train" / MODELS[model])
    settings = {
        "model": model,
        "epochs": values["Epochs"],
        "batch_size": values["BatchSize"],
        "learning_rate": values["LearningRate"],
        "seed": values["Seed"],
    }
    if model != "custom_cnn":
        (channels / "backbone").symlink_to(base["backbone"] / "processing/output/backbone")
        settings["equalize"] = values["EqualizeTransfer"]
    config = base[model] / "input/config"
    config.mkdir()
    (config / "hyperparameters.json").write_text(json.dumps(settings))
    _job(base[model], "train")


def _evaluate(base: dict[str, Path], values: dict[str, str]) -> None:
    inputs = base["evaluate"] / "processing/input"
    inputs.mkdir(parents=True)
    for name in ("test", "exploration"):
        (inputs / name).symlink_to(base["prepare"] / "processing/output" / name)
    (inputs / "backbone").symlink_to(base["backbone"] / "processing/output/backbone")
    (inputs / "approved").mkdir()
    (inputs / "approved/none.json").write_text("{}")
    for model in MODELS:
        for kind, folder, archive in (
            ("models", "model", "model.tar.gz"),
            ("training", "output/data", "output.tar.gz"),
        ):
            target = inputs / kind / model
            target.mkdir(parents=True)
            _archive(base[model] / folder, target / archive)
    limits = ["--accuracy-threshold", values["AccuracyThreshold"]]
    _job(base["evaluate"], "evaluate", *limits, "--allowed-regression", values["AllowedRegression"])


def _archive(folder: Path, archive: Path) -> None:
    subprocess.run(["tar", "-C", str(folder), "-I", "gzip -1", "-cf", str(archive), "."], check=True)


def _job(base: Path, program: str, *words: str) -> None:
    base.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "SAGEMAKER_BASE_DIR": str(base)}
    with (base / "log").open("wb") as log:
        subprocess.run(
            [sys.executable, "-m", f"training_scripts.{program}", *words],
            env=environment,
            stdout=log,
            stderr=log,
            check=True,
        )


if __name__ == "__main__":
    main()
