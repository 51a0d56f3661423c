"""TFLite files written operation by operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_CONV_VERSIONS = {"float32": 1, "int8": 5}
_LEVELS = 127


class Tensor(NamedTuple):
    """A tensor of the file: its number and shape."""

    number: int
    shape: tuple[int, ...]


class Graph:
    """A file in the making; operations run in the order in which they are added.

    Maps are float32 (1, H, W, C). Operations are those that XNNPACK runs on all its threads.
    """

    def __init__(self) -> None:
        from ai_edge_litert import schema_py_generated as schema

        self._schema = schema
        self._tensors: list[Any] = []
        self._operators: list[Any] = []
        self._codes: dict[tuple[int, int], int] = {}
        # The first buffer is empty by convention: tensors that are computed name it.
        self._buffers: list[Any] = [schema.BufferT()]

    def given(self, *shape: int) -> Tensor:
        """Add an input."""
        return self._tensor(shape)

    def constant(self, values: NDArray[Any], scales: Floats | None = None) -> Tensor:
        """Add a constant of float32, int32 or int8; int8 has a scale for each index of its first axis."""
        kinds = {"float32": self._schema.TensorType.FLOAT32, "int32": self._schema.TensorType.INT32}
        found = self._tensor(values.shape, kinds.get(values.dtype.name, self._schema.TensorType.INT8))
        buffer = self._schema.BufferT()
        buffer.data = np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8)
        self._tensors[found.number].buffer = len(self._buffers)
        self._buffers.append(buffer)
        if scales is not None:
            quantization = self._schema.QuantizationParametersT()
            quantization.scale, quantization.zeroPoint = scales, np.zeros(len(scales), np.int64)
            self._tensors[found.number].quantization = quantization
        return found

    def convolved(  # noqa: PLR0913 - what a convolution is
        self,
        image: Tensor,
        kernel: Floats,
        biases: Floats | None = None,
        *,
        stride: int = 1,
        relu: bool = False,
        rounded: bool = False,
    ) -> Tensor:
        """Convolve where the kernel fits.

        Parameters
        ----------
        image
            What.
        kernel
            (rows, columns, channels in, channels out).
        biases
            Of the channels out; 0 where none are given.
        stride
            In both directions.
        relu
            Whether less than 0 becomes 0.
        rounded
            Whether to multiply int8: kernels are rounded here, maps when they come.
        """
        rows, columns, _, channels = kernel.shape
        weights, scales = kernel.transpose(3, 0, 1, 2), None
        if rounded:
            scales = np.maximum(np.abs(weights).max((1, 2, 3)), 1e-12).astype(np.float32) / _LEVELS
            weights = np.rint(weights / scales[:, np.newaxis, np.newaxis, np.newaxis]).astype(np.int8)
        options = self._schema.Conv2DOptionsT()
        options.padding, options.strideH, options.strideW = self._schema.Padding.VALID, stride, stride
        options.fusedActivationFunction = int(relu)
        height, width = (image.shape[1] - rows) // stride + 1, (image.shape[2] - columns) // stride + 1
        parts = (
            image,
            self.constant(weights, scales),
            self.constant(np.zeros(channels, np.float32) if biases is None else biases),
        )
        version = _CONV_VERSIONS[weights.dtype.name]
        return self._operator(
            "CONV_2D", parts, (1, height, width, channels), ("Conv2DOptions", options), version
        )

    def joined(self, parts: Sequence[Tensor], axis: int) -> Tensor:
        """Lay up to five maps side by side."""
        options = self._schema.ConcatenationOptionsT()
        options.axis = axis
        shape = list(parts[0].shape)
        shape[axis] = sum(part.shape[axis] for part in parts)
        return self._operator("CONCATENATION", parts, shape, ("ConcatenationOptions", options))

    def slice(self, image: Tensor, axis: int, first: int, count: int = 1) -> Tensor:
        """Cut a slice out; a negative `first` counts from the end."""
        begin, size = np.zeros(4, np.int32), np.array(image.shape, np.int32)
        begin[axis], size[axis] = first % image.shape[axis], count
        parts = (image, self.constant(begin), self.constant(size))
        return self._operator("SLICE", parts, size.tolist(), ("SliceOptions", self._schema.SliceOptionsT()))

    def averaged(self, image: Tensor) -> Tensor:
        """Average each channel over all places."""
        options = self._schema.ReducerOptionsT()
        options.keepDims = True
        parts = (image, self.constant(np.array([1, 2], np.int32)))
        return self._operator("MEAN", parts, (1, 1, 1, image.shape[3]), ("ReducerOptions", options))

    def added(self, one: Tensor, other: Tensor, *, relu: bool = False) -> Tensor:
        """Add; one value a channel is added everywhere."""
        options = self._schema.AddOptionsT()
        options.fusedActivationFunction = int(relu)
        return self._operator("ADD", (one, other), one.shape, ("AddOptions", options))

    def subtracted(self, one: Tensor, other: Tensor) -> Tensor:
        """Subtract."""
        return self._operator("SUB", (one, other), one.shape, ("SubOptions", self._schema.SubOptionsT()))

    def multiplied(self, one: Tensor, other: Tensor) -> Tensor:
        """Multiply place by place; one value a channel everywhere."""
        return self._operator("MUL", (one, other), one.shape, ("MulOptions", self._schema.MulOptionsT()))

    def squared_difference(self, one: Tensor, other: Tensor) -> Tensor:
        """Square how far two maps are apart; one value a channel everywhere."""
        options = ("SquaredDifferenceOptions", self._schema.SquaredDifferenceOptionsT())
        return self._operator("SQUARED_DIFFERENCE", (one, other), one.shape, options, 1)

    def by_root(self, image: Tensor) -> Tensor:
        """Divide 1 by the square root."""
        return self._operator("RSQRT", (image,), image.shape)

    def logistic(self, image: Tensor) -> Tensor:
        """Bring everything between 0 and 1."""
        return self._operator("LOGISTIC", (image,), image.shape)

    def unfolded(self, blocks: Tensor) -> Tensor:
        """Turn (1, H, W, 4 C) into (1, 2 H, 2 W, C)."""
        options = self._schema.DepthToSpaceOptionsT()
        options.blockSize = 2
        _, height, width, channels = blocks.shape
        shape = (1, 2 * height, 2 * width, channels // 4)
        return self._operator("DEPTH_TO_SPACE", (blocks,), shape, ("DepthToSpaceOptions", options))

    def file(self, inputs: Sequence[Tensor], output: Tensor) -> bytes:
        """Write the file."""
        import flatbuffers

        schema = self._schema
        graph, model = schema.SubGraphT(), schema.ModelT()
        graph.tensors, graph.operators, graph.name = self._tensors, self._operators, b"main"
        graph.inputs = np.array([one.number for one in inputs], np.int32)
        graph.outputs = np.array([output.number], np.int32)
        model.version, model.subgraphs, model.buffers = 3, [graph], self._buffers
        model.operatorCodes = []
        for builtin, version in self._codes:
            code = schema.OperatorCodeT()
            code.builtinCode, code.deprecatedBuiltinCode, code.version = builtin, min(builtin, 127), version
            model.operatorCodes.append(code)
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    def _tensor(self, shape: Sequence[int], kind: int = 0) -> Tensor:
        tensor = self._schema.TensorT()
        tensor.shape, tensor.type, tensor.buffer = np.array(shape, np.int32), kind, 0
        tensor.name = f"tensor_{len(self._tensors)}".encode()
        self._tensors.append(tensor)
        return Tensor(len(self._tensors) - 1, tuple(int(side) for side in shape))

    def _operator(
        self,
        kind: str,
        inputs: Sequence[Tensor],
        shape: Sequence[int],
        options: tuple[str, Any] | None = None,
        version: int = 1,
    ) -> Tensor:
        made = self._tensor(shape)
        operator = self._schema.OperatorT()
        code = (getattr(self._schema.BuiltinOperator, kind), version)
        operator.opcodeIndex = self._codes.setdefault(code, len(self._codes))
        operator.inputs = np.array([one.number for one in inputs], np.int32)
        operator.outputs = np.array([made.number], np.int32)
        if options is not None:
            operator.builtinOptionsType = getattr(self._schema.BuiltinOptions, options[0])
            operator.builtinOptions = options[1]
        self._operators.append(operator)
        return made
