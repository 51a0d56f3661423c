"""Backbones: whole pretrained networks from 0-255 RGB images to a feature map, kept as ``.keras`` files."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bestiary.classifiers import architecture, graph

if TYPE_CHECKING:
    from pathlib import Path

    import keras

NETWORK = "backbone.keras"
ABOUT = "backbone.json"


class UnusableBackbone(ValueError):  # noqa: N818 - it names what was found
    """A file cannot serve as a backbone; the message is one line that says why and what would."""


@dataclass(frozen=True)
class About:
    """Where a backbone is from.

    Attributes
    ----------
    name
        ``efficientnetb3``, or the file's stem.
    weights
        ``imagenet``, ``random`` or ``file``.
    warning
        What a reader of the report must not miss, or ``""``.
    sha256
        Of ``backbone.keras``.
    parameters
        How many numbers it learned.
    """

    name: str
    weights: str
    warning: str
    sha256: str
    parameters: int

    def as_json(self) -> dict[str, Any]:
        """Return ``backbone.json``'s content."""
        return asdict(self)


@dataclass(frozen=True)
class Backbone:
    """A backbone and where it is from."""

    network: keras.Model
    about: About

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must be said of every model that stands on it."""
        return (self.about.warning,) if self.about.warning else ()


def read(folder: Path, size: int) -> Backbone:
    """Read what the backbone job left for training on photos of `size` by `size` pixels.

    Raises
    ------
    UnusableBackbone
        A file is missing or is not what the job left.
    """
    path = folder / ABOUT
    try:
        about = About(**json.loads(path.read_bytes()))
    except (OSError, TypeError, ValueError) as error:
        raise UnusableBackbone(f"{path} cannot be read: {error}") from error
    if digest(folder / NETWORK) != about.sha256:
        raise UnusableBackbone(f"{folder / NETWORK} was changed: its sha256 is not that of {ABOUT}")
    return Backbone(load(folder / NETWORK, size), about)


def load(path: Path, size: int) -> keras.Model:
    """Load a ``.keras`` file after looking at what it would build, and check that it can be a backbone.

    Parameters
    ----------
    path
        The file. Only plain Keras layers are built from it; nothing in it can run.
    size
        Side of the square photos it must take, in pixels.

    Raises
    ------
    UnusableBackbone
        It is no such file, holds other layers, or takes or gives the wrong shapes.
    """
    network = opened(path)
    _check_shapes(network, path.name, size)
    return network


def opened(path: Path) -> keras.Model:
    """Load a ``.keras`` file of plain Keras layers as one graph, whatever shapes it takes and gives.

    Raises
    ------
    UnusableBackbone
        It is no such file, or holds other layers.
    """
    import keras

    _look(path)
    try:
        network = keras.models.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises whatever its layers do.
        raise UnusableBackbone(f"{path.name}: Keras cannot load it: {_first_line(error)}") from error
    return _functional(network, path.name)


def digest(path: Path) -> str:
    """Return the sha256 of a file, in hex.

    Raises
    ------
    UnusableBackbone
        There is no such file.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnusableBackbone(f"{path} cannot be read: {error.strerror}") from error


def _look(path: Path) -> None:
    """Read the file's configuration, building nothing."""
    try:
        with zipfile.ZipFile(path) as archive:
            config = json.loads(archive.read("config.json"))
    except OSError as error:
        raise UnusableBackbone(f"{path} cannot be read: {error.strerror or error}") from error
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise UnusableBackbone(
            f"{path.name} is not a model saved by Keras 3: save one with model.save('NAME.keras')"
        ) from error
    try:
        # How it was compiled is never read.
        architecture.check({key: value for key, value in config.items() if key != "compile_config"})
    except architecture.ForbiddenLayer as error:
        raise UnusableBackbone(f"{path.name}: {error}: save the backbone without it") from error


def _functional(network: keras.Model, name: str) -> keras.Model:
    """Return `network` as one graph of single layers."""
    import keras

    if isinstance(network, keras.Sequential):
        if not network.built:
            raise UnusableBackbone(f"{name} was saved before it knew its input: give it an Input layer")
        network = graph.copied(keras.Model(network.inputs[0], network.outputs[0]))
    for layer in graph.configuration(network)["layers"]:
        if layer["class_name"] in ("Functional", "Sequential"):
            raise UnusableBackbone(
                f"{name}: its layer {layer['name']!r} is itself a model: save that model alone"
            )
        if len(layer["inbound_nodes"]) > 1:
            raise UnusableBackbone(
                f"{name}: its layer {layer['name']!r} is used twice, so it cannot be cut there"
            )
    return network


def _check_shapes(network: keras.Model, name: str, size: int) -> None:
    if len(network.inputs) != 1 or len(network.inputs[0].shape) != 4 or network.inputs[0].shape[-1] != 3:
        shapes = " and ".join(_shape(one.shape) for one in network.inputs)
        raise UnusableBackbone(f"{name} takes {shapes}: a backbone takes height×width×3, RGB images of 0-255")
    if len(network.outputs) != 1 or len(network.outputs[0].shape) != 4:
        shapes = " and ".join(_shape(one.shape) for one in network.outputs)
        raise UnusableBackbone(
            f"{name} gives {shapes}: a backbone gives one feature map, height×width×channels, so save it "
            "without its pooling and classification layers (include_top=False)"
        )
    for side in network.inputs[0].shape[1:3]:
        if side not in (None, size):
            raise UnusableBackbone(
                f"{name} takes images of {side} pixels, not {size}: run with --set TransferImageSize={side}"
            )


def _shape(shape: tuple[int | None, ...]) -> str:
    return "×".join("any" if side is None else str(side) for side in shape[1:]) or "a single number"


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
