"""A stylizer as a folder of data: nothing in it is code, and all is checked before any of it is read.

=====================================  ================================================================
``manifest.json``                      format, task, name, and the sha256 of every other file
``fast/…``                             what ``fast`` paints with: the TFLite pair, or a SavedModel
``gatys/architecture.json``            Keras configuration of the feature network's plain built-in layers
``gatys/weights.safetensors``          its float32 weights by their Keras path
``gatys/settings.json``                its name and layers, and how it paints unless a request says
=====================================  ================================================================

It has ``fast``, ``gatys`` or both. Equal parts give equal bytes.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bestiary.classifiers import architecture, reproducible, weights
from bestiary.style.errors import CannotStylize
from bestiary.style.objective import Weights

if TYPE_CHECKING:
    from pathlib import Path

    from bestiary.style.fast import Model
    from bestiary.style.features import Features

FORMAT = 1
TASK = "style"
MANIFEST = "manifest.json"
ARCHITECTURE, WEIGHTS, SETTINGS = (
    "gatys/architecture.json",
    "gatys/weights.safetensors",
    "gatys/settings.json",
)


@dataclass(frozen=True)
class Defaults:
    """How ``gatys`` paints where a request does not say.

    Attributes
    ----------
    steps
        How many in all.
    content_weight, style_weight, tv_weight
        Of the three terms of the loss.
    """

    steps: int = 150
    content_weight: float = Weights.content
    style_weight: float = Weights.style
    tv_weight: float = Weights.variation


class StylizerCorrupt(ValueError):  # noqa: N818 - it names what was found
    """An artifact is not what was saved; the message names the file."""


@dataclass(frozen=True)
class Stylizer:
    """An artifact whose every file is what its manifest says.

    Attributes
    ----------
    folder
        Where it is.
    name
        For people.
    methods
        What it can do: ``fast``, ``gatys`` or both, in this order.
    """

    folder: Path
    name: str
    methods: tuple[str, ...]

    def fast(self, threads: int | None = None) -> Model:
        """Open what ``fast`` paints with.

        Raises
        ------
        CannotStylize
            It is no such model.
        """
        from bestiary.style import fast

        if (self.folder / "fast" / "saved_model.pb").exists():
            # TensorFlow runs it: to the same bytes every time, and without a word.
            reproducible.begin(0)
        return fast.read(str(self.folder / "fast"), threads)

    def gatys(self, seed: int = 0) -> tuple[Features, Defaults]:
        """Build the feature network, seeding everything first.

        Raises
        ------
        CannotStylize
            It is no such network.
        """
        from bestiary.style import features

        try:
            about = json.loads((self.folder / SETTINGS).read_bytes())
            reproducible.begin(seed)
            network = architecture.read((self.folder / ARCHITECTURE).read_bytes())
            weights.read((self.folder / WEIGHTS).read_bytes(), network)
            defaults = Defaults(**about["defaults"])
            made = features.chosen(about["name"], network, about["content_layers"], about["style_layers"])
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise CannotStylize(f"{self.folder / 'gatys'} holds no feature network: {error}") from error
        return made, defaults


def save(folder: Path, name: str, *, fast: Path | None, gatys: tuple[Features, Defaults] | None) -> None:
    """Write an artifact.

    Parameters
    ----------
    folder
        Is made; must hold nothing.
    name
        For people.
    fast
        Folder with the TFLite pair or with the SavedModel of TensorFlow Hub's module.
    gatys
        The feature network, and how it paints unless a request says.

    Raises
    ------
    CannotStylize
        It would hold neither, or the network has layers that are not Keras's own plain ones.
    """
    contents: dict[str, bytes] = {}
    if fast is not None:
        found = _files(fast)
        if not found:
            raise CannotStylize(f"{fast} holds neither saved_model.pb nor .tflite files")
        contents |= {f"fast/{path.relative_to(fast).as_posix()}": path.read_bytes() for path in found}
    if gatys is not None:
        contents |= _network(*gatys)
    if not contents:
        raise CannotStylize("a stylizer has a model for fast, a feature network for gatys, or both")
    digests = {file: hashlib.sha256(data).hexdigest() for file, data in sorted(contents.items())}
    manifest = {"format": FORMAT, "task": TASK, "name": name, "files": digests}
    for file, data in {**contents, MANIFEST: _json(manifest)}.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def read(folder: Path) -> Stylizer:
    """Check an artifact.

    Raises
    ------
    StylizerCorrupt
        A file is missing, changed, or none of the artifact's.
    """
    manifest = _manifest(folder / MANIFEST)
    files: dict[str, str] = manifest["files"]
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    for name in sorted(present - {MANIFEST, *files}):
        raise StylizerCorrupt(f"{folder / name} is not part of the artifact")
    for name, digest in files.items():
        if name not in present:
            raise StylizerCorrupt(f"{folder / name} is missing")
        path = folder / name
        if path.is_symlink() or not path.is_file():
            raise StylizerCorrupt(f"{path} is no plain file")
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise StylizerCorrupt(f"{path} was changed: its sha256 is not the manifest's")
    rooms = {name.partition("/")[0] for name in files}
    methods = tuple(method for method in ("fast", "gatys") if method in rooms)
    if not methods:
        raise StylizerCorrupt(f"{folder} holds neither what fast paints with nor what gatys measures with")
    return Stylizer(folder, str(manifest["name"]), methods)


def _network(features: Features, defaults: Defaults) -> dict[str, bytes]:
    try:
        layers = json.loads(architecture.write(features.network))
    except architecture.ForbiddenLayer as error:
        raise CannotStylize(f"{features.name}: {error}") from error
    # Keras counts the models of a process in their names.
    layers["config"]["name"] = "features"
    about = {
        "name": features.name,
        "content_layers": list(features.content_layers),
        "style_layers": list(features.style_layers),
        "defaults": vars(defaults),
    }
    return {
        ARCHITECTURE: json.dumps(layers, sort_keys=True, separators=(",", ":")).encode(),
        WEIGHTS: weights.write(features.network),
        SETTINGS: _json(about),
    }


def _files(folder: Path) -> list[Path]:
    """Return what a model consists of: the TFLite files, or all that belongs to a SavedModel."""
    if (folder / "saved_model.pb").exists():
        # Its fingerprint says when it was written, and nothing reads it.
        found = [
            folder / "saved_model.pb",
            *(folder / "variables").rglob("*"),
            *(folder / "assets").rglob("*"),
        ]
    else:
        found = list(folder.glob("*.tflite"))
    return sorted(path for path in found if path.is_file())


def _manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise StylizerCorrupt(f"{path} is missing") from error
    except (OSError, ValueError) as error:
        raise StylizerCorrupt(f"{path} cannot be read: {error}") from error
    keys = {"files", "format", "name", "task"}
    if not isinstance(manifest, dict) or set(manifest) != keys or not isinstance(manifest["files"], dict):
        raise StylizerCorrupt(f"{path} is not the manifest of a stylizer")
    if (manifest["format"], manifest["task"]) != (FORMAT, TASK):
        raise StylizerCorrupt(
            f"{path} is of format {manifest['format']!r} for {manifest['task']!r}: this version reads "
            f"format {FORMAT} for {TASK!r}"
        )
    return manifest


def _json(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    return json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False).encode() + b"\n"
