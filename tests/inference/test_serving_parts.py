"""Metrics, admission and media types, each by itself."""

import json

import pytest

from inference.admission import Gate
from inference.errors import Refusal
from inference.media_types import sent, wanted
from inference.metrics import MOST_VALUES, Metrics

ABOUT = {"Task": "classification", "ModelVersion": "3"}


def test_metrics_are_lines_of_the_embedded_format() -> None:
    """Each metric that is announced is there with its unit, each dimension has a value; counts add up."""
    metrics = Metrics()
    for status, seconds in ((200, 0.0123), (400, 0.001), (503, 0.0), (500, 0.5)):
        metrics.count_request(status, seconds)
    metrics.count_batch(3, 2)
    (line,) = metrics.lines(ABOUT)
    record = json.loads(line)
    (directive,) = record["_aws"]["CloudWatchMetrics"]
    assert isinstance(record["_aws"]["Timestamp"], int)
    assert directive["Namespace"] == "Bestiary/Serving"
    assert {dimension for group in directive["Dimensions"] for dimension in group} == set(ABOUT)
    assert {name: record[name] for name in ABOUT} == ABOUT
    named = {metric["Name"]: record[metric["Name"]] for metric in directive["Metrics"]}
    assert named == {
        "Latency": [12.3, 1.0, 0.0, 500.0],
        "BatchSize": [3],
        "QueueDepth": [2],
        "Requests": [4],
        "Errors4XX": [1],
        "Errors5XX": [2],
        "Rejected": [1],
    }


def test_no_line_holds_more_values_than_cloudwatch_takes_and_none_is_lost() -> None:
    metrics = Metrics()
    for index in range(250):
        metrics.count_request(200, index / 1000)
    records = [json.loads(line) for line in metrics.lines(ABOUT)]
    assert [len(record["Latency"]) for record in records] == [MOST_VALUES, MOST_VALUES, 50]
    assert [value for record in records for value in record.get("Requests", [])] == [250]
    assert list(metrics.lines(ABOUT)) == [], "what was told is forgotten"


def test_the_gate_counts_requests_and_bytes_and_gives_both_back() -> None:
    gate = Gate(requests=2, size=100)
    with gate.admit() as first:
        first.hold(60)
        with gate.admit() as second:
            second.hold(40)
            with pytest.raises(Refusal) as refused, gate.admit():
                pass
            assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "1"})
            with pytest.raises(Refusal, match="no room for more"):
                second.hold(1)
        first.hold(40)
    assert (gate.inside, gate.room) == (0, 100)


def test_the_gate_gives_back_after_an_error() -> None:
    gate = Gate(requests=1, size=10)
    with pytest.raises(Refusal), gate.admit() as place:
        place.hold(11)
    with gate.admit() as place:
        place.hold(10)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("TEXT/CSV; header=absent", "text/csv"),
        ("text/*", "text/csv"),
        ("application/json;q=0.5, text/csv", "text/csv"),
        ("text/csv;q=0.1, */*;q=0.2", "application/json"),
        ("application/json;q=0, */*", "text/csv"),
        ("image/png, */*;q=0.1", "application/json"),
        ("text/csv;q=nonsense", "text/csv"),
    ],
)
def test_the_accepted_type_that_is_liked_best_is_used(header: str | None, expected: str) -> None:
    assert expected == wanted(header, ("application/json", "text/csv"))


def test_the_body_s_type_counts_without_its_parameters() -> None:
    assert sent("Image/JPEG; charset=binary", ("image/jpeg",)) == "image/jpeg"
    with pytest.raises(Refusal) as refused:
        sent("image/jpegs", ("image/jpeg", "image/png"))
    assert (refused.value.status, refused.value.headers["Accept"]) == (415, "image/jpeg, image/png")
