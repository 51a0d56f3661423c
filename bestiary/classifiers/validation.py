"""Photos held out of training to see how it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

SHARE = 0.3
"""Of the training photos, as in the original report."""

Indices = npt.NDArray[np.int64]


class HeldOut(NamedTuple):
    """Positions of the photos to train on and of those to validate on, both sorted."""

    training: Indices
    validation: Indices


def hold_out(labels: Indices, groups: Sequence[str], seed: int, share: float = SHARE) -> HeldOut:
    """Hold out about `share` of every class, photos of one group together.

    Keras's own ``validation_split`` takes the last photos, which in a set sorted by class are whole classes.

    Parameters
    ----------
    labels
        int64, N.
    groups
        N names; ``""`` is no group. A group goes to validation only where all its classes still need photos
        there, and always leaves its classes something to train on.
    seed
        Which photos.
    share
        0 to 1.

    Returns
    -------
    A class of one photo has it in training; with only such classes nothing is held out.
    """
    units: dict[str, list[int]] = {}
    for index, group in enumerate(groups):
        units.setdefault(group or f"\\0{index}", []).append(index)
    wanted = np.rint(np.bincount(labels) * share).astype(np.int64)
    wanted = np.maximum(wanted, np.bincount(labels) >= 2)
    wanted = np.minimum(wanted, np.bincount(labels) - 1)
    held: list[int] = []
    names = sorted(units)
    for position in np.random.default_rng(seed).permutation(len(names)):
        unit = units[names[position]]
        counts = np.bincount(labels[unit], minlength=len(wanted))
        if np.all(counts <= wanted):
            wanted -= counts
            held.extend(unit)
    validation = np.array(sorted(held), np.int64)
    return HeldOut(np.setdiff1d(np.arange(len(labels), dtype=np.int64), validation), validation)
