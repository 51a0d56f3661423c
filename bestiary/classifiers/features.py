"""The frozen part of a network, run once an image instead of once an epoch."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bestiary.classifiers import graph
from bestiary.classifiers.folding import fold

if TYPE_CHECKING:
    import keras

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]
Runner = Callable[[Sequence[Array]], tuple[Floats, ...]]

IN_MEMORY_BYTES = 2 << 30
"""Cached tensors beyond this go to a temporary file: 4,000 photos at 224 px for EfficientNetB3."""


@dataclass(frozen=True)
class Cut:
    """A network parted where training begins; both parts share its weights.

    Attributes
    ----------
    network
        The whole, its layers marked as trainable or not.
    frozen
        From images to the tensors that cross the cut; three of them where the last ten layers of
        EfficientNetB3 are trained, because the cut goes through a squeeze-and-excitation block.
    trained
        From those tensors to the network's own answer. Training it trains the network.
    """

    network: keras.Model
    frozen: keras.Model
    trained: keras.Model

    def onward(self, layer: str) -> keras.Model:
        """Return the part from the cut to the output of a later `layer`."""
        import keras

        return keras.Model(self.frozen.outputs, self.network.get_layer(layer).output)


def cut(network: keras.Model, trained: Collection[str]) -> Cut:
    """Freeze all layers but `trained` and part the network where training begins.

    Parameters
    ----------
    network
        A functional model, no layer of it used twice.
    trained
        Names of the layers to train. Whatever follows them has to run every epoch too.
    """
    import keras

    for layer in network.layers:
        layer.trainable = layer.name in trained
    config = graph.configuration(network)
    moving: set[str] = set()
    crossing: dict[graph.Source, None] = {}
    for layer in config["layers"]:
        taken = graph.sources(layer)
        if layer["name"] in trained or any(source.layer in moving for source in taken):
            moving.add(layer["name"])
            crossing.update(dict.fromkeys(source for source in taken if source.layer not in moving))
    boundary = [graph.tensor(network, source) for source in crossing]
    frozen, trained_part = keras.Model(network.inputs[0], boundary), keras.Model(boundary, network.outputs[0])
    return Cut(network, frozen, trained_part)


def runner(network: keras.Model, batch_size: int = 32) -> Runner:
    """Return a function from the arrays that `network` takes, each N×…, to those that it answers.

    Dropout and stochastic depth are off and batch normalisation uses its moving averages, as in
    ``network(inputs, training=False)``; results agree with that to rounding, since normalisation is folded
    into the convolutions first (a third less time for EfficientNetB3). Weights are taken as they are now.
    Answers too large for memory are memory maps of temporary files that go with the process.

    Parameters
    ----------
    network
        A functional model, no layer of it used twice.
    batch_size
        How many images at a time.
    """
    import tensorflow as tf

    folded = fold(network)

    def through(inputs: list[tf.Tensor]) -> list[tf.Tensor]:
        answer = folded(inputs if len(inputs) > 1 else inputs[0], training=False)
        return list(answer) if isinstance(answer, (list, tuple)) else [answer]

    # An open first dimension: the last, smaller batch must not compile everything once more.
    signature = [[tf.TensorSpec(placeholder.shape, tf.float32) for placeholder in folded.inputs]]
    run = tf.function(through, input_signature=signature)

    def whole(inputs: Sequence[Array]) -> tuple[Floats, ...]:
        sheets: list[_Sheet] = []
        count = len(inputs[0])
        for start in range(0, count, batch_size):
            batch = [np.asarray(array[start : start + batch_size], np.float32) for array in inputs]
            parts = [np.asarray(part) for part in run(batch)]
            sheets = sheets or _sheets(count, parts)
            for sheet, part in zip(sheets, parts, strict=True):
                sheet.append(part)
        return tuple(sheet.filled() for sheet in sheets)

    return whole


class _Sheet:
    """A float32 array filled from its start, in memory or in a temporary file."""

    def __init__(self, shape: tuple[int, ...], *, on_disk: bool) -> None:
        self._shape = shape
        self._length = 0
        # Written, not mapped, so that a full disk is an error and not a crash.
        self._file = tempfile.TemporaryFile() if on_disk else None  # noqa: SIM115 - lives as long as the array
        self._array = np.empty((0,) if on_disk else shape, np.float32)

    def append(self, part: Floats) -> None:
        if self._file is not None:
            self._file.write(np.ascontiguousarray(part).data)
        else:
            self._array[self._length : self._length + len(part)] = part
        self._length += len(part)

    def filled(self) -> Floats:
        if self._file is None:
            return self._array
        self._file.flush()
        return np.memmap(self._file, np.float32, mode="r", shape=self._shape)


def _sheets(count: int, parts: Sequence[Floats]) -> list[_Sheet]:
    shapes = [(count, *part.shape[1:]) for part in parts]
    on_disk = sum(4 * prod(shape) for shape in shapes) > IN_MEMORY_BYTES
    return [_Sheet(shape, on_disk=on_disk) for shape in shapes]
