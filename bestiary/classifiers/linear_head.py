"""Multinomial logistic regression, fitted to its optimum: a linear head on features that stay as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

    from bestiary.classifiers.features import Floats

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Head:
    """A dense layer with softmax.

    Attributes
    ----------
    weights
        float32, D×C, for vectors as they come: their standardisation is folded in.
    bias
        float32, C.
    """

    weights: Floats
    bias: Floats

    def score(self, vectors: Floats, labels: npt.NDArray[np.int64]) -> tuple[float, float]:
        """Return mean cross-entropy and accuracy on vectors N×D."""
        logs = _log_softmax(vectors.astype(np.float64) @ self.weights + self.bias)
        loss = -logs[np.arange(len(labels)), labels].mean()
        return float(loss), float((logs.argmax(axis=1) == labels).mean())


def fit_head(  # noqa: PLR0913, PLR0917 - data, and how to fit it
    vectors: Floats,
    labels: npt.NDArray[np.int64],
    classes: int,
    penalty: float,
    steps: int,
    each: Callable[[Head], None] | None = None,
) -> Head:
    """Fit by L-BFGS.

    Parameters
    ----------
    vectors, labels
        N×D and N.
    classes
        C; some may have no vector.
    penalty
        Weight of half the squared coefficients of standardised vectors, against the mean cross-entropy.
    steps
        L-BFGS steps at most.
    each
        Called with the head after every step.
    """
    from scipy.optimize import minimize
    from threadpoolctl import threadpool_limits

    mean, spread = vectors.mean(axis=0, dtype=np.float64), vectors.std(axis=0, dtype=np.float64)
    # A feature that hardly varies must not be blown up.
    spread += 0.01 * spread.mean() + 1e-12
    standard = (vectors - mean) / spread
    truth = np.eye(classes)[labels]

    def objective(flat: Doubles) -> tuple[float, Doubles]:
        weights, bias = _parted(flat, classes)
        logs = _log_softmax(standard @ weights + bias)
        wrong = (np.exp(logs) - truth) / len(truth)
        loss = -(logs * truth).sum() / len(truth) + penalty / 2 * (weights**2).sum()
        return float(loss), np.vstack([standard.T @ wrong + penalty * weights, wrong.sum(axis=0)]).ravel()

    def head(flat: Doubles) -> Head:
        weights, bias = _parted(flat, classes)
        weights = weights / spread[:, None]
        return Head(weights.astype(np.float32), (bias - mean @ weights).astype(np.float32))

    # The matrices are small: BLAS threads that wait for each other beside other jobs cost ten times the work.
    with threadpool_limits(1):
        found: Any = minimize(
            objective,
            np.zeros((standard.shape[1] + 1) * classes),
            jac=True,
            method="L-BFGS-B",
            callback=(lambda flat: each(head(flat))) if each else None,
            options={"maxiter": steps},
        )
    return head(found.x)


def _parted(flat: Doubles, classes: int) -> tuple[Doubles, Doubles]:
    table = flat.reshape(-1, classes)
    return table[:-1], table[-1]


def _log_softmax(scores: Doubles) -> Doubles:
    from scipy.special import log_softmax

    logs: Doubles = log_softmax(scores, axis=1)
    return logs
