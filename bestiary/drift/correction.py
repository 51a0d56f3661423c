"""Many comparisons at once: which p-values are small enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scipy.stats import false_discovery_control

if TYPE_CHECKING:
    from collections.abc import Sequence


def adjusted(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values for how many there are, after Benjamini and Hochberg 1995.

    Where nothing has drifted, the smallest of them falls below a level no more often than that level says:
    the rate of false alarms is that of a window, however many features are compared. Where something has,
    the level is the share of false ones among the features that are named.
    """
    return [float(p) for p in false_discovery_control(p_values)] if p_values else []
