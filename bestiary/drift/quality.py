"""How often an endpoint was right, by the labels that came later."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scipy.stats import binomtest, fisher_exact
from sklearn.metrics import precision_recall_fscore_support

from bestiary.drift.answers import NoAnswer, read_answers
from bestiary.drift.capture import Event
from bestiary.drift.correction import adjusted
from bestiary.drift.errors import UnusableBaseline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bestiary.drift.capture import BadLine
    from bestiary.drift.labels import Label


@dataclass(frozen=True)
class Pair:
    """A photo that was answered and labelled."""

    true: str
    predicted: str
    site: str = ""


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


def match(
    lines: Iterable[Event | BadLine],
    labels: Mapping[str, Label],
    classes: Sequence[str] = (),
    version: str = "",
) -> Iterator[Pair]:
    """Yield the photos that were both answered and labelled.

    Parameters
    ----------
    lines
        From `bestiary.drift.capture.read_capture`.
    labels
        By inference id, from `bestiary.drift.labels.read_labels`.
    classes
        In the order of a CSV answer's scores.
    version
        Whose answers count; empty for any.
    """
    for event in lines:
        if not isinstance(event, Event) or event.answer is None or not event.inference_id:
            continue
        try:
            answers = read_answers(event.answer, classes)
        except NoAnswer:
            continue
        for index, answer in enumerate(answers):
            name = event.inference_id if len(answers) == 1 else f"{event.inference_id}#{index}"
            label = labels.get(name)
            if label and answer.species and not (version and answer.version and answer.version != version):
                yield Pair(label.species, answer.species, label.site)


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
    false_alarms: float = 0.005,
    least_photos: int = 20,
    least_fall: float = 0.1,
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
