"""Style transfer by ``gatys`` against a plain recipe, measured here and now.

Two tables. How much of the machine's matrix multiplication one look at a picture gets (VGG19, float32 and
bfloat16). How long until gatys has the loss that the plain recipe (Adam on the pixels at full size, from the
photo, as tutorials do) has after 200 steps, for each pair of a photo and a painting, and both losses after
equal time. Weights of VGG19 are random where ImageNet's cannot be had: that changes no time.

    python bench/style.py [--size 256] [--pair PHOTO PAINTING]…
                          [--features FILE.keras --content-layers a --style-layers b,c]
"""

import argparse
import itertools
import math
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import style_plain

from bestiary import sample
from bestiary.classifiers import reproducible
from bestiary.images import decode
from bestiary.style import Losses, Settings, State, Style, Weights, features, gatys, pictures, vgg19
from bestiary.style.objective import Objective

ROW = "{:<38}{:>12}{:>12}{:>12}{:>12}"
PLAIN_STEPS = 200


def main() -> None:
    """Measure what was asked for and print the tables."""
    options = _parser().parse_args()
    reproducible.begin(0)
    pairs = _pairs(options)
    if not options.only_descent:
        measure_rates(*pairs[0])
    measure_descent(pairs, options)


def measure_rates(content: np.ndarray, style: np.ndarray) -> None:
    """Print the rate of each evaluation as a share of float32 matrix multiplication."""
    import tensorflow as tf

    matrix = tf.random.normal((2048, 2048))
    product = tf.function(lambda one: tf.matmul(one, one))
    print(ROW.format("gatys, VGG19, one evaluation", "GFLOP", "seconds", "GFLOP/s", "of peak"))
    for side in (256, 512):
        square = pictures.resized(content, (side, side)).astype(np.float32)
        painting = pictures.resized(style, (side, side)).astype(np.float32)
        ways, work = {"float32 matmul, 2048 x 2048": lambda: product(matrix).numpy()}, {}
        for precision in ("float32", "bfloat16"):
            network = vgg19.build(weights="random", precision=precision)
            objective = Objective(network, square, [(painting, 1.0)], Weights())
            ways[f"{side} px, {precision}"] = lambda objective=objective, square=square: objective.evaluate(
                square
            )
            # Forward, and back to the pixels: weights are not learned, so nothing goes back to them.
            work[f"{side} px, {precision}"] = 2 * _flops(network, side) / 1e9
        rates = {}
        for name, seconds in _alternately(ways, 20).items():
            done = work.get(name, 2 * 2048**3 / 1e9)
            rates[name] = done / seconds
            share = f"{100 * rates[name] / next(iter(rates.values())):.0f} %"
            print(ROW.format(name, f"{done:.0f}", f"{seconds:.3f}", f"{rates[name]:.0f}", share))
        _, exact, rough = rates.values()
        print(f"  bfloat16 {rough / exact:.2f} times float32's rate")
    print("goal: 90 % in float32 at both sizes, 1.8 times that rate in bfloat16")
    cards = [tf.config.experimental.get_device_details(one) for one in tf.config.list_physical_devices("GPU")]
    told = [card.get("device_name", "one without a name") for card in cards]
    print(f"GPU: {'all of this ran on ' + told[0] if told else 'not measured: there is none here'}\n")


def measure_descent(pairs: list, options: argparse.Namespace) -> None:
    """Print the seconds until the plain recipe's last loss, and all losses after equal time."""
    network = network_of(options, "float32")
    print(ROW.format(f"gatys, {network.name}, {options.size} px", "content", "style", "total", "seconds"))
    ratios, both = [], 0
    for content, style in pairs:
        photo = pictures.fitted(content, options.size).astype(np.float32)
        judge = Objective(network, photo, gatys.sized([Style(style)], options.size), Weights())
        painting = gatys.sized([Style(style)], options.size)[0][0]
        seconds, image, wanted = _plainly(network, photo, painting, options.clock)
        plain = _judged(judge, image)
        if not math.isclose(plain.total, wanted, rel_tol=1e-3):
            raise SystemExit(f"the plain recipe's losses are others: {wanted} is {plain.total} by ours")
        print(ROW.format(f"plain recipe, {PLAIN_STEPS} steps", *_told(plain), f"{seconds:.1f}"))
        settings = Settings(size=options.size)
        reached, whole, image = _ours(network, judge, (content, style), settings, wanted, options.clock)
        print(ROW.format(f"ours, {settings.steps} steps", *_told(_judged(judge, image)), f"{whole:.1f}"))
        ratios.append(reached / seconds if reached else math.inf)
        longer = replace(settings, steps=int(settings.steps * seconds / whole), stall=0)
        _, whole, image = _ours(network, judge, (content, style), longer, wanted, options.clock)
        ours = _judged(judge, image)
        both += ours.content < plain.content and ours.style < plain.style
        print(ROW.format(f"ours, {longer.steps} steps", *_told(ours), f"{whole:.1f}"))
        at = f"after {reached:.1f} s: {ratios[-1]:.2f} of its time" if reached else "not reached"
        print(f"  the plain recipe's total {at}")
    there = [ratio for ratio in ratios if math.isfinite(ratio)]
    mean = f"{statistics.mean(there):.2f} of its time in the mean" if there else "never"
    print(f"reached for {len(there)} of {len(ratios)} pairs, {mean} (goal: all, 0.33)")
    print(f"content and style both lower after equal time for {both} of {len(ratios)} pairs (goal: all)\n")


def _plainly(
    network: features.Features, photo: np.ndarray, painting: np.ndarray, clock: object
) -> tuple[float, np.ndarray, float]:
    """Seconds, picture and total after the plain recipe's last step."""
    going = style_plain.steps(network, photo, painting, Weights())
    next(going)
    began = clock()
    for _ in range(PLAIN_STEPS - 1):
        image, total = next(going)
    # The first step was taken before the clock ran: it compiles.
    return (clock() - began) * PLAIN_STEPS / (PLAIN_STEPS - 1), image, total


def _ours(  # noqa: PLR0913, PLR0917 - a run's parts
    network: features.Features,
    judge: Objective,
    images: tuple,
    settings: Settings,
    wanted: float,
    clock: object,
) -> tuple[float, float, np.ndarray]:
    """Seconds until the total wanted, seconds of all steps, the picture."""
    reached, judging, began = 0.0, 0.0, clock()

    def watch(state: State) -> None:
        nonlocal reached, judging
        if not reached and state.history[-1].side == settings.size and state.least <= 1.01 * wanted:
            now = clock()
            # Judged in float32 whatever it was painted in; that time is not the method's.
            if _judged(judge, state.picture()).total <= wanted:
                reached = now - began - judging
            judging += clock() - now

    painted = gatys.paint(network, images[0], [Style(images[1])], settings, watch=watch)
    return reached, clock() - began - judging, painted.image


def _judged(judge: Objective, image: np.ndarray) -> Losses:
    return judge.evaluate(image.astype(np.float32))[0]


def _told(losses: Losses) -> tuple[str, str, str]:
    return f"{losses.content:.4f}", f"{losses.style:.5f}", f"{losses.total:.4f}"


def network_of(options: argparse.Namespace, precision: str) -> features.Features:
    """Open the network that the options name."""
    if options.features is None:
        return vgg19.build(precision=precision)
    layers = (options.content_layers.split(","), options.style_layers.split(","))
    return features.read(options.features, *layers, precision=precision)


def _flops(network: features.Features, side: int) -> float:
    """Count the floating-point operations of one forward pass: two a multiplication of a matrix's element."""
    total = 0.0
    for layer in network.network.layers:
        if "Conv2D" in type(layer).__name__:
            height, width, depth = layer.compute_output_shape((1, *_sides(network, layer, side)))[1:]
            kernel = layer.kernel.shape
            total += 2.0 * height * width * depth * kernel[0] * kernel[1] * kernel[2]
            # Its Gram matrix.
            total += 2.0 * height * width * depth**2 * (layer.name in network.style_layers)
    return total


def _sides(network: features.Features, layer: object, side: int) -> tuple[int, int, int]:
    import keras

    before = keras.Model(network.network.inputs[0], layer.input)  # type: ignore[attr-defined]
    return tuple(before.compute_output_shape((1, side, side, 3))[1:])


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


def _pairs(options: argparse.Namespace) -> list[tuple[np.ndarray, np.ndarray]]:
    chosen = options.pair or (_of_each(*options.of_each) if options.of_each else [])
    if chosen:
        return [(decode(photo.read_bytes()), decode(painting.read_bytes())) for photo, painting in chosen]
    with tempfile.TemporaryDirectory() as folder:
        sample.draw(Path(folder), photos_per_species=1)
        drawn = [decode(path.read_bytes()) for path in sorted(Path(folder).rglob("*.jpg"))]
    return [(drawn[0], drawn[-1])]


def _of_each(photos: Path, paintings: Path) -> list[tuple[Path, Path]]:
    """Pair the second and the third photo of each folder, by name, with the paintings in turn."""
    found = [photo for folder in sorted(photos.iterdir()) for photo in sorted(folder.iterdir())[1:3]]
    return list(zip(found, itertools.cycle(sorted(paintings.glob("*.jpg"))), strict=False))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=256, help="pixels, of the second table")
    parser.add_argument("--only-descent", action="store_true", help="leave the first table out")
    parser.add_argument("--features", type=Path, help="a .keras file instead of VGG19")
    parser.add_argument("--content-layers", default="")
    parser.add_argument("--style-layers", default="")
    parser.add_argument(
        "--processor-time",
        dest="clock",
        action="store_const",
        const=time.process_time,
        default=time.perf_counter,
        help="of the second table, instead of the clock's: for a machine that others use",
    )
    parser.add_argument("--pair", type=Path, nargs=2, action="append", metavar=("PHOTO", "PAINTING"))
    parser.add_argument(
        "--of-each",
        type=Path,
        nargs=2,
        metavar=("PHOTOS", "PAINTINGS"),
        help="instead: folders; two photos of each species, each with the next painting",
    )
    return parser


if __name__ == "__main__":
    main()
