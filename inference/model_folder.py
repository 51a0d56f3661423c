"""The folder that SageMaker unpacks a model into: what task it is for, and whether it is whole."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inference.errors import ModelUnusable

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class ModelFolder:
    """An artifact whose every file is what its manifest says.

    Attributes
    ----------
    path
        The folder.
    task
        What the model does, such as ``classification``.
    digest
        sha256 of the manifest, and by it of all that it vouches for.
    """

    path: Path
    task: str
    digest: str

    def json(self, name: str) -> Any:  # noqa: ANN401 - any JSON value
        """Read one of the artifact's JSON files."""
        return json.loads((self.path / name).read_bytes())


def read(path: Path) -> ModelFolder:
    """Check the artifact in a folder, whatever task it is for, and say what it is.

    Raises
    ------
    ModelUnusable
        There is no manifest, or a file is missing or was changed.
    """
    try:
        text = (path / MANIFEST).read_bytes()
        manifest = json.loads(text)
        task, files = manifest["task"], manifest["files"].items()
    except FileNotFoundError as error:
        raise ModelUnusable(f"{path} holds no model: {MANIFEST} is missing") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelUnusable(f"{path / MANIFEST} cannot be read: {error}") from error
    for name, expected in files:
        if _sha256(path / name) != expected:
            raise ModelUnusable(f"{path / name} was changed: its sha256 is not the manifest's")
    return ModelFolder(path, str(task), hashlib.sha256(text).hexdigest())


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelUnusable(f"{path} cannot be read: {error.strerror}") from error
