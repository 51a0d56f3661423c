"""Style transfer by ``fast`` against the same network as a plain TensorFlow graph, measured here and now.

Seconds an image at three sizes, with the painting's style vector known and not, and how far apart both
pictures are. Without ``--model`` it reads "not measured".

    python bench/style_fast.py [--model DIR] [--content PHOTO --style PAINTING]
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from bestiary import sample
from bestiary.classifiers import reproducible
from bestiary.images import decode
from bestiary.style import fast, pictures
from bestiary.style.tflite import Pair

ROW = "{:<38}{:>12}{:>12}{:>12}{:>12}"
FAST_SIDES = (256, 512, 1024)


def main() -> None:
    """Measure what was asked for and print the table."""
    options = _parser().parse_args()
    reproducible.begin(0)
    measure_fast(*_pictures(options), options)


def measure_fast(content: np.ndarray, style: np.ndarray, options: argparse.Namespace) -> None:
    """Print seconds an image of the TFLite pair and of its transformer as a TensorFlow graph."""
    print(ROW.format("fast, seconds an image", *(f"{side} px" for side in FAST_SIDES), "difference"))
    if options.model is None:
        print("not measured: --model DIR names a TFLite pair\n")
        return
    pair = fast.read(str(options.model))
    if not isinstance(pair, Pair):
        print("not measured: the folder holds no TFLite pair\n")
        return
    graph = _graph(pair)
    painting = pictures.resized(style, (pair.style_side, pair.style_side)).astype(np.float32) / 255
    vector = pair.vector(painting)
    found, apart = [], []
    for side in FAST_SIDES:
        photo = pictures.resized(content, (side, side)).astype(np.float32) / 255
        apart.append(255 * float(np.abs(pair.transform(photo, vector) - graph(photo, vector)).mean()))
        ways = {
            "plain": lambda photo=photo: graph(photo, vector),
            "ours": lambda photo=photo: pair.transform(photo, vector),
            "look": lambda: pair.vector(painting),
        }
        found.append(_alternately(ways, 15))
    plain, ours, look = ([one[name] for one in found] for name in ("plain", "ours", "look"))
    both = [known + seen for known, seen in zip(ours, look, strict=True)]
    print(ROW.format("TensorFlow graph, vector known", *(f"{one:.3f}" for one in plain), ""))
    print(ROW.format("LiteRT, vector known", *(f"{one:.3f}" for one in ours), f"{max(apart):.2f}/255"))
    print(ROW.format("LiteRT, vector not known", *(f"{one:.3f}" for one in both), ""))
    ratios = (f"{slow / quick:.1f}" for slow, quick in zip(plain, ours, strict=True))
    print(ROW.format("times the TensorFlow graph's speed", *ratios, "goal: 2"), "\n")


def _alternately(ways: dict, times: int) -> dict[str, float]:
    """Fastest of some runs of each, taken in turn: whoever shares the machine slows all of them alike."""
    seconds = {name: [] for name in ways}
    for way in ways.values():
        way()
    for _ in range(times):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - began)
    return {name: min(found) for name, found in seconds.items()}


def _graph(pair: Pair) -> object:
    """Rebuild the pair's transformer as a TensorFlow graph of any size, operation by operation."""
    import tensorflow as tf
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(pair.transformer, 0))
    graph = model.subgraphs[0]
    names = {value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}
    constants = {
        index: _constant(model.buffers[tensor.buffer].data, tensor)
        for index, tensor in enumerate(graph.tensors)
        if model.buffers[tensor.buffer].data is not None
    }

    def run(photo: object, vector: object) -> object:
        found = dict(constants)
        for index in graph.inputs:
            found[index] = photo if graph.tensors[index].shape[-1] == 3 else vector
        for operator in graph.operators:
            code = model.operatorCodes[operator.opcodeIndex]
            kind = names[max(code.builtinCode, code.deprecatedBuiltinCode)]
            taken = [found[index] for index in operator.inputs if index in found]
            if kind == "RESIZE_NEAREST_NEIGHBOR":
                taken[1] = taken[1][0] // graph.tensors[operator.inputs[0]].shape[1]
            found[operator.outputs[0]] = _operation(tf, kind, taken, operator.builtinOptions)
        return found[graph.outputs[0]]

    compiled = tf.function(run)
    return lambda photo, vector: compiled(
        tf.constant(photo[np.newaxis]), tf.constant(vector.reshape(1, 1, 1, -1))
    ).numpy()[0]


def _constant(data: object, tensor: object) -> np.ndarray:
    kinds = {0: np.float32, 1: np.float16, 2: np.int32}
    values = np.frombuffer(bytes(bytearray(data)), kinds[tensor.type])
    return values.reshape(tensor.shape if tensor.shape is not None else ())


def _operation(tf: object, kind: str, taken: list, options: object) -> object:
    simple = {
        "SUB": tf.subtract,
        "SQUARED_DIFFERENCE": tf.math.squared_difference,
        "RSQRT": tf.math.rsqrt,
        "LOGISTIC": tf.sigmoid,
    }
    if kind == "DEQUANTIZE":
        return tf.cast(taken[0], tf.float32)
    if kind == "MIRROR_PAD":
        return tf.pad(taken[0], taken[1], "REFLECT" if options.mode == 0 else "SYMMETRIC")
    if kind == "RESIZE_NEAREST_NEIGHBOR":
        return tf.repeat(tf.repeat(taken[0], taken[1], axis=1), taken[1], axis=2)
    if kind == "MEAN":
        return tf.reduce_mean(taken[0], tuple(int(axis) for axis in taken[1]), keepdims=options.keepDims)
    if kind == "CONV_2D":
        kernel = tf.transpose(taken[1], (1, 2, 3, 0))
        made = tf.nn.conv2d(
            taken[0], kernel, (options.strideH, options.strideW), ("SAME", "VALID")[options.padding]
        )
        made = tf.nn.bias_add(made, taken[2]) if len(taken) > 2 else made
    elif kind in ("ADD", "MUL"):
        made = taken[0] + taken[1] if kind == "ADD" else taken[0] * taken[1]
    else:
        made = simple[kind](*taken)
    return tf.nn.relu(made) if getattr(options, "fusedActivationFunction", 0) == 1 else made


def _pictures(options: argparse.Namespace) -> tuple[np.ndarray, np.ndarray]:
    if options.content and options.style:
        return decode(options.content.read_bytes()), decode(options.style.read_bytes())
    with tempfile.TemporaryDirectory() as folder:
        sample.draw(Path(folder), photos_per_species=1)
        drawn = sorted(Path(folder).rglob("*.jpg"))
        return decode(drawn[0].read_bytes()), decode(drawn[-1].read_bytes())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, help="a folder with the TFLite pair")
    parser.add_argument("--content", type=Path)
    parser.add_argument("--style", type=Path)
    return parser


if __name__ == "__main__":
    main()
