"""The gallery: what is furthest from the baseline comes first, and little is kept of the rest."""

from dataclasses import replace

import numpy as np
import pytest
from captured_traffic import LABELS, START, answer, embedding, measured, picture, scores

from bestiary.drift import Baseline
from bestiary.drift.answers import Answer
from bestiary.drift.capture import Event
from bestiary.drift.making import of_training
from bestiary.drift.neighbours import Neighbourhood
from bestiary.drift.sample import Sample
from bestiary.drift.unusual import Gallery


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    seeds = range(1000, 1080)
    said, seen = (np.array([of(seed) for seed in seeds]) for of in (scores, embedding))
    return of_training([measured(picture(seed)) for seed in seeds], said, LABELS, seen)


def shown(seed: int, light: float = 1.0, **changes: object) -> tuple[bytes, Answer, Event]:
    photo = picture(seed, light)
    said = answer(seed, photo)
    found = Answer(
        said["species"], said["confidence"], said["scores"], measured(photo), tuple(said["embedding"])
    )
    return photo, replace(found, **changes), Event(START, f"event-{seed}", f"photo-{seed}", None, None)


def test_the_darkest_photo_comes_first_and_says_why(baseline: Baseline) -> None:
    gallery = Gallery(baseline, shown=3)
    for seed in range(12):
        gallery.look(*shown(seed, 0.15 if seed == 5 else 1.0))
    photos = gallery.photos()
    assert (12, 3) == (gallery.seen, len(photos))
    assert "photo-5" == photos[0].name
    assert photos[0].score > 1
    assert "darker" in photos[0].why
    assert photos[0].picture.startswith("data:image/jpeg;base64,")
    assert [one.score for one in photos] == sorted((one.score for one in photos), reverse=True)


def test_what_is_new_to_the_model_is_unusual_whatever_it_looks_like(baseline: Baseline) -> None:
    gallery = Gallery(baseline, shown=1)
    for seed in range(6):
        changes = {"embedding": tuple(np.full(8, 9.0)), "confidence": 0.2} if seed == 2 else {}
        gallery.look(*shown(seed, **changes))
    [photo] = gallery.photos()
    assert ("photo-2", {"new to the model", "the model is unsure"}) == (photo.name, set(photo.why))


def test_a_photo_that_cannot_be_decoded_is_passed_over(baseline: Baseline) -> None:
    gallery = Gallery(baseline)
    _, said, event = shown(1)
    gallery.look(b"GIF89a", said, event)
    assert (1, []) == (gallery.seen, gallery.photos())


def test_without_measures_the_least_sure_answers_are_shown(baseline: Baseline) -> None:
    bare = replace(baseline, sample=Sample({"confidence": np.full(60, 0.9)}, {"bear": 60}))
    gallery = Gallery(bare, shown=1)
    for seed, confidence in enumerate((0.9, 0.1, 0.8)):
        gallery.look(*shown(seed, confidence=confidence))
    assert ["photo-1"] == [one.name for one in gallery.photos()]


def test_most_photos_of_the_baseline_are_usual_by_its_own_measure() -> None:
    points = np.random.default_rng(0).standard_normal((300, 4))
    space = Neighbourhood.of(points[:200])
    assert space is not None
    distances = [space.distance(point) for point in points[200:]]
    assert np.mean(np.array(distances) > 1) < 0.15
    assert space.distance(np.full(4, 8.0)) > 3
    assert Neighbourhood.of(points[:10]) is None
