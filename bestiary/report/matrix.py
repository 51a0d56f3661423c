"""A confusion matrix as a table that shades itself."""

from dataclasses import dataclass

from bestiary.evaluation import Metrics


@dataclass(frozen=True)
class Cell:
    """Photos of one class that were called another, or rightly so.

    Attributes
    ----------
    predicted
        What they were called.
    count
        How many.
    share
        Of all test photos of the true class, 0 to 1.
    right
        Whether this is the diagonal.
    """

    predicted: str
    count: int
    share: float
    right: bool


@dataclass(frozen=True)
class Row:
    """All test photos of one class, by what they were called."""

    true: str
    cells: tuple[Cell, ...]


def heat_map(metrics: Metrics) -> list[Row]:
    """Lay a confusion matrix out as rows of shaded cells, one row a true class."""
    names = list(metrics.per_class)
    return [
        Row(
            true=names[t],
            cells=tuple(
                Cell(names[p], count, count / max(1, sum(row)), right=t == p) for p, count in enumerate(row)
            ),
        )
        for t, row in enumerate(metrics.confusion)
    ]
