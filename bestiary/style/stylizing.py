"""One interface to both methods: a photo, paintings and settings in, a picture and its losses out."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from bestiary.style import colour, fast, gatys, pictures
from bestiary.style.margins import framed, margin
from bestiary.style.memory import peak
from bestiary.style.objective import Losses, Objective, Weights
from bestiary.style.vectors import Vectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from bestiary.style.features import Features
    from bestiary.style.settings import Settings
    from bestiary.style.state import Record, State, Watch

    Pixels = NDArray[np.uint8]


class Method(Protocol):
    """A way to paint.

    Attributes
    ----------
    name
        ``gatys`` or ``fast``.
    size
        Longest side of what it paints, in pixels.
    """

    @property
    def name(self) -> str:
        """How people call it."""
        ...

    @property
    def size(self) -> int:
        """Longest side of what it paints, in pixels."""
        ...

    def warnings(self, content: Pixels) -> tuple[str, ...]:
        """What must be said of a picture made of this photo."""
        ...

    def paint(self, content: Pixels, styles: Sequence[gatys.Style]) -> tuple[Pixels, tuple[Record, ...]]:
        """Paint; the records are empty where nothing is optimised."""
        ...


@dataclass(frozen=True)
class Gatys:
    """Optimises the picture itself."""

    features: Features
    settings: Settings
    watch: Watch = lambda _: None
    resume: State | None = None
    name: str = "gatys"

    @property
    def size(self) -> int:
        """Longest side of what it paints, in pixels."""
        return self.settings.size

    def warnings(self, content: Pixels) -> tuple[str, ...]:
        """Say where the feature network has random weights."""
        del content
        return (self.features.warning,) if self.features.warning else ()

    def paint(self, content: Pixels, styles: Sequence[gatys.Style]) -> tuple[Pixels, tuple[Record, ...]]:
        """Paint, step by step."""
        painted = gatys.paint(
            self.features, content, styles, self.settings, watch=self.watch, resume=self.resume
        )
        return painted.image, painted.history


@dataclass(frozen=True)
class Fast:
    """Paints in one pass."""

    model: fast.Model
    size: int = 512
    strength: float = 1.0
    vectors: Vectors = field(default_factory=Vectors)
    name: str = "fast"

    def warnings(self, content: Pixels) -> tuple[str, ...]:
        """Say where a picture is painted at a smaller size than asked for."""
        height, width = pictures.scaled_shape(content.shape, self.size)
        if height * width <= fast.MOST_PIXELS:
            return ()
        side = int(self.size * (fast.MOST_PIXELS / (height * width)) ** 0.5)
        return (f"painted at {side} pixels and enlarged to {self.size}: --method gatys paints every pixel",)

    def paint(self, content: Pixels, styles: Sequence[gatys.Style]) -> tuple[Pixels, tuple[Record, ...]]:
        """Paint at once."""
        made = fast.paint(
            self.model, content, styles, size=self.size, strength=self.strength, vectors=self.vectors
        )
        return made, ()


@dataclass(frozen=True)
class Result:
    """What came out.

    Attributes
    ----------
    image
        uint8 (H, W, 3) RGB.
    history
        One record a step; empty for ``fast``.
    seconds
        From pixels to pixels, the opening of models left out.
    memory
        How many bytes more than before the process held at most; None where the system does not tell.
    warnings
        What a person must know.
    """

    image: Pixels
    history: tuple[Record, ...]
    seconds: float
    memory: int | None
    warnings: tuple[str, ...]


def stylize(
    method: Method,
    content: Pixels,
    styles: Sequence[gatys.Style],
    *,
    keeping: colour.Keeping = "no",
    square: bool = False,
) -> Result:
    """Paint a photo.

    Parameters
    ----------
    method
        `Gatys` or `Fast`.
    content
        The photo, uint8 (H, W, 3) RGB.
    styles
        The paintings.
    keeping
        Whether and how the photo's colours are kept.
    square
        Whether the largest squares are cut out of all pictures' middles first, as the original report does.

    Raises
    ------
    CannotStylize
        As the methods do.
    """
    photo = pictures.square(content) if square else content
    paintings = [
        style._replace(
            image=colour.prepared(photo, pictures.square(style.image) if square else style.image, keeping)
        )
        for style in styles
    ]
    began = time.perf_counter()
    with peak() as memory:
        image, history = method.paint(photo, paintings)
        image = colour.finished(image, pictures.resized(photo, image.shape[:2]), keeping)
    seconds = time.perf_counter() - began
    return Result(image, history, seconds, memory.bytes, method.warnings(photo))


def measured(
    features: Features, content: Pixels, styles: Sequence[gatys.Style], weights: Weights, image: Pixels
) -> Losses:
    """Measure any picture against a photo and paintings, so that methods can be compared.

    Parameters
    ----------
    image
        What some method made of the photo; the photo is measured at its size.
    """
    beyond = margin(features, image.shape)
    objective = Objective(
        features,
        framed(pictures.resized(content, image.shape[:2]).astype("float32"), beyond),
        gatys.sized(styles, max(image.shape[:2])),
        weights,
    )
    return objective.evaluate(framed(image.astype("float32"), beyond))[0]
