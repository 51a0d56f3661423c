"""Style transfer by optimising the picture itself (Gatys, Ecker and Bethge 2015), from coarse to fine."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bestiary.style import descent, pictures
from bestiary.style.bounds import outside
from bestiary.style.colour import recoloured
from bestiary.style.curvature import lbfgs
from bestiary.style.errors import CannotStylize
from bestiary.style.margins import Margin, framed, inner, margin
from bestiary.style.objective import Losses, Objective
from bestiary.style.spectrum import Spectrum
from bestiary.style.state import Record, State, Watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from bestiary.style.features import Features
    from bestiary.style.settings import Settings

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

_WINDOW = 10
_ATTEMPTS = 3


class Style(NamedTuple):
    """A painting, uint8 (H, W, 3) RGB, and its weight against the others."""

    image: Pixels
    weight: float = 1.0


class Painted(NamedTuple):
    """The picture, uint8 (H, W, 3), its losses at full size, and one record a step."""

    image: Pixels
    losses: Losses
    history: tuple[Record, ...]


def paint(  # noqa: PLR0913 - what a picture is made of
    features: Features,
    content: Pixels,
    styles: Sequence[Style],
    settings: Settings,
    *,
    watch: Watch = lambda _: None,
    resume: State | None = None,
) -> Painted:
    """Paint a photo in the manner of one or several paintings.

    Parameters
    ----------
    features
        What content and style are measured with.
    content
        The photo, uint8 (H, W, 3) RGB of any size.
    styles
        The paintings. None is enlarged: at sizes beyond its own its strokes stay as large as they are.
    settings
        How.
    watch
        Told of every step.
    resume
        What `watch` was told of in an earlier run with the same arguments.

    Raises
    ------
    CannotStylize
        A picture is too small, or the feature network's answers are no numbers.
    """
    levels = settings.levels(content.shape)
    state = resume
    for level, (side, steps) in enumerate(levels):
        if state is not None and level < state.level:
            continue
        sharp = _sized(content, side)
        beyond = margin(features, sharp.shape)
        photo = framed(sharp, beyond)
        objective = Objective(features, photo, sized(styles, side), settings.weights)
        if state is None or state.level < level:
            image = _first(photo, styles, settings) if state is None else _finer(state, sharp.shape, beyond)
            state = State.begin(level, image, state.history if state else [], beyond)
        _descend(objective, state, (side, steps), settings, watch)
    assert state is not None  # noqa: S101 - there is always one level
    return Painted(state.picture(), objective.evaluate(state.best)[0], tuple(state.history))


def sized(styles: Sequence[Style], side: int) -> list[tuple[Floats, float]]:
    """Return paintings as an objective takes them, shrunk to `side` pixels where they are larger."""
    return [(_sized(style.image, min(side, max(style.image.shape))), style.weight) for style in styles]


def _sized(image: Pixels, side: int) -> Floats:
    return pictures.fitted(image, side).astype(np.float32)


def _finer(state: State, shape: tuple[int, ...], beyond: Margin) -> Floats:
    painted = pictures.enlarged(inner(state.best, state.margin), (shape[0], shape[1]))
    return framed(np.clip(painted, 0, 255), beyond)


def _first(photo: Floats, styles: Sequence[Style], settings: Settings) -> Floats:
    if settings.start == "content":
        return photo
    if settings.start == "noise":
        random = np.random.default_rng(settings.seed)
        return random.uniform(64, 192, photo.shape).astype(np.float32)
    whole = sum(style.weight for style in styles)
    parts = [style.weight / whole * recoloured(photo, style.image) for style in styles if style.weight]
    # Half-way: in a painting's colours alone, a photo of quite others is too far from itself to come back.
    return np.asarray((photo + np.sum(parts, axis=0)) / 2, np.float32)


def _descend(
    objective: Objective, state: State, level: tuple[int, int], settings: Settings, watch: Watch
) -> None:
    """Go through one level, or through what is left of it."""
    way = _adam if settings.optimizer == "adam" else _lbfgs
    for attempt in range(_ATTEMPTS):
        try:
            way(objective, state, level, replace(settings, rate=settings.rate / 4**attempt), watch)
        except descent.NotFinite:
            state.step_back()
        else:
            return
    raise CannotStylize(
        "the losses are no longer numbers: lower the weights, or use another feature network or --precision"
    )


def _adam(
    objective: Objective, state: State, level: tuple[int, int], settings: Settings, watch: Watch
) -> None:
    """Step by step; the rate falls to a tenth along half a cosine."""
    side, steps = level
    while not _done(state.totals(side), steps, settings):
        losses, gradient = descent.checked(objective.evaluate(state.image))
        state.look(side, state.image, losses)
        rate = settings.rate * (0.55 + 0.45 * math.cos(math.pi * len(state.totals(side)) / steps))
        state.image = descent.adam(state.image, gradient, rate, state.moments)
        watch(state)


def _lbfgs(
    objective: Objective, state: State, level: tuple[int, int], settings: Settings, watch: Watch
) -> None:
    """Step by step; a step too far is not counted, but taken again and shorter."""
    side, steps = level
    spectrum, weight = Spectrum(state.image.shape), settings.weights.whole
    while not _done(state.totals(side), steps, settings):
        losses, gradient = descent.checked(objective.evaluate(state.image))
        price, push = outside(state.image, weight)
        place, slope = spectrum.coordinates(state.image), spectrum.slope(gradient + push)
        found = lbfgs(place, losses.total + price, slope, state.curvature)
        if found is None:
            return
        proposed, lower = found
        if lower:
            state.look(side, np.clip(state.image, 0, 255), losses)
        state.image = spectrum.image(proposed)
        if lower:
            watch(state)


def _done(totals: Sequence[float], steps: int, settings: Settings) -> bool:
    return len(totals) >= steps or _stalled(totals, settings.stall)


def _stalled(totals: Sequence[float], least: float) -> bool:
    if len(totals) < 2 * _WINDOW:
        return False
    earlier, later = sum(totals[-2 * _WINDOW : -_WINDOW]), sum(totals[-_WINDOW:])
    return earlier - later < least * earlier
