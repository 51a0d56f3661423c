"""How often an endpoint was right: answers matched with labels, and compared with the test photos."""

import json
from pathlib import Path

import pytest
from captured_traffic import answer as said_of
from captured_traffic import answered, body, line, picture, write

from bestiary.drift import UnusableBaseline
from bestiary.drift.capture import read_capture
from bestiary.labels import Label
from bestiary.quality.falls import falls, read_baseline
from bestiary.quality.matching import Pair, match
from bestiary.quality.measuring import Share, measure


def test_answers_find_their_labels_by_inference_id(tmp_path: Path) -> None:
    """Photos of one request are counted from 0; other versions, unlabelled and unnamed ones stay out."""
    photo = picture(1)
    said = said_of(1, photo)
    two = body("application/json", json.dumps({"predictions": [said, said]}).encode())
    single = body("application/json", json.dumps(said).encode())
    lines = [
        answered(1), answered(2), answered(3, version="2"), line(two, name="two"), line(single), "{cut",
    ]  # fmt: skip
    write(tmp_path, lines)
    labels = {
        "photo-1.jpg": Label("bear", "north"),
        "photo-3.jpg": Label("bear"),
        "two#1": Label("crab"),
        "": Label("panda"),
    }
    found = match(read_capture(tmp_path), labels, version="3")
    assert (Pair("bear", said["species"], "north"), Pair("crab", said["species"])) == found.pairs
    assert (5, 1) == (found.answered, found.bad_lines)


def test_a_photo_that_was_asked_about_twice_counts_once_and_sagemakers_own_id_serves_too(
    tmp_path: Path,
) -> None:
    """The last answer counts; without an inference id, the id that Model Monitor would merge by."""
    photo = picture(1)
    said = [body("application/json", json.dumps(said_of(1, photo, species=name)).encode()) for name in "ab"]
    write(tmp_path, [line(said[0], name="one"), line(said[1], name="one"), line(said[0])])
    unnamed = json.loads(line(said[0]))["eventMetadata"]["eventId"]
    found = match(read_capture(tmp_path), {"one": Label("b"), unnamed: Label("a")})
    assert (Pair("b", "b"), Pair("a", "a")) == found.pairs


def test_quality_is_measured_in_all_by_species_and_by_site() -> None:
    pairs = [
        Pair("bear", "bear", "north"),
        Pair("bear", "crab", "south"),
        Pair("crab", "crab", "south"),
        Pair("seal", "crab"),
    ]
    quality = measure(pairs)
    assert quality is not None
    assert Share(2, 4) == quality.overall
    # bear: precision 1, recall 1/2; crab: precision 1/3, recall 1; seal: nothing right.
    assert quality.macro_f1 == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert {"north": Share(1, 1), "south": Share(1, 2)} == quality.sites
    assert (1, 2) == (quality.species["bear"].right, quality.species["bear"].total)
    assert measure([]) is None


def pairs(right: int, wrong: int, species: str = "bear", site: str = "north") -> list[Pair]:
    return [Pair(species, species, site)] * right + [Pair(species, "crab", site)] * wrong


BASELINE = read_baseline(
    {
        "multiclass_classification_metrics": {
            "confusion_matrix": {
                "bear": {"bear": 90, "crab": 10},
                "seal": {"seal": 95, "crab": 5},
                "crab": {},
            }
        }
    }
)


def test_a_fall_is_found_where_it_is_and_nowhere_else() -> None:
    quality = measure([*pairs(20, 30), *pairs(47, 3, "seal", "south")])
    assert quality is not None
    assert {"accuracy", "species bear", "site north"} == {one.of for one in falls(quality, BASELINE)}


@pytest.mark.parametrize("found", [pairs(45, 5), pairs(2, 8), pairs(50, 0)])
def test_chance_few_labels_and_a_rise_are_no_fall(found: list[Pair]) -> None:
    quality = measure(found)
    assert quality is not None
    assert [] == falls(quality, BASELINE)


def test_the_interval_is_wilson_s() -> None:
    low, high = Share(8, 10).interval
    assert (0.4902, 0.9433) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


@pytest.mark.parametrize(
    "metrics", [{}, {"multiclass_classification_metrics": {"confusion_matrix": {"bear": {}}}}]
)
def test_metrics_without_test_photos_are_no_baseline(metrics: dict) -> None:
    with pytest.raises(UnusableBaseline):
        read_baseline(metrics)
