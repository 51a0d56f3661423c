"""A photo means to an endpoint what it meant in training: for every format and every runtime."""

from pathlib import Path

import numpy as np
import pytest
from serving_examples import photo

from bestiary.classifiers import artifact
from inference import classify, model_folder
from inference.settings import from_environment


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("runtime", ["litert", "tensorflow"])
def test_a_photo_gives_the_tensor_and_the_scores_of_training(
    runtime: str, kind: str, classifier_folder: Path, cache: Path
) -> None:
    """The tensor to the bit, the scores within 1e-4 of Keras's."""
    data = photo(3, kind)
    classifier = artifact.load(classifier_folder)
    settings = from_environment({"BESTIARY_RUNTIME": runtime, "BESTIARY_CACHE": str(cache)})
    task = classify.load(model_folder.read(classifier_folder), settings)
    expected = classifier.preprocessing.from_bytes(data)
    prepared = task.prepare(data)
    assert np.array_equal(expected, prepared.pixels)
    (answer,) = task.answer([prepared])
    scores = np.asarray(classifier.network(expected[np.newaxis], training=False))[0]
    assert scores.tolist() == pytest.approx(list(answer.scores.values()), abs=1e-4)
