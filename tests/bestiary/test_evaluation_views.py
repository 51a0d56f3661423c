"""Each model is scored on what it would see in the field, and where that cannot be, it is said."""

import json
from pathlib import Path

import numpy as np
import pytest

from bestiary.evaluation.answering import answer
from bestiary.evaluation.units import duration, size
from bestiary.evaluation.views import read_views, seen_by
from bestiary.images import Preprocessing, equalize, resize

PICTURES = np.random.default_rng(1).integers(0, 90, (3, 32, 32, 3)).astype(np.uint8)


def write(
    folder: Path, preprocessing: Preprocessing, files: tuple[str, ...] = ("a.jpg", "b.jpg", "c.jpg")
) -> None:
    folder.mkdir()
    images = np.stack([resize(picture, preprocessing.size) for picture in PICTURES])
    np.save(folder / "images.npy", preprocessing.finish(images))
    np.save(folder / "labels.npy", np.array([0, 1, 1]))
    described = {
        "classes": ["bear", "cat"],
        "preprocessing": preprocessing.as_json(),
        "files": files,
        "data_digest": "ab",
    }
    (folder / "view.json").write_text(json.dumps(described), encoding="utf-8")


@pytest.fixture
def test_side(tmp_path: Path) -> Path:
    write(tmp_path / "custom_cnn", Preprocessing(16, equalize=True))
    write(tmp_path / "transfer", Preprocessing(32))
    return tmp_path


@pytest.mark.parametrize(
    "wanted", [Preprocessing(16, equalize=True), Preprocessing(32), Preprocessing(32, equalize=True)]
)
def test_what_prepare_made_is_seen_as_it_is(test_side: Path, wanted: Preprocessing) -> None:
    """The pixels are the very ones of the model's own preprocessing, so there is nothing to warn of."""
    images, warning = seen_by(wanted, read_views(test_side))

    expected = wanted.finish(np.stack([resize(picture, wanted.size) for picture in PICTURES]))
    np.testing.assert_array_equal(expected, images)
    assert warning == ""


@pytest.mark.parametrize(
    ("wanted", "source"),
    [
        (Preprocessing(24), 32),
        (Preprocessing(24, equalize=True), 32),
        (Preprocessing(48), 32),
        (Preprocessing(16), 32),
    ],
)
def test_other_sizes_are_made_of_the_nearest_larger_plain_view_and_that_is_said(
    test_side: Path, wanted: Preprocessing, source: int
) -> None:
    """The equalized small view serves no one who wants plain pictures; resize first, equalize then."""
    images, warning = seen_by(wanted, read_views(test_side))

    small = np.stack([resize(picture, wanted.size) for picture in PICTURES])
    np.testing.assert_array_equal(equalize(small) if wanted.equalize else small, images)
    assert f"resized from {source} to {wanted.size} pixels" in warning


def test_equalized_pictures_for_a_model_that_wants_plain_ones_are_admitted(tmp_path: Path) -> None:
    write(tmp_path / "custom_cnn", Preprocessing(16, equalize=True))

    images, warning = seen_by(Preprocessing(16), read_views(tmp_path))

    assert images.shape == (3, 16, 16, 3)
    assert "equalized, which it was not trained on" in warning


def test_views_of_different_runs_are_refused(test_side: Path) -> None:
    write(test_side / "other", Preprocessing(8), files=("x.jpg", "b.jpg", "c.jpg"))

    with pytest.raises(ValueError, match="do not show the same photos"):
        read_views(test_side)


def test_answers_keep_the_photos_order_and_times_are_those_of_one_picture() -> None:
    """A model that sleeps 2 ms a call and 1 ms a picture takes 3 ms alone and about 1 ms in a batch of 32."""
    import time

    def predict(images: np.ndarray) -> np.ndarray:
        time.sleep(0.002 + 0.001 * len(images))
        share = images[:, 0, 0, 0].astype(np.float32) / 255
        return np.stack([share, 1 - share], axis=1)

    images = np.zeros((70, 1, 1, 3), np.uint8)
    images[:, 0, 0, 0] = np.arange(70)

    answers = answer(predict, images)

    np.testing.assert_allclose(answers.scores[:, 0] * 255, np.arange(70), atol=1e-4)
    assert 0.003 <= answers.seconds_per_image < 0.02
    assert 0.001 <= answers.seconds_per_image_in_batches < answers.seconds_per_image


def test_the_first_call_which_compiles_is_not_timed() -> None:
    import time

    calls = []

    def predict(images: np.ndarray) -> np.ndarray:
        if not calls:
            time.sleep(0.5)
        calls.append(len(images))
        return np.full((len(images), 2), 0.5, np.float32)

    answers = answer(predict, np.zeros((5, 1, 1, 3), np.uint8))

    assert answers.seconds_per_image < 0.1
    assert answers.seconds_per_image_in_batches < 0.1


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.00059, "0.59 ms"), (0.0031, "3.1 ms"), (0.042, "42 ms"), (0.0994, "99.4 ms"), (0.1234, "0.12 s"),
     (3.14, "3.1 s"), (41.2, "41 s"), (200, "3 min 20 s"), (179.7, "3 min 0 s")],
)  # fmt: skip
def test_times_are_written_for_people(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(820, "820 B"), (1_400, "1.4 kB"), (5_100_000, "5.1 MB"), (61_000_000, "61 MB"), (2e9, "2.0 GB")],
)
def test_sizes_are_written_for_people(count: float, words: str) -> None:
    assert size(count) == words
