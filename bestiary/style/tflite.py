"""The arbitrary-stylization pair as TFLite files (Ghiasi et al. 2017): a predictor and a transformer."""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING

import numpy as np

from bestiary.classifiers.reproducible import silence
from bestiary.style import blocks, blockwise, transformer
from bestiary.style.errors import CannotStylize
from bestiary.style.resizing import resized

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

MULTIPLE = 4
"""Sides that the transformer halves twice and doubles twice."""
_TRIED_AT = 32
_SAME = 1e-3


class Pair:
    """The two networks, run by LiteRT.

    A transformer of the published kind is written anew, as `blockwise` says; any other runs as it is.

    Parameters
    ----------
    predictor
        File from float32 (1, S, S, 3) of 0 to 1 to a style vector.
    transformer
        File from a picture of that kind and a vector to a picture.
    threads
        How many each may use.
    """

    multiple = MULTIPLE

    def __init__(self, predictor: Path, transformer: Path, threads: int) -> None:
        self._predictor = _Program(predictor.read_bytes(), threads)
        self.transformer = transformer.read_bytes()
        self._threads = threads
        self._programs: dict[tuple[int, int], _Program] = {}
        self.digest = hashlib.sha256(predictor.read_bytes()).hexdigest()
        self.style_side = self._predictor.side

    @classmethod
    def of(cls, folder: Path, threads: int) -> Pair:
        """Find the pair in a folder by what its files take; of several kinds the most exact, largest one.

        Raises
        ------
        CannotStylize
            One of the two is not there.
        """
        from ai_edge_litert.interpreter import Interpreter

        found: dict[int, Path] = {}
        for path in sorted(folder.glob("*.tflite"), key=lambda path: (path.stat().st_size, path.name)):
            try:
                found[len(Interpreter(str(path)).get_input_details())] = path
            except ValueError as error:
                raise CannotStylize(f"{path} is no TFLite model: {error}") from error
        if 1 not in found or 2 not in found:
            missing = "style predictor (one input)" if 1 not in found else "transformer (picture and vector)"
            raise CannotStylize(f"{folder} holds no {missing} among its .tflite files")
        return cls(found[1], found[2], threads)

    def vector(self, style: Floats) -> Floats:
        """Return the style vector of float32 (S, S, 3) of 0 to 1."""
        return self._predictor(style[np.newaxis]).ravel()

    def transform(self, content: Floats, vector: Floats) -> Floats:
        """Paint float32 (H, W, 3) of 0 to 1, both sides multiples of four; returns the same kind."""
        size = (content.shape[0], content.shape[1])
        if size not in self._programs:
            layers = self._layers
            file = resized(self.transformer, *size) if layers is None else blockwise.written(layers, *size)
            # One size at a time: a large picture's tensors take hundreds of megabytes.
            self._programs = {size: _Program(file, self._threads)}
        return _painted(self._programs[size], self._layers, content, vector)

    @functools.cached_property
    def _layers(self) -> transformer.Transformer | None:
        """What the transformer consists of; None where it is not the published kind.

        The judge is a picture that both ways paint, in float32: the same, or the file runs as it is.
        """
        layers = transformer.read(self.transformer)
        if layers is None:
            return None
        random = np.random.default_rng(0)
        picture = random.random((_TRIED_AT, _TRIED_AT, 3), np.float32)
        vector = np.asarray(random.uniform(-0.1, 0.1, len(layers.norms[0].mean.weights)), np.float32)
        try:
            anew = _Program(blockwise.written(layers, *picture.shape[:2], rounded=False), self._threads)
        except (RuntimeError, ValueError):
            return None
        itself = _Program(resized(self.transformer, *picture.shape[:2]), self._threads)
        found, expected = _painted(anew, layers, picture, vector), _painted(itself, None, picture, vector)
        return layers if np.allclose(found, expected, rtol=0, atol=_SAME) else None


def _painted(
    program: _Program, layers: transformer.Transformer | None, content: Floats, vector: Floats
) -> Floats:
    if layers is None:
        painted: Floats = program(content[np.newaxis], vector)[0]
        return painted
    return blocks.unfolded(program(blockwise.seen(layers, content)[np.newaxis], vector)[0])


class _Program:
    """A TFLite file, run by LiteRT on pictures of the one size that it takes."""

    def __init__(self, file: bytes, threads: int) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_content=file, num_threads=threads)
        with silence():
            self._interpreter.allocate_tensors()

    @property
    def side(self) -> int:
        """Height of the picture that it takes, in pixels."""
        return int(self._interpreter.get_input_details()[0]["shape"][1])

    def __call__(self, picture: Floats, vector: Floats | None = None) -> Floats:
        for one in self._interpreter.get_input_details():
            given = picture if vector is None or one["shape"][-1] == picture.shape[-1] else vector
            self._interpreter.set_tensor(one["index"], given.reshape(one["shape"]))
        self._interpreter.invoke()
        index = self._interpreter.get_output_details()[0]["index"]
        painted: Floats = self._interpreter.get_tensor(index)
        return painted
