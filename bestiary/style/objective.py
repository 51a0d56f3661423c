"""How far a picture is from a content and a style, and which way is nearer (Gatys, Ecker and Bethge 2015).

Every term is a share, so that weights mean the same for every network, size and painting: a content loss of
1 is a picture that has nothing to do with the photo, a style loss of 1 one whose Gram matrices are as far
from the painting's as black is, a variation of 1 one as rough as the photo or as the painting, whichever is
rougher: who paints like Klimt may not be asked for a smooth picture.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from bestiary.style import terms
from bestiary.style.errors import CannotStylize
from bestiary.style.tiles import Tile, tiles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from bestiary.style.features import Features

    Floats = NDArray[np.float32]

TILE_PIXELS = 1024 * 1024
HALO = 96
_NOTHING = 1e-6


@dataclass(frozen=True)
class Weights:
    """What counts how much.

    Attributes
    ----------
    content, style, variation
        Of the three terms; only their proportions matter. As they are by default, a person sees the painter
        and still knows the animal.
    layers
        Of single layers against the others of their kind, 1 where none is named.
    """

    content: float = 1.0
    style: float = 8.0
    variation: float = 0.3
    layers: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in (*vars(self).items(), *self.layers.items()):
            if name != "layers" and not (np.isfinite(value) and value >= 0):
                raise CannotStylize(f"the weight of {name} is {value}: weights are numbers from 0 up")
        if self.content + self.style == 0:
            raise CannotStylize("the weights of content and style cannot both be 0")

    @property
    def whole(self) -> float:
        """All three terms' weights together."""
        return self.content + self.style + self.variation

    def shares(self, layers: Sequence[str]) -> list[float]:
        """Return the weights of `layers`, which add up to 1."""
        found = [self.layers.get(layer, 1.0) for layer in layers]
        if sum(found) == 0:
            raise CannotStylize(f"the layers {', '.join(layers)} cannot all have the weight 0")
        return [one / sum(found) for one in found]


@dataclass(frozen=True)
class Losses:
    """The terms for one picture, not yet weighted, and their weighted sum."""

    content: float
    style: float
    variation: float
    total: float


class Objective:
    """Measures pictures of one size against one photo and one or several paintings.

    Pictures are float32 (H, W, 3), RGB of 0 to 255. Large ones go through the network in windows: Gram
    matrices are sums over places, so a first pass adds them up and a second one takes gradients.

    Parameters
    ----------
    features
        What to measure with.
    content
        The photo.
    styles
        Paintings of any sizes and their weights; their Gram matrices are averaged.
    weights
        What counts how much.
    tile_pixels
        Windows are no larger than this.
    """

    def __init__(
        self,
        features: Features,
        content: Floats,
        styles: Sequence[tuple[Floats, float]],
        weights: Weights,
        tile_pixels: int = TILE_PIXELS,
    ) -> None:
        unknown = sorted(set(weights.layers) - set(features.layers))
        if unknown:
            raise CannotStylize(f"{unknown[0]} is not among the layers {', '.join(features.layers)}")
        for image in (content, *(style for style, _ in styles)):
            features.check(image.shape)
        self._weights = weights
        self._terms = terms.compiled(features)
        self._tile_pixels = tile_pixels
        self._tiles = tiles(content.shape, tile_pixels, HALO)
        self._roughness = max(terms.variation(content)[0], _roughness(styles), (2 / 255) ** 2)
        wanted = [self._terms.look(content[tile.rows, tile.columns]) for tile in self._tiles]
        scales = self._content_scales(wanted, weights.shares(features.content_layers))
        shares = [np.float32(share) for share in weights.shares(features.style_layers)]
        grams = self._style_grams(styles)
        both = np.array([weights.content, weights.style], np.float32)
        self._goals = [terms.Goal(maps, scales, grams, shares, both) for maps in wanted]

    def evaluate(self, image: Floats) -> tuple[Losses, Floats]:
        """Return a picture's losses and the gradient of their weighted sum, of the picture's shape."""
        if len(self._tiles) == 1:
            content, style, pull = self._terms.whole(image, self._goals[0])
        else:
            content, style, pull = self._in_windows(image)
        rough, smooth = terms.variation(image)
        weights, variation = self._weights, rough / self._roughness
        gradient = np.array(pull, np.float32)
        if weights.variation:
            gradient += np.float32(weights.variation / self._roughness) * smooth
        total = weights.content * float(content) + weights.style * float(style)
        total += weights.variation * variation
        return Losses(float(content), float(style), variation, total), gradient

    def _in_windows(self, image: Floats) -> tuple[float, float, Floats]:
        style, slopes, goal = 0.0, [], self._goals[0]
        for (total, count), target, share in zip(
            self._gram_sums(image, self._tiles), goal.grams, goal.shares, strict=True
        ):
            apart, size = total / count - target, max(float((target**2).sum()), _NOTHING)
            style += float(share) * float((apart**2).sum()) / size
            slopes.append((self._weights.style * share * 2 / size / count * apart).astype(np.float32))
        content, gradient = 0.0, np.zeros_like(image)
        for tile, goal in zip(self._tiles, self._goals, strict=True):
            window = image[tile.rows, tile.columns]
            lost, pull = self._terms.pull(window, tile.core, goal, slopes)
            content += float(lost)
            gradient[tile.rows, tile.columns] += np.asarray(pull)
        return content, style, gradient

    def _gram_sums(self, image: Floats, windows: Sequence[Tile]) -> list[tuple[Floats, float]]:
        """One sum of Gram matrices a style layer, and over how many cells."""
        found = [self._terms.sums(image[tile.rows, tile.columns], tile.core) for tile in windows]
        return [
            (
                np.sum([gram.numpy() for gram, _ in layer], axis=0),
                max(1.0, sum(float(cells) for _, cells in layer)),
            )
            for layer in zip(*found, strict=True)
        ]

    def _style_grams(self, styles: Sequence[tuple[Floats, float]]) -> list[Floats]:
        whole = sum(weight for _, weight in styles)
        if whole <= 0:
            raise CannotStylize("a picture needs at least one style whose weight is more than 0")
        mixed: list[Floats] = []
        for image, weight in styles:
            sums = self._gram_sums(image, tiles(image.shape, self._tile_pixels, HALO))
            grams = [np.float32(weight / whole) * gram / np.float32(cells) for gram, cells in sums]
            mixed = [so_far + gram for so_far, gram in zip(mixed, grams, strict=True)] if mixed else grams
        return mixed

    def _content_scales(self, found: Sequence[Any], shares: Sequence[float]) -> list[np.float32]:
        """One factor a content layer: its share over how much its maps vary, added up over all places."""
        spreads = [
            self._terms.spread(maps, _sides(tile), tile.core)
            for maps, tile in zip(found, self._tiles, strict=True)
        ]
        scales = []
        for layer, share in zip(zip(*spreads, strict=True), shares, strict=True):
            cells = sum(float(one[0]) for one in layer)
            total = np.sum([one[1].numpy() for one in layer], axis=0, dtype=np.float64)
            squares = float(np.sum([one[2].numpy() for one in layer], dtype=np.float64))
            varies = squares - float((total**2).sum()) / max(1.0, cells)
            # A photo of one colour varies nowhere.
            scales.append(np.float32(share / max(varies, 1e-3 * squares, _NOTHING)))
        return scales


def _roughness(styles: Sequence[tuple[Floats, float]]) -> float:
    whole = sum(weight for _, weight in styles)
    return sum(weight / whole * terms.variation(image)[0] for image, weight in styles) if whole > 0 else 0.0


def _sides(tile: Tile) -> tuple[int, int]:
    return tile.rows.stop - tile.rows.start, tile.columns.stop - tile.columns.start
