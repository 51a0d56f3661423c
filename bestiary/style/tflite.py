"""The arbitrary-stylization pair as TFLite files (Ghiasi et al. 2017): a predictor and a transformer."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from bestiary.classifiers.reproducible import silence
from bestiary.style.errors import CannotStylize

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

MULTIPLE = 4
"""Sides that the transformer halves twice and doubles twice."""


class Pair:
    """The two networks, run by LiteRT.

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
        from ai_edge_litert.interpreter import Interpreter

        self._predictor = Interpreter(str(predictor), num_threads=threads)
        with silence():
            self._predictor.allocate_tensors()
        self.transformer = transformer.read_bytes()
        self._threads = threads
        self._interpreters: dict[tuple[int, int], Any] = {}
        self.digest = hashlib.sha256(predictor.read_bytes()).hexdigest()
        self.style_side = int(self._predictor.get_input_details()[0]["shape"][1])

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
        self._predictor.set_tensor(self._predictor.get_input_details()[0]["index"], style[np.newaxis])
        self._predictor.invoke()
        answer = self._predictor.get_tensor(self._predictor.get_output_details()[0]["index"])
        return np.array(answer, np.float32).ravel()

    def transform(self, content: Floats, vector: Floats) -> Floats:
        """Paint float32 (H, W, 3) of 0 to 1, both sides multiples of four; returns the same kind."""
        interpreter = self._interpreter(*content.shape[:2])
        for one in interpreter.get_input_details():
            given = content[np.newaxis] if one["shape"][-1] == 3 else vector.reshape(one["shape"])
            interpreter.set_tensor(one["index"], given)
        interpreter.invoke()
        return np.array(interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0])

    def _interpreter(self, height: int, width: int) -> Any:  # noqa: ANN401 - LiteRT publishes no types
        from ai_edge_litert.interpreter import Interpreter

        if (height, width) not in self._interpreters:
            interpreter = Interpreter(
                model_content=_resized(self.transformer, height, width), num_threads=self._threads
            )
            with silence():
                interpreter.allocate_tensors()
            # One size at a time: a large picture's tensors take hundreds of megabytes.
            self._interpreters = {(height, width): interpreter}
        return self._interpreters[height, width]


def _resized(file: bytes, height: int, width: int) -> bytes:
    """Make a transformer for one picture size out of one for another: its convolutions fit any.

    What is tied to a size is the input's shape and the constants that say how far to scale maps up.
    """
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(file, 0))
    graph = model.subgraphs[0]
    picture = next(graph.tensors[index] for index in graph.inputs if graph.tensors[index].shape[-1] == 3)
    before = tuple(int(side) for side in picture.shape[1:3])
    picture.shape = np.array([1, height, width, 3], np.int32)
    for operator in graph.operators:
        code = model.operatorCodes[operator.opcodeIndex]
        kind = max(code.builtinCode, code.deprecatedBuiltinCode)
        if kind == schema.BuiltinOperator.RESIZE_NEAREST_NEIGHBOR:
            buffer = model.buffers[graph.tensors[operator.inputs[1]].buffer]
            sides = np.frombuffer(bytes(bytearray(buffer.data)), np.int32)
            scaled = [
                int(side) * now // then
                for side, now, then in zip(sides, (height, width), before, strict=True)
            ]
            buffer.data = np.frombuffer(np.array(scaled, np.int32).tobytes(), np.uint8)
    builder = flatbuffers.Builder(len(file))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())
