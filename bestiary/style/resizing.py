"""A TFLite transformer made for pictures of one size, for those of another: its convolutions fit any."""

from __future__ import annotations

import numpy as np


def resized(file: bytes, height: int, width: int) -> bytes:
    """Rewrite a file for another picture size.

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
