"""The tuned recipe: a frozen backbone that looks at a photo several times, and a regularised linear head.

The views and the pooling are part of the network (`tuned_network`), the backbone runs once a photo and view,
and the head is multinomial logistic regression, fitted to its optimum by L-BFGS. How strongly it is
regularised is chosen by validation on the training part alone. What else was tried is in ``docs/tuned.md``.

Expected: test accuracy 0.92, 0.93 and 0.94 (seeds 1, 2 and 3 of split and training alike) on 100 of 480 web
photographs of ten kinds of animals, with MobileNetV2 pretrained on ImageNet at 224 px. The command::

    bestiary run --data DIR --backbone FILE.keras --set Seed=1
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bestiary.classifiers import equalization
from bestiary.classifiers.features import runner
from bestiary.classifiers.linear_head import Head, fit_head
from bestiary.classifiers.recipe import Epoch, Photos, Report, Settings, Trained, TrainingError
from bestiary.classifiers.tuned_network import VIEWS, build
from bestiary.classifiers.validation import hold_out

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from bestiary.classifiers.backbone import Backbone
    from bestiary.classifiers.checkpoint import Checkpoints
    from bestiary.classifiers.features import Array, Floats
    from bestiary.classifiers.validation import HeldOut

    Indices = npt.NDArray[np.int64]
    Figures = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Recipe:
    """What the recipe fixes.

    Attributes
    ----------
    penalties
        Weights of the squared head that are tried, against the mean cross-entropy of standardised features.
    validations
        How many random thirds of the training photos each is tried on.
    views, views_of_large
        How often a backbone looks at a photo: as it is and mirrored, and at its enlarged middle likewise. A
        view costs a whole run through the backbone, in training and in every prediction.
    large
        Parameters from which a backbone is large.
    middle
        Side of that middle, as a share of the photo's.
    steps_an_epoch
        L-BFGS steps for each of the job's epochs. The optimum is reached after 30 to 60.
    """

    penalties: tuple[float, ...] = (0.0005, 0.002, 0.008, 0.03, 0.1)
    validations: int = 3
    views: int = 4
    views_of_large: int = 2
    large: int = 5_000_000
    middle: float = 6 / 7
    steps_an_epoch: int = 10

    def views_for(self, backbone: Backbone) -> int:
        """Return how often this backbone is to look: random weights see nothing more the second time."""
        if backbone.about.weights == "random":
            return 1
        return self.views if backbone.about.parameters < self.large else self.views_of_large


RECIPE = Recipe()


def train(
    photos: Photos,
    settings: Settings,
    backbone: Backbone | None,
    report: Report,
    checkpoints: Checkpoints | None = None,
) -> Trained:
    """Fit the head; see the package for the form all recipes share.

    ``epochs`` bounds the steps; ``batch_size`` and ``learning_rate`` mean nothing here, since each step is
    over all photos and as long as its line search finds best. The epochs reported are of a fit with a third
    held out; the head of the network is fitted to all photos. It keeps no checkpoints and, of several hosts,
    each does all of it: the fit takes seconds, and begun anew comes to the same head.

    Raises
    ------
    TrainingError
        There is no backbone, or it answers with something other than numbers.
    """
    del checkpoints
    if backbone is None:
        raise TrainingError("transfer learning needs a backbone: give the job a channel with backbone.keras")
    count = RECIPE.views_for(backbone)
    network, looking = build(
        backbone.network, photos.preprocessing.size, len(photos.classes), count, RECIPE.middle
    )
    # A batch grows by the views: this keeps it as large as other recipes' are.
    frozen = runner(looking, batch_size=32 // count)
    seen = equalization.see(settings.equalize, photos, frozen, _mean, settings.seed)
    report(str(seen.choice))
    vectors = _Vectors(seen.tensors, photos.labels, len(photos.classes))
    if not all(np.isfinite(view).all() for view in vectors.views):
        raise TrainingError("the backbone answers with infinite or undefined numbers: its weights are broken")
    steps = RECIPE.steps_an_epoch * settings.epochs
    parts = [
        hold_out(photos.labels, photos.groups, settings.seed + number) for number in range(RECIPE.validations)
    ]
    penalty, figures = _choose_penalty(vectors, parts, steps)
    report(f"penalty={penalty}: best in validation on the training photos ({_told(figures)})")
    history = _curves(vectors, parts[0], penalty, steps)
    for epoch in history:
        report(epoch)
    head = vectors.fit(np.arange(len(photos.labels)), penalty, steps)
    network.get_layer("head_species").set_weights([head.weights, head.bias])
    recipe = {
        **asdict(RECIPE),
        "seen": list(VIEWS[:count]),
        "penalty": penalty,
        "validation": figures,
        "epochs": settings.epochs,
        "seed": settings.seed,
        "equalize": seen.choice.as_json(),
    }
    return Trained(network, seen.preprocessing, history, recipe, backbone.warnings)


def _mean(views: Sequence[Array]) -> tuple[Floats, ...]:
    mean: Floats = np.mean(views, axis=0)
    return (mean,)


class _Vectors(NamedTuple):
    """What the backbone made of all photos, one array N×D a view, and what they show."""

    views: tuple[Floats, ...]
    labels: Indices
    classes: int

    def fit(
        self, part: Indices, penalty: float, steps: int, each: Callable[[Head], None] | None = None
    ) -> Head:
        """Fit a head to some photos, each view an example of its own."""
        examples = np.concatenate([view[part] for view in self.views])
        labels = np.tile(self.labels[part], len(self.views))
        return fit_head(examples, labels, self.classes, penalty, steps, each)

    def score(self, head: Head, part: Indices) -> tuple[float, float]:
        """Return mean cross-entropy and accuracy on some photos, all views together as in the network."""
        return head.score(_mean([view[part] for view in self.views])[0], self.labels[part])


def _choose_penalty(vectors: _Vectors, parts: Sequence[HeldOut], steps: int) -> tuple[float, Figures]:
    """Try each penalty on each part; the lowest cross-entropy wins: accuracy on few photos is coarse."""
    # Two views rank the penalties as all of them do, for half the time.
    few = vectors._replace(views=vectors.views[:2])
    figures = {}
    for penalty in RECIPE.penalties:
        scores = [
            few.score(few.fit(part.training, penalty, steps), part.validation)
            for part in parts
            if len(part.validation)
        ]
        loss, accuracy = np.mean(scores, axis=0) if scores else (0.0, 0.0)
        figures[str(penalty)] = {"loss": round(float(loss), 4), "accuracy": round(float(accuracy), 4)}
    best = min(RECIPE.penalties, key=lambda penalty: (figures[str(penalty)]["loss"], -penalty))
    return best, figures


def _curves(vectors: _Vectors, held: HeldOut, penalty: float, steps: int) -> tuple[Epoch, ...]:
    """Fit with some photos held out, and look at both parts after each epoch's steps."""
    heads: list[Head] = []
    last = vectors.fit(held.training, penalty, steps, heads.append)
    reached = heads[RECIPE.steps_an_epoch - 1 : -1 : RECIPE.steps_an_epoch]
    history = []
    for number, head in enumerate([*reached, last], start=1):
        validation = vectors.score(head, held.validation) if len(held.validation) else (None, None)
        history.append(Epoch(number, *vectors.score(head, held.training), *validation))
    return tuple(history)


def _told(figures: Figures) -> str:
    return ", ".join(
        f"{name}: accuracy {each['accuracy']:.4f}, loss {each['loss']:.4f}" for name, each in figures.items()
    )
