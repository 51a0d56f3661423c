"""A model's answers to the test photos, and how long it takes over them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

Predict = Callable[[NDArray[np.uint8]], NDArray[np.float32]]

_BATCH = 32
_REPEATS = 7


@dataclass(frozen=True)
class Answers:
    """What a model says to every test photo.

    Attributes
    ----------
    scores
        Probabilities, shape (N, C).
    seconds_per_image
        Median wall time of predicting one prepared picture alone, after a warm-up, over seven repeats.
    seconds_per_image_in_batches
        Median wall time a picture in full batches of 32 (or of all, if fewer), after a warm-up.
    """

    scores: NDArray[np.float32]
    seconds_per_image: float
    seconds_per_image_in_batches: float


def answer(predict: Predict, images: NDArray[np.uint8]) -> Answers:
    """Ask a model about every test photo and measure how long it takes.

    Reading, decoding and resizing take no part: the pictures are in memory, prepared. Every batch of the test
    part is timed but the first one, which compiles; so the batch figure costs nothing extra.

    Parameters
    ----------
    predict
        From prepared pictures, uint8 of shape (N, S, S, 3), to probabilities of shape (N, C).
    images
        The test photos, at least one.
    """
    batches = [
        np.ascontiguousarray(images[start : start + _BATCH]) for start in range(0, len(images), _BATCH)
    ]
    scores, batch_seconds = [], []
    for batch in batches:
        answered, seconds = _timed(predict, batch)
        scores.append(answered)
        batch_seconds.append(seconds / len(batch))
    full = batch_seconds[1 : len(images) // _BATCH]
    if not full:
        full = [_timed(predict, batches[0])[1] / len(batches[0])]
    one = batches[0][:1]
    predict(one)
    return Answers(
        scores=np.concatenate(scores),
        seconds_per_image=median(_timed(predict, one)[1] for _ in range(_REPEATS)),
        seconds_per_image_in_batches=median(full),
    )


def _timed(predict: Predict, images: NDArray[np.uint8]) -> tuple[NDArray[np.float32], float]:
    begun = time.perf_counter()
    scores = predict(images)
    return scores, time.perf_counter() - begun
