"""The transformer of the arbitrary-stylization pair (Ghiasi et al. 2017), read out of its TFLite file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_OUTER = 9
_SHRINKING = 3
_GROWING = 3


class Affine(NamedTuple):
    """A linear map of a style vector: weights (vector, channels) and biases (channels)."""

    weights: Floats
    biases: Floats


class Norm(NamedTuple):
    """What instance normalisation gives each channel in place of its own spread and mean."""

    spread: Affine
    mean: Affine


class Transformer(NamedTuple):
    """A network of three convolutions that shrink, residual blocks, and three convolutions that grow.

    All kernels are float32 (rows, columns, channels in, channels out) over mirrored edges. The first has
    stride 1, the next two stride 2; the last but one and the one before it see their maps doubled.

    Attributes
    ----------
    shrinking
        Kernels and biases, each followed by ReLU.
    residual
        Kernels of the blocks, two a block, each normalised, ReLU after the first.
    growing
        Kernels, each normalised; ReLU but after the last, which is followed by a logistic function.
    norms
        Of `residual` and `growing`, in their order.
    epsilon
        What is added to variances.
    """

    shrinking: tuple[tuple[Floats, Floats], ...]
    residual: tuple[Floats, ...]
    growing: tuple[Floats, ...]
    norms: tuple[Norm, ...]
    epsilon: float


def read(file: bytes) -> Transformer | None:
    """Read a TFLite file; None where it holds another network.

    What looks like one is one only if it computes the same: whoever uses the answer has to try.
    """
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(file, 0))
    graph = model.subgraphs[0]
    names = {value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}
    values = {
        index: _values(model.buffers[tensor.buffer].data, tensor)
        for index, tensor in enumerate(graph.tensors)
        if model.buffers[tensor.buffer].data is not None
    }
    operators = []
    for operator in graph.operators:
        code = model.operatorCodes[operator.opcodeIndex]
        kind = names[max(code.builtinCode, code.deprecatedBuiltinCode)]
        inputs, output = [int(index) for index in operator.inputs], int(operator.outputs[0])
        if kind == "DEQUANTIZE" and inputs[0] in values:
            values[output] = values[inputs[0]].astype(np.float32)
        operators.append((kind, inputs, output))
    vector = next((int(index) for index in graph.inputs if graph.tensors[index].shape[-1] != 3), None)
    try:
        return _sorted(operators, values, vector)
    except (KeyError, IndexError, ValueError):
        return None


def _sorted(
    operators: list[tuple[str, list[int], int]], values: dict[int, Any], vector: int | None
) -> Transformer | None:
    kernels, biases, affine, made = [], [], {}, {}
    spreads, means, epsilons = [], [], []
    for kind, inputs, output in operators:
        made[output] = kind
        if kind == "CONV_2D" and inputs[0] == vector:
            affine[output] = Affine(values[inputs[1]][:, 0, 0].T, values[inputs[2]])
        elif kind == "CONV_2D":
            kernels.append(np.ascontiguousarray(values[inputs[1]].transpose(1, 2, 3, 0)))
            biases.append(values[inputs[2]])
        elif kind == "ADD" and inputs[1] in values and values[inputs[1]].size == 1:
            epsilons.append(float(values[inputs[1]].ravel()[0]))
        elif kind == "MUL" and made.get(inputs[0]) == "RSQRT":
            spreads.append(affine[inputs[1]])
        elif kind == "SUB" and inputs[0] in affine:
            means.append(affine[inputs[0]])
    residual, growing = tuple(kernels[_SHRINKING:-_GROWING]), tuple(kernels[-_GROWING:])
    norms = tuple(Norm(spread, mean) for spread, mean in zip(spreads, means, strict=True))
    rows = [kernel.shape[0] for kernel in kernels]
    like = rows[1:-1] == [3] * (len(rows) - 2) and (rows[0], rows[-1]) == (_OUTER, _OUTER)
    if not like or len(norms) != len(kernels) - _SHRINKING or len(residual) % 2:
        return None
    shrinking = tuple(zip(kernels[:_SHRINKING], biases[:_SHRINKING], strict=True))
    return Transformer(shrinking, residual, growing, norms, epsilons[0])


def _values(data: Any, tensor: Any) -> Any:  # noqa: ANN401 - LiteRT publishes no types
    kinds = {0: np.float32, 1: np.float16, 2: np.int32}
    if tensor.type not in kinds:
        return None
    values = np.frombuffer(np.asarray(data, np.uint8).tobytes(), kinds[tensor.type])
    return values.reshape(tensor.shape if tensor.shape is not None else ())
