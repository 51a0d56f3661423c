"""The transformer of `transformer`, written anew so that LiteRT runs all of it on all cores.

Mirrored edges become slices laid side by side (LiteRT mirrors on one core, slowly); maps of few channels and
many places become blocks of four pixels; what enlarges a map and convolves it becomes one convolution of the
small map. All of that computes the same sums. The last three convolutions, at the largest sizes, multiply
int8: that alone changes the picture, by less than a level of 255 in the mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bestiary.style import blocks
from bestiary.style.tflite_graph import Graph, Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from bestiary.style.transformer import Affine, Norm, Transformer

    Floats = NDArray[np.float32]

_ROWS, _COLUMNS, _CHANNELS = 1, 2, 3
_PHASES = 4


class Edges(NamedTuple):
    """What continues a map beyond its first and its last row (or column): indices of its own.

    Two indices at once name the blocks whose upper (left) and lower (right) pixels are taken.
    """

    before: tuple[int | tuple[int, int], ...]
    after: tuple[int | tuple[int, int], ...]


MIRRORED = Edges((1,), (-2,))
MIRRORED_BEFORE = Edges((1,), ())
REPEATED = Edges((0,), (-1,))
REPEATED_BEFORE = Edges((0,), ())
MIRRORED_PIXELS = Edges(((2, 1), (1, 0)), ((-1, -2), (-2, -3)))
"""Of blocks: four pixels."""


def written(transformer: Transformer, height: int, width: int, *, rounded: bool = True) -> bytes:
    """Write the file for pictures of one size.

    Parameters
    ----------
    transformer
        What to compute.
    height, width
        Of the picture; multiples of four.
    rounded
        Whether the last convolutions multiply int8.

    Returns
    -------
    A TFLite file from what `seen` makes of a picture, and a style vector (1, 1, 1, N), to the painted picture
    in blocks.
    """
    graph = Graph()
    reach = _reach(transformer)
    picture = graph.given(1, height // 2 + reach, width // 2 + reach, 3 * _PHASES)
    vector = graph.given(1, 1, 1, transformer.norms[0].mean.weights.shape[0])
    norms = iter(transformer.norms)

    def normalised(image: Tensor, *, relu: bool = False, phases: int = 1) -> Tensor:
        return _normalised(graph, image, (vector, next(norms), transformer.epsilon, phases), relu=relu)

    (first, biases), second, third = transformer.shrinking
    image = graph.convolved(picture, blocks.same(first), np.tile(biases, _PHASES), relu=True)
    image = _continued(graph, image, REPEATED_BEFORE)
    image = graph.convolved(image, blocks.halved(second[0]), second[1], relu=True)
    image = _continued(graph, image, MIRRORED_BEFORE)
    image = graph.convolved(image, third[0], third[1], stride=2, relu=True)
    for one, other in zip(transformer.residual[::2], transformer.residual[1::2], strict=True):
        inner = graph.convolved(_continued(graph, image, MIRRORED), one)
        inner = _continued(graph, normalised(inner, relu=True), MIRRORED)
        image = graph.added(image, normalised(graph.convolved(inner, other)))
    *enlarging, last = transformer.growing
    for index, kernel in enumerate(enlarging):
        image = graph.unfolded(image) if index else image
        image = graph.convolved(_continued(graph, image, REPEATED), blocks.doubled(kernel), rounded=rounded)
        image = normalised(image, relu=True, phases=_PHASES)
    image = graph.convolved(_continued(graph, image, MIRRORED_PIXELS), blocks.same(last), rounded=rounded)
    return graph.file((picture, vector), graph.logistic(normalised(image, phases=_PHASES)))


def seen(transformer: Transformer, picture: Floats) -> Floats:
    """Continue a picture (H, W, 3) as a mirror would, as far as kernels reach, and turn it into blocks."""
    reach = _reach(transformer)
    return blocks.folded(np.pad(picture, ((reach, reach), (reach, reach), (0, 0)), mode="reflect"))


def _reach(transformer: Transformer) -> int:
    return int(transformer.shrinking[0][0].shape[0]) // 2


def _normalised(graph: Graph, image: Tensor, by: tuple[Tensor, Norm, float, int], *, relu: bool) -> Tensor:
    """Give each channel the mean and spread that the style vector says; a block's pixels share theirs."""
    vector, norm, epsilon, phases = by
    channels = image.shape[_CHANNELS] // phases
    alike = np.eye(channels, dtype=np.float32) / np.float32(phases)
    shared = np.tile(alike, (phases, phases))[np.newaxis, np.newaxis]
    mean = graph.averaged(image)
    if phases > 1:
        mean = graph.convolved(mean, shared)
    variance = graph.averaged(graph.squared_difference(image, mean))
    root = graph.by_root(graph.convolved(variance, shared, np.full(phases * channels, epsilon, np.float32)))
    spread = graph.multiplied(root, _said(graph, vector, norm.spread, phases))
    shift = graph.subtracted(_said(graph, vector, norm.mean, phases), graph.multiplied(mean, spread))
    return graph.added(graph.multiplied(image, spread), shift, relu=relu)


def _said(graph: Graph, vector: Tensor, affine: Affine, phases: int) -> Tensor:
    weights = np.tile(affine.weights, phases)[np.newaxis, np.newaxis]
    return graph.convolved(vector, weights, np.tile(affine.biases, phases))


def _continued(graph: Graph, image: Tensor, edges: Edges) -> Tensor:
    for axis in (_ROWS, _COLUMNS):
        before, after = (
            [_line(graph, image, axis, one) for one in lines] for lines in (edges.before, edges.after)
        )
        image = graph.joined([*before, image, *after], axis)
    return image


def _line(graph: Graph, image: Tensor, axis: int, index: int | tuple[int, int]) -> Tensor:
    if isinstance(index, int):
        return graph.slice(image, axis, index)
    lines = [graph.slice(image, axis, one) for one in index]
    channels = image.shape[_CHANNELS] // _PHASES
    # Whether each of a block's four pixels is its second one along this axis.
    second: Sequence[int] = (0, 0, 1, 1) if axis == _ROWS else (0, 1, 0, 1)
    return graph.joined(
        [
            graph.slice(lines[which], _CHANNELS, phase * channels, channels)
            for phase, which in enumerate(second)
        ],
        _CHANNELS,
    )
