"""Scores, calibration and mistakes, against figures worked out by hand."""

import numpy as np
import pytest
from numpy.typing import NDArray

from bestiary.evaluation import measure, mistakes, top_confusions
from bestiary.evaluation.calibration import calibrate
from bestiary.evaluation.quality import multiclass_classification_metrics

CLASSES = ("bear", "cat", "dog")
LABELS = np.array([0, 0, 0, 0, 1, 1, 2, 2])
SCORES = np.array(
    [
        [0.9, 0.1, 0.0],
        [0.8, 0.1, 0.1],
        [0.7, 0.2, 0.1],
        [0.1, 0.9, 0.0],  # a bear called cat
        [0.2, 0.6, 0.2],
        [0.1, 0.2, 0.7],  # a cat called dog
        [0.0, 0.1, 0.9],
        [0.0, 0.5, 0.5],  # a dog called cat: the first of equals
    ]
)


def test_scores_are_those_counted_by_hand() -> None:
    """5 of 8 right; bear: precision 3/3, recall 3/4; cat 1/3, 1/2; dog 1/2, 1/2."""
    metrics = measure(LABELS, SCORES, CLASSES)

    assert metrics.count == 8
    assert metrics.right == 5
    assert metrics.accuracy == pytest.approx(0.625)
    assert metrics.confusion == ((3, 1, 0), (0, 1, 1), (0, 1, 1))
    bear, cat, dog = metrics.per_class.values()
    assert (bear.precision, bear.recall, bear.support) == (1.0, 0.75, 4)
    assert bear.f1 == pytest.approx(2 * 0.75 / 1.75)
    assert cat.f1 == pytest.approx(2 / 5)
    assert dog.f1 == pytest.approx(1 / 2)
    assert metrics.macro_f1 == pytest.approx((2 * 0.75 / 1.75 + 2 / 5 + 1 / 2) / 3)


def test_the_interval_is_wilsons() -> None:
    """The textbook example: 8 of 10 has the 95 % Wilson interval 0.490 to 0.943."""
    labels = np.zeros(10, int)
    scores = np.tile([[0.9, 0.1]], (10, 1))
    scores[:2] = [0.1, 0.9]

    low, high = measure(labels, scores, ("bear", "cat")).interval

    assert low == pytest.approx(0.4902, abs=1e-4)
    assert high == pytest.approx(0.9433, abs=1e-4)


def test_a_perfect_score_still_has_a_lower_bound_below_one() -> None:
    """12 of 12 right proves little: Wilson's lower bound is 0.757."""
    low, high = measure(np.zeros(12, int), np.tile([[1.0, 0.0]], (12, 1)), ("bear", "cat")).interval

    assert low == pytest.approx(0.7575, abs=1e-4)
    assert high == 1.0


def test_a_class_without_test_photos_is_not_measured_and_does_not_lower_the_mean() -> None:
    """Nobody knows how otters fare, so they have no figures, and macro F1 is over the others."""
    labels, scores = LABELS, np.hstack([SCORES, np.zeros((8, 1))])

    metrics = measure(labels, scores, (*CLASSES, "otter"))

    otter = metrics.per_class["otter"]
    assert (otter.precision, otter.recall, otter.f1, otter.support) == (None, None, None, 0)
    assert metrics.unmeasured == ("otter",)
    assert metrics.macro_f1 == pytest.approx(measure(LABELS, SCORES, CLASSES).macro_f1)
    assert multiclass_classification_metrics(metrics)["weighted_f1"]["value"] == pytest.approx(
        (4 * 2 * 0.75 / 1.75 + 2 * 2 / 5 + 2 * 1 / 2) / 8
    )


def test_a_class_never_named_has_precision_zero() -> None:
    """Nothing divides by zero."""
    metrics = measure(np.array([0, 1]), np.array([[0.9, 0.1], [0.8, 0.2]]), ("bear", "cat"))

    assert metrics.per_class["cat"].precision == 0.0
    assert metrics.per_class["cat"].f1 == 0.0


@pytest.mark.parametrize(
    ("labels", "scores", "words"),
    [
        (np.zeros(0, int), np.zeros((0, 3)), "holds no photo"),
        (np.array([0, 1]), np.zeros((2, 2)), "do not fit 2 photos of 3 classes"),
        (np.array([0, 3]), np.zeros((2, 3)), "labels run from 0 to 3"),
        (np.array([0]), np.array([[np.nan, 0.5, 0.5]]), "no probabilities"),
        (np.array([0]), np.array([[3.0, -2.0, 0.5]]), "no probabilities"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_words(
    labels: NDArray[np.int64], scores: NDArray[np.float64], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        measure(labels, scores, CLASSES)


def test_calibration_error_is_the_mean_gap_weighted_by_photos() -> None:
    """Three photos at 0.95 of which two are right, one at 0.55 that is right: (3×0.283 + 0.45) / 4."""
    calibration = calibrate(np.array([0.95, 0.95, 0.95, 0.55]), np.array([True, True, False, True]))

    assert calibration.ece == pytest.approx((3 * abs(2 / 3 - 0.95) + abs(1 - 0.55)) / 4)
    assert [(each.low, each.high, each.count) for each in calibration.bins] == [
        (pytest.approx(0.5), pytest.approx(0.6), 1),
        (pytest.approx(0.9), 1.0, 3),
    ]


def test_edges_of_bins_belong_to_the_bin_below() -> None:
    """Confidence 1 falls into the last bin, 0.5 into the one that ends there, and 0 into the first."""
    bins = calibrate(np.array([1.0, 0.5, 0.0]), np.array([True, True, True])).bins

    assert [each.high for each in bins] == pytest.approx([0.1, 0.5, 1.0])


def test_mistakes_come_with_file_and_confidence_the_surest_first() -> None:
    files = [f"{index}.jpg" for index in range(8)]

    found = mistakes(LABELS, SCORES, CLASSES, files)

    assert [(each.file, each.true, each.predicted) for each in found] == [
        ("3.jpg", "bear", "cat"),
        ("5.jpg", "cat", "dog"),
        ("7.jpg", "dog", "cat"),
    ]
    assert [each.confidence for each in found] == pytest.approx([0.9, 0.7, 0.5])


def test_top_confusions_leave_the_diagonal_out() -> None:
    found = top_confusions([[9, 2, 0], [4, 5, 1], [0, 0, 3]], CLASSES, limit=2)

    assert [(each.true, each.predicted, each.count) for each in found] == [
        ("cat", "bear", 4),
        ("bear", "cat", 2),
    ]


def test_quality_metrics_have_sagemakers_layout() -> None:
    """Studio draws a model package's metrics only in this layout; a value has its deviation beside it."""
    quality = multiclass_classification_metrics(measure(LABELS, SCORES, CLASSES))

    assert quality["accuracy"] == {"value": 0.625, "standard_deviation": "NaN"}
    assert quality["weighted_recall"]["value"] == pytest.approx(0.625)
    assert quality["confusion_matrix"]["bear"] == {"bear": 3, "cat": 1, "dog": 0}
