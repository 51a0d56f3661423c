"""What is named right less often than on the test photos, beyond chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scipy.stats import fisher_exact

from bestiary.drift.correction import adjusted
from bestiary.drift.errors import UnusableBaseline
from bestiary.quality.measuring import Share

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bestiary.quality.measuring import Quality

LEAST_PHOTOS = 20
"""Labelled photos that a share needs to be compared."""
LEAST_FALL = 0.1
"""Smaller falls of a share are passed over."""
FALSE_ALARMS = 0.005
"""How often a window in which nothing changed may name anything."""


@dataclass(frozen=True)
class Fall:
    """Something that is named right less often than it was.

    Attributes
    ----------
    of
        ``accuracy``, ``species NAME`` or ``site NAME``.
    before, after
        In the baseline and now.
    p
        Chance of such a fall where nothing changed, after correction for how many were looked at.
    """

    of: str
    before: Share
    after: Share
    p: float


def read_baseline(metrics: Mapping[str, Any]) -> tuple[Share, dict[str, Share]]:
    """Read how well a version did on its test photos, in all and by species, from its ``metrics.json``.

    Raises
    ------
    UnusableBaseline
        It holds no confusion matrix.
    """
    try:
        matrix = metrics["multiclass_classification_metrics"]["confusion_matrix"]
        species = {
            name: Share(int(row.get(name, 0)), sum(map(int, row.values()))) for name, row in matrix.items()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnusableBaseline(f"the model's metrics hold no confusion matrix: {error}") from error
    tested = {name: share for name, share in species.items() if share.total}
    if not tested:
        raise UnusableBaseline("the model's metrics rest on no test photo")
    right, total = (sum(getattr(share, part) for share in tested.values()) for part in ("right", "total"))
    return Share(right, total), tested


def falls(
    quality: Quality,
    baseline: tuple[Share, Mapping[str, Share]],
    *,
    false_alarms: float = FALSE_ALARMS,
    least_photos: int = LEAST_PHOTOS,
    least_fall: float = LEAST_FALL,
) -> list[Fall]:
    """Name what is right less often than on the test photos, beyond chance and beyond what matters.

    Fisher's exact test of each share that has enough photos on either side; sites are compared with the whole
    baseline. The rate of false alarms is that of the window, whatever the number of species and sites.

    Parameters
    ----------
    quality
        Of the window.
    baseline
        From `read_baseline`.
    false_alarms
        How often a window in which nothing changed may name anything, 0 to 1.
    least_photos
        Labelled photos that a share needs to be compared.
    least_fall
        Smaller falls are passed over, 0 to 1.
    """
    overall, species = baseline
    looked_at = [("accuracy", overall, quality.overall)]
    looked_at += [
        (f"species {name}", species[name], share)
        for name, share in quality.species.items()
        if name in species
    ]
    looked_at += [(f"site {name}", overall, share) for name, share in quality.sites.items()]
    enough = [one for one in looked_at if min(one[1].total, one[2].total) >= least_photos]
    levels = adjusted([_chance(before, after) for _, before, after in enough])
    return [
        Fall(name, before, after, level)
        for (name, before, after), level in zip(enough, levels, strict=True)
        if level <= false_alarms and before.accuracy - after.accuracy >= least_fall
    ]


def _chance(before: Share, after: Share) -> float:
    table = [[after.right, after.total - after.right], [before.right, before.total - before.right]]
    return float(fisher_exact(table, alternative="less").pvalue)
