"""Where a SageMaker job finds its inputs and leaves its outputs.

The layout is SageMaker's container contract for training and processing jobs. ``SAGEMAKER_BASE_DIR`` moves
its root away from ``/opt/ml``, so that a job also runs as a plain process of an ordinary user.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import NoReturn

FAILURE_CHARACTERS = 1024
MESSAGE_BYTES = 1024


def base() -> Path:
    """Return the root of the contract, ``/opt/ml`` unless ``SAGEMAKER_BASE_DIR`` says otherwise."""
    return Path(os.environ.get("SAGEMAKER_BASE_DIR") or "/opt/ml")


def processing_input(name: str) -> Path:
    """Return the folder into which a processing job's input `name` was copied."""
    return base() / "processing" / "input" / name


def processing_output(name: str) -> Path:
    """Return the folder from which a processing job's output `name` is uploaded."""
    return base() / "processing" / "output" / name


def channel(name: str) -> Path:
    """Return the folder of a training job's input channel `name`."""
    return base() / "input" / "data" / name


def model_dir() -> Path:
    """Return the folder whose contents become a training job's ``model.tar.gz``."""
    return base() / "model"


def output_data_dir() -> Path:
    """Return the folder whose contents become a training job's ``output.tar.gz``."""
    return base() / "output" / "data"


def checkpoints_dir() -> Path | None:
    """Return the folder that outlives an interrupted training job; None for a job without one."""
    folder = base() / "checkpoints"
    return folder if folder.is_dir() else None


def resources() -> dict[str, object]:
    """Return ``resourceconfig.json``, which names the job's hosts; empty where there is none."""
    for folder in ("input/config", "config"):  # of a training job, of a processing job
        path = base() / folder / "resourceconfig.json"
        if path.exists():
            values: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
            return values
    return {}


def hyperparameters() -> dict[str, str]:
    """Return a training job's hyperparameters, all of them strings; empty when the job was given none.

    Raises
    ------
    ValueError
        The file holds something other than a JSON object.
    """
    path = base() / "input" / "config" / "hyperparameters.json"
    if not path.exists():
        return {}
    values = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(values, dict):
        raise ValueError(f"{path} must hold a JSON object, not a {type(values).__name__}")  # noqa: TRY004 - the file is wrong, no argument is
    return {str(name): str(value) for name, value in values.items()}


def resolve(path: str) -> Path:
    """Return where a path of the contract is: one below ``/opt/ml`` moves with its root."""
    try:
        return base() / Path(path).relative_to("/opt/ml")
    except ValueError:
        return Path(path)


def conclude(message: str) -> None:
    """Say how a processing job came out, where SageMaker looks for its ExitMessage (1 KB at most)."""
    output = base() / "output"
    output.mkdir(parents=True, exist_ok=True)
    (output / "message").write_bytes(_clip(" ".join(message.split()).encode(), MESSAGE_BYTES))


def fail(message: str) -> NoReturn:
    """End the job with one clear line: to stderr, and where SageMaker looks for a FailureReason.

    A training job's reason is read from ``output/failure`` (1,024 characters at most), a processing job's
    from ``output/message`` (1 KB at most); a job does not know which it is, so both are written.
    """
    line = " ".join(message.split())
    sys.stderr.write(f"error: {line}\n")
    output = base() / "output"
    try:
        output.mkdir(parents=True, exist_ok=True)
        (output / "failure").write_text(line[:FAILURE_CHARACTERS], encoding="utf-8")
        (output / "message").write_bytes(_clip(line.encode(), MESSAGE_BYTES))
    except OSError as error:
        sys.stderr.write(f"error: the reason could not be written to {output}: {error}\n")
    sys.exit(1)


class Arguments(argparse.ArgumentParser):
    """A job's command line, whose mistakes become the job's FailureReason instead of a usage text."""

    def error(self, message: str) -> NoReturn:
        """End the job with what is wrong with its arguments."""
        fail(f"{self.prog}: {message}")


def _clip(text: bytes, limit: int) -> bytes:
    """Cut UTF-8 text to at most `limit` bytes without leaving half a character at its end."""
    return text[:limit].decode(errors="ignore").encode()
