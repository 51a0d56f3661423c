"""What names a metric of CloudWatch's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, order=True)
class Metric:
    """What names a metric.

    Attributes
    ----------
    namespace, name
        E.g. ``AWS/SageMaker`` and ``ModelLatency``.
    dimensions
        Pairs of name and value, sorted by name.
    """

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Mapping[str, str]) -> Metric:
        """Name a metric by its dimensions in any order."""
        return cls(namespace, name, tuple(sorted(dimensions.items())))
