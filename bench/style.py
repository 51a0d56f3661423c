"""Style transfer against plain recipes, measured here and now.

Three tables. How much of the machine's matrix multiplication one look at a picture gets (gatys, VGG19,
float32 and bfloat16). How long until gatys has the loss that the plain recipe (Adam on the pixels at full
size, from the photo, as tutorials do) has after its steps. How long ``fast`` takes an image, with the style
vector known and not, against the same network as a plain TensorFlow graph. Weights of VGG19 are random where
ImageNet's cannot be had: that changes no time. Without ``--model`` the third table reads "not measured".

    python bench/style.py [--size 256] [--steps 200] [--model DIR] [--content PHOTO --style PAINTING]
                          [--features FILE.keras --content-layers a --style-layers b,c]
"""

import argparse
import statistics
import time
from pathlib import Path

import numpy as np

from bestiary import sample
from bestiary.classifiers import reproducible
from bestiary.images import decode
from bestiary.style import Losses, Settings, State, Style, Weights, fast, features, gatys, pictures, vgg19
from bestiary.style.objective import Objective
from bestiary.style.tflite import Pair

ROW = "{:<38}{:>12}{:>12}{:>12}{:>12}"


def main() -> None:
    """Measure what was asked for and print the tables."""
    options = _parser().parse_args()
    reproducible.begin(0)
    content, style = _pictures(options)
    measure_rates(content, style)
    measure_descent(content, style, options)
    measure_fast(content, style, options)


def measure_rates(content: np.ndarray, style: np.ndarray) -> None:
    """Print the rate of each evaluation as a share of float32 matrix multiplication."""
    peak = _peak()
    print(ROW.format("gatys, VGG19, one evaluation", "GFLOP", "seconds", "GFLOP/s", "of peak"))
    print(ROW.format("float32 matmul, 2048 x 2048", "17.2", f"{17.18 / peak:.3f}", f"{peak:.0f}", "100 %"))
    for side in (256, 512):
        square = pictures.resized(content, (side, side)).astype(np.float32)
        painting = pictures.resized(style, (side, side)).astype(np.float32)
        for precision in ("float32", "bfloat16"):
            network = vgg19.build(weights="random", precision=precision)
            objective = Objective(network, square, [(painting, 1.0)], Weights())
            # Forward, and back to the pixels: weights are not learned, so nothing goes back to them.
            work = 2 * _flops(network, side) / 1e9
            seconds = _best(lambda objective=objective, square=square: objective.evaluate(square), 5)
            rate = work / seconds
            share = f"{100 * rate / peak:.0f} %"
            cells = (f"{work:.0f}", f"{seconds:.3f}", f"{rate:.0f}", share)
            print(ROW.format(f"{side} px, {precision}", *cells))
    print("goal: 90 % in float32 at both sizes, 1.8 times that rate in bfloat16\n")


def measure_descent(content: np.ndarray, style: np.ndarray, options: argparse.Namespace) -> None:
    """Print the seconds until the plain recipe's last loss."""
    networks = [_network(options, precision) for precision in ("float32", "bfloat16")]
    photo = pictures.fitted(content, options.size).astype(np.float32)
    paintings = gatys.sized([Style(style)], options.size)
    judge = Objective(networks[0], photo, paintings, Weights())
    plain = _plainly(judge, photo, options.steps)
    title = f"gatys, {networks[0].name}, {options.size} px"
    print(ROW.format(title, "content", "style", "total", "seconds"))
    print(
        ROW.format(f"plain recipe, {options.steps} steps", *_told(judge, plain[-1][1]), f"{plain[-1][0]:.1f}")
    )
    for network in networks:
        reached, whole, image = _ours(network, judge, (content, style), options, plain[-1][2])
        name = f"coarse to fine, {network.network.layers[-1].compute_dtype}"
        print(ROW.format(name, *_told(judge, image), f"{whole:.1f}"))
        at = f"{reached:.1f}" if reached else "not reached"
        ratio = f" = {plain[-1][0] / reached:.1f} times sooner" if reached else ""
        print(f"  the plain recipe's total after {at} s{ratio} (goal: 3)")
    print()


def measure_fast(content: np.ndarray, style: np.ndarray, options: argparse.Namespace) -> None:
    """Print seconds an image of the TFLite pair and of its transformer as a TensorFlow graph."""
    print(ROW.format("fast, seconds an image", "256 px", "512 px", "1024 px", "difference"))
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
    look = _best(lambda: pair.vector(painting), 5)
    ours, plain, apart = [], [], 0.0
    for side in (256, 512, 1024):
        photo = pictures.resized(content, (side, side)).astype(np.float32) / 255
        apart = max(apart, float(np.abs(pair.transform(photo, vector) - graph(photo, vector)).mean()))
        ours.append(_best(lambda photo=photo: pair.transform(photo, vector), 3))
        plain.append(_best(lambda photo=photo: graph(photo, vector), 3))
    print(ROW.format("TensorFlow graph, vector known", *(f"{one:.3f}" for one in plain), ""))
    print(ROW.format("LiteRT, vector known", *(f"{one:.3f}" for one in ours), f"{255 * apart:.3f}/255"))
    print(ROW.format("LiteRT, vector not known", *(f"{one + look:.3f}" for one in ours), ""))
    ratios = ", ".join(f"{slow / quick:.1f}" for slow, quick in zip(plain, ours, strict=True))
    print(f"{ratios} times the TensorFlow graph's speed (goal: 2), mean difference at most 1/255\n")


def _plainly(judge: Objective, photo: np.ndarray, steps: int) -> list[tuple[float, np.ndarray, float]]:
    """Seconds, picture and total of each step of Adam as in TensorFlow's tutorial: rate 0.02 of the range."""
    import keras
    import tensorflow as tf

    image = tf.Variable(photo / 255)
    adam = keras.optimizers.Adam(0.02, beta_1=0.99, epsilon=0.1)
    # Its losses are sums weighted by 1e-2 and 1e4, ours are shares: the same gradients' size, so that the
    # optimizer's epsilon means what it does there.
    scale, began, found = None, time.perf_counter(), []
    for _ in range(steps):
        losses, gradient = judge.evaluate(image.numpy() * 255)
        found.append((time.perf_counter() - began, image.numpy() * 255, losses.total))
        scale = scale or 1e2 / float(np.abs(gradient).mean())
        adam.apply([tf.constant(gradient * scale)], [image])
        image.assign(tf.clip_by_value(image, 0.0, 1.0))
    return found


def _ours(
    network: features.Features, judge: Objective, images: tuple, options: argparse.Namespace, wanted: float
) -> tuple[float, float, np.ndarray]:
    """Seconds until the total wanted, seconds of all steps, the picture."""
    reached, judging, began = 0.0, 0.0, time.perf_counter()

    def watch(state: State) -> None:
        nonlocal reached, judging
        if not reached and state.history[-1].side == options.size and state.least <= 1.01 * wanted:
            now = time.perf_counter()
            # Judged in float32 whatever it was painted in; that time is not the method's.
            if _judged(judge, state.picture()).total <= wanted:
                reached = now - began - judging
            judging += time.perf_counter() - now

    settings = Settings(size=options.size, steps=options.steps, stall=0)
    painted = gatys.paint(network, images[0], [Style(images[1])], settings, watch=watch)
    return reached, time.perf_counter() - began - judging, painted.image


def _judged(judge: Objective, image: np.ndarray) -> Losses:
    return judge.evaluate(image.astype(np.float32))[0]


def _told(judge: Objective, image: np.ndarray) -> tuple[str, str, str]:
    losses = _judged(judge, image)
    return f"{losses.content:.4f}", f"{losses.style:.5f}", f"{losses.total:.4f}"


def _network(options: argparse.Namespace, precision: str) -> features.Features:
    if options.features is None:
        return vgg19.build(precision=precision)
    layers = (options.content_layers.split(","), options.style_layers.split(","))
    return features.read(options.features, *layers, precision=precision)


def _flops(network: features.Features, side: int) -> float:
    """Count the floating-point operations of one forward pass: two a multiplication of a convolution."""
    total = 0.0
    for layer in network.network.layers:
        if "Conv2D" in type(layer).__name__:
            height, width, depth = layer.compute_output_shape((1, *_sides(network, layer, side)))[1:]
            kernel = layer.kernel.shape
            total += 2.0 * height * width * depth * kernel[0] * kernel[1] * kernel[2]
    return total


def _sides(network: features.Features, layer: object, side: int) -> tuple[int, int, int]:
    import keras

    before = keras.Model(network.network.inputs[0], layer.input)  # type: ignore[attr-defined]
    return tuple(before.compute_output_shape((1, side, side, 3))[1:])


def _peak() -> float:
    """GFLOP/s of a float32 matrix product."""
    import tensorflow as tf

    matrix = tf.random.normal((2048, 2048))
    product = tf.function(lambda one: tf.matmul(one, one))
    product(matrix)
    return 2 * 2048**3 / 1e9 / _best(lambda: product(matrix).numpy(), 10)


def _best(action: object, times: int) -> float:
    """Fastest of some runs after one that does not count: others may share the machine."""
    action()  # type: ignore[operator]
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        action()  # type: ignore[operator]
        seconds.append(time.perf_counter() - began)
    return min(seconds) if times < 4 else statistics.quantiles(seconds, n=4)[0]


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
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        sample.draw(Path(folder), photos_per_species=1)
        drawn = sorted(Path(folder).rglob("*.jpg"))
        return decode(drawn[0].read_bytes()), decode(drawn[-1].read_bytes())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=256, help="pixels, of the second table")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--features", type=Path, help="a .keras file instead of VGG19")
    parser.add_argument("--content-layers", default="")
    parser.add_argument("--style-layers", default="")
    parser.add_argument("--model", type=Path, help="a folder with the TFLite pair")
    parser.add_argument("--content", type=Path)
    parser.add_argument("--style", type=Path)
    return parser


if __name__ == "__main__":
    main()
