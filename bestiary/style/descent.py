"""Ways down a loss from a picture: Adam (Kingma and Ba 2014) and L-BFGS (Liu and Nocedal 1989)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bestiary.style.objective import Losses

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

Evaluate = Callable[[Any], tuple[Losses, Any]]
"""From a picture, float32 (H, W, 3) of 0 to 255, to its losses and the gradient of their total."""
After = Callable[[Any, Losses], bool]
"""Told of each step's picture and losses; True ends the descent."""

FIRST_STEP = 2.0
"""What L-BFGS's first guess changes a pixel by, in the mean, in levels of 0 to 255."""
_FLOOR = 0.3
"""Adam divides by no less than this share of the usual gradient: pixels that no feature sees stay still."""
_MEMORY = 10
_DECAYS = (0.9, 0.99)


class NotFinite(ArithmeticError):  # noqa: N818 - it names what was found
    """A loss or its gradient is no longer a number."""


class _Enough(Exception):  # noqa: N818 - it ends SciPy's loop, it is no failure
    pass


@dataclass
class Moments:
    """What Adam remembers from step to step."""

    first: Floats
    second: Floats
    steps: int = 0

    @classmethod
    def none_yet(cls, shape: tuple[int, ...]) -> Moments:
        """Start without a past."""
        return cls(np.zeros(shape, np.float32), np.zeros(shape, np.float32))


def adam(image: Floats, gradient: Floats, rate: float, moments: Moments) -> Floats:
    """Take one step of at most about `rate` levels, keeping to 0-255; `moments` go along."""
    slow, slower = _DECAYS
    moments.steps += 1
    moments.first += (1 - slow) * (gradient - moments.first)
    moments.second += (1 - slower) * (gradient**2 - moments.second)
    mean = moments.first / (1 - slow**moments.steps)
    spread = np.sqrt(moments.second / (1 - slower**moments.steps))
    floor = _FLOOR * float(spread.mean()) + np.finfo(np.float32).tiny
    moved = image - np.float32(rate) * mean / (spread + np.float32(floor))
    return np.asarray(np.clip(moved, 0, 255), np.float32)


def lbfgs(evaluate: Evaluate, image: Floats, steps: int, after: After) -> None:
    """Take up to `steps` steps with SciPy's L-BFGS.

    Pixels are not bounded on the way, since bounds are what is slow in SciPy; told of are clipped pictures.

    Raises
    ------
    NotFinite
        The loss or its gradient is no number; the picture last told of is good.
    """
    from scipy.optimize import minimize

    # SciPy's first guess is a step of length 1 down the gradient, wherever that is longer than 1.
    stretch = FIRST_STEP * image.size**0.5
    seen: dict[str, Losses] = {}
    scale = 0.0

    def function(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        nonlocal scale
        losses, gradient = checked(evaluate((point * stretch).astype(np.float32).reshape(image.shape)))
        slope = gradient.astype(np.float64).ravel() * stretch
        scale = scale or 1e3 / max(float(np.linalg.norm(slope)), 1e-12)
        seen["losses"] = losses
        return losses.total * scale, slope * scale

    def told(intermediate_result: Any) -> None:  # noqa: ANN401 - SciPy calls it by this name
        picture = (intermediate_result.x * stretch).astype(np.float32).reshape(image.shape)
        if after(np.clip(picture, 0, 255), seen["losses"]):
            raise _Enough

    options = {"maxiter": steps, "maxfun": 3 * steps + 20, "maxcor": _MEMORY, "ftol": 0, "gtol": 0}
    try:
        minimize(
            function,
            image.astype(np.float64).ravel() / stretch,
            jac=True,
            method="L-BFGS-B",
            callback=told,
            options=options,
        )
    except _Enough:
        return


def checked(found: tuple[Losses, Floats]) -> tuple[Losses, Floats]:
    """Return losses and gradient as they are.

    Raises
    ------
    NotFinite
        One of their numbers is none.
    """
    losses, gradient = found
    if not (np.isfinite(losses.total) and np.isfinite(gradient).all()):
        raise NotFinite
    return losses, gradient
