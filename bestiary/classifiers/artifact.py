"""A trained classifier as a folder of data: nothing in it can run, and all is checked before it is read.

=======================  ==============================================================================
``manifest.json``        format, task, name, backbone, and the sha256 of every other file
``architecture.json``    Keras configuration of plain built-in layers (see `architecture`)
``weights.safetensors``  float32 weights by their Keras path, normalisation statistics among them
``labels.json``          class names, in the order of the scores
``preprocessing.json``   what is done to a photo before the network sees it
``recipe.json``          how it was trained
=======================  ==============================================================================

Equal networks give equal bytes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tarfile
import tempfile
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from bestiary.classifiers import architecture, weights
from bestiary.classifiers.classifier import Classifier
from bestiary.images import Preprocessing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bestiary.classifiers.recipe import Trained

FORMAT = 1
MANIFEST = "manifest.json"
FILES = ("architecture.json", "labels.json", "preprocessing.json", "recipe.json", "weights.safetensors")


class ArtifactCorrupt(ValueError):  # noqa: N818 - it names what was found
    """An artifact is not what was saved; the message names the file."""


def save(
    folder: Path, name: str, trained: Trained, classes: tuple[str, ...], backbone: dict[str, Any] | None
) -> None:
    """Write the artifact into `folder`, which is made where it is missing.

    Parameters
    ----------
    folder
        Must hold nothing else.
    name
        The candidate's name.
    trained
        What the recipe returned.
    classes
        In the order of the network's scores.
    backbone
        ``backbone.json``, where there was one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        "architecture.json": architecture.write(trained.model),
        "labels.json": _json(list(classes)),
        "preprocessing.json": _json(trained.preprocessing.as_json()),
        "recipe.json": _json(trained.recipe),
        "weights.safetensors": weights.write(trained.model),
    }
    manifest = {
        "format": FORMAT,
        "task": "classification",
        "name": name,
        "backbone": backbone,
        "files": {file: hashlib.sha256(data).hexdigest() for file, data in contents.items()},
    }
    for file, data in {**contents, MANIFEST: _json(manifest)}.items():
        (folder / file).write_bytes(data)


def load(folder: Path) -> Classifier:
    """Check an artifact and build its classifier.

    Raises
    ------
    ArtifactCorrupt
        A file is missing, changed or not one of the artifact's, or does not hold what it should.
    """
    return _load(folder, folder)


def _load(folder: Path, shown: Path) -> Classifier:
    """Load from `folder`, which people know as `shown`."""
    manifest, contents = _checked(folder, shown)
    try:
        network = architecture.read(contents["architecture.json"])
        weights.read(contents["weights.safetensors"], network)
        return Classifier(
            network=network,
            name=str(manifest["name"]),
            classes=tuple(json.loads(contents["labels.json"])),
            preprocessing=Preprocessing.from_json(json.loads(contents["preprocessing.json"])),
            recipe=json.loads(contents["recipe.json"]),
            backbone=manifest["backbone"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactCorrupt(f"{shown} does not hold a classifier: {error}") from error


def load_archive(path: Path) -> Classifier:
    """Load a classifier from a ``model.tar.gz`` as SageMaker packs it.

    Raises
    ------
    ArtifactCorrupt
        As `load`; or the archive is damaged, or holds a link, a device or a path that leads outside.
    """
    with unpacked(path) as folder:
        return _load(folder, path)


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Unpack a ``.tar.gz`` of plain files into a temporary folder.

    Raises
    ------
    ArtifactCorrupt
        The archive is damaged, or holds something other than plain files and folders inside it.
    """
    with tempfile.TemporaryDirectory(prefix="bestiary-model-") as folder:
        try:
            with tarfile.open(path, "r:gz") as archive:
                for member in archive:
                    _extract(archive, member, Path(folder), path)
        except (tarfile.TarError, EOFError, OSError) as error:
            raise ArtifactCorrupt(f"{path} cannot be unpacked: {error}") from error
        yield Path(folder)


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, shown: Path) -> None:
    """Write one member's bytes and nothing else of it; tarfile's own filters came with Python 3.11.4."""
    name = PurePosixPath(member.name)
    if not (member.isfile() or member.isdir()) or name.is_absolute() or ".." in name.parts:
        raise ArtifactCorrupt(f"{shown} holds {member.name!r}, which is no plain file inside it")
    content = archive.extractfile(member)
    if content is not None:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with content, target.open("wb") as file:
            shutil.copyfileobj(content, file)


def _checked(folder: Path, shown: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Read every file once, and return only what the manifest vouches for."""
    manifest = _manifest(folder / MANIFEST, shown / MANIFEST)
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    for name in sorted(present - {MANIFEST, *FILES}):
        raise ArtifactCorrupt(f"{shown / name} is not part of the artifact")
    contents = {}
    for name in FILES:
        path = folder / name
        if name not in present:
            raise ArtifactCorrupt(f"{shown / name} is missing")
        if path.is_symlink() or not path.is_file():
            raise ArtifactCorrupt(f"{shown / name} is no plain file")
        contents[name] = path.read_bytes()
        if hashlib.sha256(contents[name]).hexdigest() != manifest["files"].get(name):
            raise ArtifactCorrupt(f"{shown / name} was changed: its sha256 is not the manifest's")
    return manifest, contents


def _manifest(path: Path, shown: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise ArtifactCorrupt(f"{shown} is missing") from error
    except (OSError, ValueError) as error:
        raise ArtifactCorrupt(f"{shown} cannot be read: {error}") from error
    keys = {"backbone", "files", "format", "name", "task"}
    if not isinstance(manifest, dict) or set(manifest) != keys or not isinstance(manifest["files"], dict):
        raise ArtifactCorrupt(f"{shown} is not the manifest of a classifier")
    if (manifest["format"], manifest["task"]) != (FORMAT, "classification"):
        raise ArtifactCorrupt(
            f"{shown} is of format {manifest['format']!r} for {manifest['task']!r}: this version reads "
            f"format {FORMAT} for 'classification'"
        )
    return manifest


def _json(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    return json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False).encode() + b"\n"
