"""The champion is the best one, and what is said for and against each candidate is measured."""

import json
from typing import Any

import numpy as np
import pytest
from evaluation_examples import candidate, rated, run
from numpy.typing import NDArray

from bestiary.evaluation import Approved, Candidate, choose, compare, lead


def answers(
    right: int, of: int = 100, confidence: float = 0.9
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Scores over two classes that are right for the first `right` photos."""
    labels = np.arange(of) % 2
    scores = np.full((of, 2), 1 - confidence)
    scores[np.arange(of), np.where(np.arange(of) < right, labels, 1 - labels)] = confidence
    return labels, scores


def two(name: str, right: int, **changes: Any) -> Candidate:
    return rated(name, *answers(right), ("bear", "cat"), **changes)


def test_the_champion_is_the_most_accurate() -> None:
    assert choose([two("a", 80), two("b", 90, size=10**9), two("c", 85)]).name == "b"


def test_ties_go_to_the_better_macro_f1() -> None:
    """Both name 90 of 100 right; one of them hardly ever finds the rarer animal."""
    labels = np.array([0] * 90 + [1] * 10)
    blind = np.tile([[0.9, 0.1]], (100, 1))
    fair = blind.copy()
    fair[90:95] = [0.1, 0.9]
    fair[:5] = [0.1, 0.9]

    assert (
        choose(
            [rated("blind", labels, blind, ("bear", "cat")), rated("fair", labels, fair, ("bear", "cat"))]
        ).name
        == "fair"
    )


def test_ties_of_scores_go_to_the_smaller_one_and_then_to_the_name() -> None:
    assert choose([two("a", 90, size=9), two("b", 90, size=8)]).name == "b"
    assert choose([two("b", 90, size=9), two("a", 90, size=9)]).name == "a"


def test_speed_decides_nothing() -> None:
    """Timings differ from run to run; the champion may not."""
    assert (
        choose(
            [two("a", 90, size=9, seconds_per_image=5.0), two("b", 90, size=9, seconds_per_image=0.1)]
        ).name
        == "a"
    )


def test_a_clear_lead_is_told_from_luck() -> None:
    """40 photos against none cannot be chance; 2 against none can."""
    words, convincing = lead(two("a", 90), two("b", 50))
    assert convincing
    assert words == "clearly ahead of b: 40 photos only a names right against 0 only b does (p < 0.001)"

    words, convincing = lead(two("a", 90), two("b", 88))
    assert not convincing
    assert (
        words == "its lead over b may be chance: 2 photos only a names right against 0 only b does (p = 0.50)"
    )


def test_statements_carry_their_numbers() -> None:
    verdicts = compare(
        [
            two("small", 50, size=5_000_000, training_seconds=3.0, seconds_per_image=0.004),
            two("large", 95, size=60_000_000, training_seconds=41.0, seconds_per_image=0.08),
        ]
    )

    assert "smallest: 5.0 MB, 12× smaller than large" in verdicts["small"].pros
    assert "quickest to train: 3.0 s, 14× quicker than large" in verdicts["small"].pros
    assert "fastest to answer: 4 ms a picture, 20× faster than large" in verdicts["small"].pros
    assert "least accurate: 0.50, 0.45 behind large" in verdicts["small"].cons
    assert "overconfident: 0.90 sure on average, 0.50 right (ECE 0.40)" in verdicts["small"].cons
    assert (
        "hardly better than naming the commonest animal always: 0.50 against 0.50" in verdicts["small"].cons
    )
    assert "most accurate: 0.95 on 100 photos" in verdicts["large"].pros
    assert "largest: 60 MB" in verdicts["large"].cons
    assert "slowest to train: 41 s" in verdicts["large"].cons
    assert "means what it says: calibration error (ECE) 0.05" in verdicts["large"].pros


def test_what_differs_by_less_than_a_fifth_is_not_mentioned() -> None:
    """On a shared machine 41 s and 44 s of training are the same."""
    verdicts = compare([two("a", 90, training_seconds=41.0), two("b", 70, training_seconds=44.0)])

    assert not [
        text for verdict in verdicts.values() for text in verdict.pros + verdict.cons if "train:" in text
    ]


def test_untrained_backbones_are_named() -> None:
    random = {"name": "efficientnetb3", "weights": "random", "warning": "no network", "parameters": 1}

    verdict = compare([candidate("tuned", backbone=random)])["tuned"]

    assert "random weights: its backbone has never seen a photo" in verdict.cons


def test_a_model_that_knows_nothing_is_not_praised_for_saying_so() -> None:
    """One in ten sure and one in ten right is perfectly calibrated, and useless."""
    labels = np.repeat(np.arange(10), 10)
    verdict = compare([rated("a", labels, np.full((100, 10), 0.1))])["a"]

    assert verdict.pros == []
    assert "hardly better than naming the commonest animal always: 0.10 against 0.10" in verdict.cons


def test_equally_accurate_ones_are_both_said_to_be_so() -> None:
    verdicts = compare([two("a", 90), two("b", 90)])

    assert "as accurate as any: 0.90 on 100 photos" in verdicts["a"].pros
    assert "as accurate as any: 0.90 on 100 photos" in verdicts["b"].pros
    assert not [text for text in verdicts["b"].cons if "least accurate" in text]


def test_the_weakest_animal_is_named() -> None:
    labels = np.repeat([0, 1, 2], 12)
    scores = np.eye(3)[labels] * 0.7 + 0.1
    scores[24:33] = [0.1, 0.8, 0.1]

    verdict = compare([rated("a", labels, scores, ("bear", "cat", "dog"))])["a"]

    assert "weakest on dog: finds 3 of 12" in verdict.cons


def test_the_document_is_plain_json_with_the_contracts_keys() -> None:
    """Other rooms read evaluation.json: the gate's condition, the registration, the CLI's table."""
    document = json.loads(
        json.dumps(run(approved=Approved("version 2", 0.9, 0.89)).as_json(), allow_nan=False)
    )

    assert document["champion"].keys() == {"name", "accuracy", "macro_f1", "sha256"}
    assert document["gate"].keys() == {
        "passed",
        "reason",
        "threshold",
        "allowed_regression",
        "approved_accuracy",
    }
    assert document["models"].keys() == {"custom_cnn", "efficientnetb3", "tuned"}
    assert document["models"]["tuned"].keys() >= {
        "accuracy", "macro_f1", "per_class", "confusion", "calibration", "bytes", "training_seconds",
        "seconds_per_image", "parameters", "warnings", "pros", "cons", "backbone", "equalize", "image_size",
        "recipe",
    }  # fmt: skip
    data = {"classes", "counts", "digest", "quarantined", "test_digest", "test_images"}
    assert document["data"].keys() == data
    assert document["lineage"].keys() == {"data_digest", "commit", "image", "parameters"}
    assert document["approved"]["version"] == "version 2"
    assert (
        document["multiclass_classification_metrics"]["accuracy"]["value"] == document["champion"]["accuracy"]
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_same_candidates_give_the_same_champion_in_any_order(seed: int) -> None:
    candidates = list(run().candidates)
    np.random.default_rng(seed).shuffle(candidates)

    assert choose(candidates).name == "tuned"
