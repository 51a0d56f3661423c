"""From datapoints to an alarm's state."""

from __future__ import annotations

import pytest

from infra.local.alarms.evaluation import Rule, judge

O, X, GAP = 0.0, 9.0, None  # noqa: E741 - as the user guide's tables have it


@pytest.mark.parametrize(
    ("points", "enough", "expected"),
    [  # missing, ignore (from OK), breaching, notBreaching: the tables of "How alarm state is evaluated"
        ([O, GAP, X, GAP, X], 3, "OK OK OK OK"),
        ([GAP, GAP, GAP, GAP, O], 3, "OK OK OK OK"),
        ([GAP, GAP, GAP, GAP, GAP], 3, "INSUFFICIENT_DATA OK ALARM OK"),
        ([O, X, X, GAP, X], 3, "ALARM ALARM ALARM ALARM"),
        ([GAP, GAP, X, GAP, GAP], 3, "ALARM OK ALARM OK"),
        ([O, GAP, X, GAP, X], 2, "ALARM ALARM ALARM ALARM"),
        ([O, O, X, O, X], 2, "ALARM ALARM ALARM ALARM"),
        ([O, GAP, X, GAP, GAP], 2, "OK OK ALARM OK"),
        ([GAP, GAP, GAP, GAP, O], 2, "OK OK ALARM OK"),
        ([GAP, GAP, GAP, X, GAP], 2, "ALARM OK ALARM OK"),
        ([GAP, GAP, GAP, GAP, X], 3, "OK OK ALARM OK"),
    ],
)
def test_states_follow_the_user_guides_tables(points: list[float | None], enough: int, expected: str) -> None:
    """M out of 3, by each treatment of missing data."""
    found = [
        judge(Rule("GreaterThanThreshold", 5.0, 3, enough, missing), points, "OK")
        for missing in ("missing", "ignore", "breaching", "notBreaching")
    ]
    assert expected.split() == found
