"""From archives to measured models."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bestiary.classifiers import artifact
from bestiary.classifiers.classifier import Classifier
from bestiary.evaluation.answering import answer
from bestiary.evaluation.candidate import Candidate
from bestiary.evaluation.evaluation import Approved
from bestiary.evaluation.inputs import UnusableInput, naming, read_training, sha256
from bestiary.evaluation.metrics import measure
from bestiary.evaluation.views import View, seen_by

_OTHERS = (
    "it was tested on other photos and may have learnt from some of these: its score here may be too high"
)


def score_candidate(name: str, archive: Path, training: Path, views: Sequence[View]) -> Candidate:
    """Check a trained model, ask it about the test photos and measure all there is to measure.

    Parameters
    ----------
    name
        The candidate's name.
    archive, training
        Its ``model.tar.gz`` and its training's ``output.tar.gz``.
    views
        The test photos.

    Raises
    ------
    UnusableInput
        When an archive is damaged or does not belong to these photos; the message names the candidate.
    """
    with naming(f"candidate {name}"):
        trained = read_training(training)
        classifier = artifact.load_archive(archive)
        photos = views[0].photos
        if classifier.classes != photos.classes:
            raise UnusableInput(
                f"candidate {name} was trained on other animals ({', '.join(classifier.classes)}) "
                f"than those of the test photos ({', '.join(photos.classes)})"
            )
        images, difference = seen_by(classifier.preprocessing, views)
        answers = answer(classifier.predict, images)
        return Candidate(
            name=name,
            metrics=measure(photos.labels, answers.scores, photos.classes),
            labels=photos.labels,
            scores=answers.scores,
            size=archive.stat().st_size,
            sha256=sha256(archive),
            parameters=trained.parameters,
            training_seconds=trained.seconds,
            seconds_per_image=answers.seconds_per_image,
            seconds_per_image_in_batches=answers.seconds_per_image_in_batches,
            image_size=classifier.preprocessing.size,
            equalize=classifier.preprocessing.equalize,
            backbone=classifier.backbone,
            recipe=classifier.recipe,
            warnings=_once(*trained.warnings, _warning(classifier), difference),
            history=trained.history,
        )


def score_approved(folder: Path, views: Sequence[View], test_digest: str = "") -> Approved | None:
    """Score the version approved before on the same photos; None where none is approved.

    Parameters
    ----------
    folder
        Holds its ``model.tar.gz`` and ``version.json``, or neither.
    views
        The test photos.
    test_digest
        Of the test photos: a version that was tested on others may have learnt from these.

    Raises
    ------
    UnusableInput
        When there is an approved version but it cannot be scored: a gate that cannot compare must not decide.
    """
    described, archive = folder / "version.json", folder / "model.tar.gz"
    if not (described.exists() or archive.exists()):
        return None
    with naming(f"the approved version in {folder}"):
        told = json.loads(described.read_text("utf-8"))
        version, tested = f"version {told['version']}", told.get("test_digest", "")
    with naming(f"the approved {version}"):
        classifier = artifact.load_archive(archive)
        photos = views[0].photos
        images, difference = seen_by(classifier.preprocessing, views)
        classes = (*photos.classes, *(name for name in classifier.classes if name not in photos.classes))
        scores = _among(classifier.predict(np.ascontiguousarray(images)), classifier.classes, classes)
        metrics = measure(photos.labels, scores, classes)
        unknown = [name for name in photos.classes if name not in classifier.classes]
        return Approved(
            version=version,
            accuracy=metrics.accuracy,
            macro_f1=metrics.macro_f1,
            warnings=_once(
                difference,
                _OTHERS if tested and tested != test_digest else "",
                f"it does not know {', '.join(unknown)}, so it cannot name them" if unknown else "",
            ),
        )


def embed(archive: Path, views: Sequence[View]) -> NDArray[np.float32] | None:
    """Say what a model that was scored sees in the test photos; None where its network does not tell.

    Returns
    -------
    float32 (N, D), see `bestiary.classifiers.embedding`.
    """
    classifier = artifact.load_archive(archive)
    images, _ = seen_by(classifier.preprocessing, views)
    seen = classifier.embed(np.ascontiguousarray(images))
    return seen if seen.shape[1] else None


def _among(scores: NDArray[np.float32], known: Sequence[str], classes: Sequence[str]) -> NDArray[np.float32]:
    """Sort scores into other classes; one that was not known scores nothing."""
    sorted_in = np.zeros((len(scores), len(classes)), np.float32)
    sorted_in[:, [classes.index(name) for name in known]] = scores
    return sorted_in


def _warning(classifier: Classifier) -> str:
    return str((classifier.backbone or {}).get("warning", ""))


def _once(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
