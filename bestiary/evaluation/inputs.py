"""What other jobs left for the evaluation: archives of models and of their training."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bestiary.classifiers.artifact import unpacked
from bestiary.classifiers.recipe import Epoch


class UnusableInput(ValueError):  # noqa: N818 - it names what happened
    """Something that was handed over cannot be used; the message names it, says why and fits one line."""


@dataclass(frozen=True)
class Training:
    """How a training went.

    Attributes
    ----------
    seconds
        Its wall time.
    parameters
        Numbers the model is made of.
    warnings
        What it had to say.
    history
        Its learning curve.
    """

    seconds: float
    parameters: int
    warnings: tuple[str, ...]
    history: tuple[Epoch, ...]


@contextmanager
def naming(what: str) -> Iterator[None]:
    """Turn whatever goes wrong with an input into an `UnusableInput` that names it."""
    try:
        yield
    except UnusableInput:
        raise
    except KeyError as error:
        raise UnusableInput(f"{what} lacks {error}") from error
    except (ValueError, TypeError, OSError) as error:
        raise UnusableInput(f"{what} cannot be used: {error}") from error


def read_training(archive: Path) -> Training:
    """Read ``training.json`` and ``history.csv`` from a training job's ``output.tar.gz``.

    Raises
    ------
    UnusableInput
        When it is missing, damaged or lacks something.
    """
    with naming(str(archive)), unpacked(archive) as folder:
        described = json.loads((folder / "training.json").read_text("utf-8"))
        return Training(
            seconds=float(described["seconds"]),
            parameters=int(described["parameters"]),
            warnings=tuple(map(str, described["warnings"])),
            history=_history((folder / "history.csv").read_text("utf-8")),
        )


def sha256(path: Path) -> str:
    """Give the sha256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _history(text: str) -> tuple[Epoch, ...]:
    def number(value: str | None) -> float | None:
        return float(value) if value else None

    return tuple(
        Epoch(
            epoch=int(row["epoch"]),
            loss=float(row["loss"]),
            accuracy=float(row["accuracy"]),
            val_loss=number(row.get("val_loss")),
            val_accuracy=number(row.get("val_accuracy")),
        )
        for row in csv.DictReader(io.StringIO(text))
    )
