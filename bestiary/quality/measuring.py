"""How many labelled photos were named right: in all, by species and by camera site."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scipy.stats import binomtest
from sklearn.metrics import precision_recall_fscore_support

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bestiary.quality.matching import Pair


@dataclass(frozen=True)
class Share:
    """How many of some photos were named right.

    Attributes
    ----------
    right, total
        Photos.
    f1
        Of a class; None for anything else.
    """

    right: int
    total: int
    f1: float | None = None

    @property
    def accuracy(self) -> float:
        """The share, 0 to 1."""
        return self.right / self.total

    @property
    def interval(self) -> tuple[float, float]:
        """95 % Wilson interval of the share."""
        found = binomtest(self.right, self.total).proportion_ci(0.95, method="wilson")
        return float(found.low), float(found.high)


@dataclass(frozen=True)
class Quality:
    """How an endpoint fared in a window.

    Attributes
    ----------
    overall
        Of all photos.
    macro_f1
        Mean F1 over the species that were there, each counting the same.
    species, sites
        By true species (recall and F1) and by camera site.
    """

    overall: Share
    macro_f1: float
    species: Mapping[str, Share]
    sites: Mapping[str, Share]


def measure(pairs: Sequence[Pair]) -> Quality | None:
    """Score answers by their labels; None where there are none."""
    if not pairs:
        return None
    true, predicted = [pair.true for pair in pairs], [pair.predicted for pair in pairs]
    names = sorted(set(true))
    _, _, f1, _ = precision_recall_fscore_support(true, predicted, labels=names, zero_division=0.0)
    by_species, by_site = (
        _shares((pair.true, pair) for pair in pairs),
        _shares((pair.site, pair) for pair in pairs if pair.site),
    )
    return Quality(
        overall=_shares(("", pair) for pair in pairs)[""],
        macro_f1=float(f1.mean()),
        species={
            name: Share(by_species[name].right, by_species[name].total, float(value))
            for name, value in zip(names, f1, strict=True)
        },
        sites=by_site,
    )


def _shares(pairs: Iterable[tuple[str, Pair]]) -> dict[str, Share]:
    hits: dict[str, list[bool]] = defaultdict(list)
    for name, pair in pairs:
        hits[name].append(pair.true == pair.predicted)
    return {name: Share(sum(found), len(found)) for name, found in sorted(hits.items())}
