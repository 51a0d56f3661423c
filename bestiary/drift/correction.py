"""Many comparisons at once: which p-values are small enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import false_discovery_control

if TYPE_CHECKING:
    from collections.abc import Sequence


def adjusted(p_values: Sequence[float], weights: Sequence[float] = ()) -> list[float]:
    """Adjust p-values for how many there are, after Benjamini and Hochberg 1995.

    Where nothing has drifted, the smallest of them falls below a level no more often than that level says:
    the rate of false alarms is that of a window, however many features are compared. Where something has,
    the level is the share of false ones among the features that are named.

    Parameters
    ----------
    p_values
        Each 0 to 1.
    weights
        How much each is given of the false alarms, above 0, in proportion to each other (Genovese, Roeder and
        Wasserman 2006); all the same where none are given. The rate of false alarms stays what it is.
    """
    if not p_values:
        return []
    given = np.array(weights or [1.0] * len(p_values))
    weighted = np.minimum(1.0, np.array(p_values) * given.mean() / given)
    return [float(p) for p in false_discovery_control(weighted)]
