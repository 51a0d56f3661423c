"""The page of a run says the verdict first, hides no warning and shows all that was found."""

import re
from dataclasses import replace

import numpy as np
import pytest
from evaluation_examples import candidate, rated, run
from page_reader import Reader, page, squeezed

from bestiary.evaluation import Approved, TestData, measure
from bestiary.report.exploration import Exploration

RANDOM = {
    "name": "efficientnetb3",
    "weights": "random",
    "warning": "Random weights: no answer from the download host.",
}


@pytest.fixture(scope="module")
def usual() -> str:
    return page()


@pytest.fixture(scope="module")
def usual_reader(usual: str) -> Reader:
    return Reader(usual)


def test_the_verdict_comes_first(usual_reader: Reader) -> None:
    """Champion, accuracy, the gate's decision with its reason and the interval are read first."""
    text = squeezed(usual_reader.text.partition("The candidates side by side")[0])

    places = [
        text.index(words)
        for words in (
            "The champion: tuned",
            "It names 97 % of unseen animals right",
            "The gate lets it pass",
            "tuned names 116 of the 120 test photos right (0.967), which reaches the threshold of 0.300",
            "between 92 % and 99 %",
        )
    ]
    assert places == sorted(places)


def test_a_refusal_is_said_in_words_and_not_in_colour_alone() -> None:
    text = squeezed(Reader(page(run(threshold=0.99))).text)

    assert "✗ The gate refuses it: nothing is registered" in text
    assert "under the threshold of 0.990" in text


def test_random_weights_are_announced_before_the_gate_and_beside_every_mention() -> None:
    """Somebody who reads only the top of the page, or only the table, still learns it."""
    evaluation = run(
        [candidate("custom_cnn"), candidate("tuned", backbone=RANDOM, warnings=(RANDOM["warning"],))]
    )
    text = squeezed(Reader(page(evaluation)).text)

    assert text.index("⚠ Random weights: tuned cannot be judged") < text.index("The gate lets it pass")
    assert text.count(RANDOM["warning"]) == 1, "said once, not again for every candidate"
    assert text.count("⚠ random weights") == 2, "in the strip and in the table"


def test_every_warning_is_shown_at_the_top_once() -> None:
    evaluation = run(
        [
            candidate("custom_cnn", warnings=("stopped early",)),
            candidate("tuned", warnings=("stopped early",)),
        ]
    )
    data = replace(evaluation.data, warnings=("class otter has one photo",))
    text = squeezed(Reader(page(replace(evaluation, data=data, warnings=("resized from 224 to 160",)))).text)
    top = text.partition("The gate")[0]

    assert "resized from 224 to 160" in top
    assert "custom_cnn, tuned: stopped early" in top
    assert "data: class otter has one photo" in top
    assert text.count("stopped early") == 1


def test_a_flood_of_data_warnings_does_not_bury_the_verdict() -> None:
    """Three of them and how many more stand at the top; the rest is listed with the data."""
    evaluation = run([candidate("custom_cnn")])
    data = replace(
        evaluation.data, warnings=tuple(f"bear/{index}.jpg: 16 bits a channel" for index in range(90))
    )
    text = squeezed(Reader(page(replace(evaluation, data=data))).text)
    top, _, rest = text.partition("The candidates side by side")

    assert top.count("16 bits a channel") == 3
    assert "and 87 more, listed under The data" in top
    assert rest.count("16 bits a channel") == 40
    assert "and 50 more in the job's log" in rest


def test_everything_the_run_found_is_there(usual_reader: Reader) -> None:
    text = squeezed(usual_reader.text)

    for heading in (
        "The candidates side by side",
        "For and against, as measured",
        "Animal by animal",
        "What is taken for what",
        "The champion's mistakes",
        "How they learnt",
        "Does it mean what it says?",
        "The data",
        "Against the approved version",
        "Lineage",
        "How to read this",
    ):
        assert heading in text
    assert "bear/broken one.jpg" in text
    assert "truncated: the file ends in the middle of the picture" in text
    assert "most accurate: 0.97 on 120 photos" in text
    assert "8d1f0c2e9a7b" in text
    assert "5f3c" * 16 in text
    assert "s3://bestiary-123456789012-us-east-1/bestiary/data/sample/" in text
    plots = [attributes["aria-label"] for attributes in usual_reader.all("svg")]
    assert sum("Learning curves" in label for label in plots) == 3
    assert sum("Reliability" in label for label in plots) == 3
    assert sum("Colour histograms" in label for label in plots) == 2


def test_the_confusion_matrices_hold_the_counts(usual: str) -> None:
    """Every model has one, and its cells add up to the test photos."""
    tables = re.findall(r'<table class="matrix">.*?</table>', usual, flags=re.DOTALL)

    assert len(tables) == 3
    for table in tables:
        assert sum(int(cell) for cell in re.findall(r"<td[^>]*>(\d+)</td>", table)) == 120


def test_mistakes_are_shown_as_pictures_with_what_they_were_taken_for(usual_reader: Reader) -> None:
    text = squeezed(usual_reader.text.partition("The champion's mistakes")[2])

    assert "All 4 mistakes of tuned" in text
    shown = [image for image in usual_reader.all("img") if "that was called" in image["alt"]]
    assert len(shown) == 4
    assert all(image["src"].startswith("data:image/jpeg;base64,") for image in shown)


def test_many_mistakes_are_cut_to_the_surest_24() -> None:
    reader = Reader(page(run([candidate("custom_cnn")])))

    assert "The 24 surest of 53 mistakes of custom_cnn" in squeezed(reader.text)
    assert len([image for image in reader.all("img") if "that was called" in image["alt"]]) == 24


def test_a_thin_run_still_makes_a_page() -> None:
    """One candidate, a test photo a class, no history, no histograms, no sheet, an unmeasured class."""
    labels, scores = np.array([0, 1]), np.array([[0.9, 0.1, 0.0], [0.2, 0.8, 0.0]])
    one = rated("tuned", labels, scores, ("bear", "cat", "otter"), history=(), recipe={})
    data = TestData(
        ("bear", "cat", "otter"), {name: {"train": 2, "test": 1} for name in ("bear", "cat")}, "ab" * 32
    )
    evaluation = replace(run([one]), data=data)

    text = squeezed(Reader(page(evaluation, explored=Exploration())).text)

    assert "not measured: no test photo" in text
    assert "No history came with this model." in text
    assert "None: tuned names every one of the 2 test photos right." in text
    assert "Nothing: every file could be used." in text


def test_forty_classes_fit() -> None:
    classes = tuple(f"a rather long species name {index}" for index in range(40))
    labels = np.repeat(np.arange(40), 3)
    scores = np.full((120, 40), 0.01)
    scores[np.arange(120), labels] = 0.61
    one = rated("tuned", labels, scores, classes)

    assert measure(labels, scores, classes).accuracy == 1.0
    assert len(page(run([one]))) < 3_000_000


def test_the_approved_version_stands_beside_the_champion() -> None:
    text = squeezed(Reader(page(run(approved=Approved("version 3", 0.90, 0.89)))).text)

    assert "Approved: version 3" in text
    assert "+6.7 points" in text
