from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.errors import AwsError
from infra.local.listing import Fields, page

FIELDS = Fields("Arn", "Name", "Status")
START = datetime(2026, 1, 1, tzinfo=UTC)


def job(number: int, **changes: Any) -> dict[str, Any]:
    moment = START + timedelta(minutes=number)
    return {
        "Arn": f"arn/{number:03}",
        "Name": f"job-{number}",
        "Status": "Completed",
        "CreationTime": moment,
        "LastModifiedTime": moment + timedelta(hours=1),
        **changes,
    }


def names(records: list[dict[str, Any]], **request: Any) -> list[str]:
    return [record["Name"] for record in page(records, request, FIELDS)[0]]


def all_pages(records: list[dict[str, Any]], **request: Any) -> list[str]:
    found: list[str] = []
    token = None
    while True:
        shown, token = page(records, request | ({"NextToken": token} if token else {}), FIELDS)
        found += [record["Name"] for record in shown]
        if token is None:
            return found


JOBS = [job(n) for n in range(5)]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({}, ["job-0", "job-1", "job-2", "job-3", "job-4"]),
        ({"SortOrder": "Descending", "MaxResults": 2}, ["job-4", "job-3"]),
        ({"NameContains": "b-3"}, ["job-3"]),
        ({"CreationTimeAfter": START + timedelta(minutes=3)}, ["job-4"]),
        ({"CreationTimeBefore": START + timedelta(minutes=1)}, ["job-0"]),
        ({"CreatedAfter": START + timedelta(minutes=3)}, ["job-4"]),
        ({"CreatedBefore": START + timedelta(minutes=1)}, ["job-0"]),
        ({"LastModifiedTimeAfter": START + timedelta(minutes=63)}, ["job-4"]),
        ({"LastModifiedTimeBefore": START + timedelta(minutes=61)}, ["job-0"]),
        ({"StatusEquals": "Failed"}, []),
        ({"SortBy": "Name", "SortOrder": "Descending", "MaxResults": 1}, ["job-4"]),
    ],
)
def test_filters_and_orders(request_: dict[str, Any], expected: list[str]) -> None:
    assert names(JOBS, **request_) == expected


def test_a_status_sorts_and_ties_break_the_same_way_each_time() -> None:
    records = [job(0, Status="Stopped"), job(1, Status="Failed"), job(2, Status="Failed")]
    assert names(records, SortBy="Status") == ["job-1", "job-2", "job-0"]


def test_a_page_holds_ten_unless_told() -> None:
    shown, token = page([job(n) for n in range(11)], {}, FIELDS)
    assert len(shown) == 10
    assert token


def test_the_last_full_page_has_no_token() -> None:
    assert page([job(n) for n in range(10)], {}, FIELDS)[1] is None


@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["Failed", "Stopped"])), max_size=25),
    st.integers(1, 7),
    st.sampled_from(["Name", "CreationTime", "Status"]),
    st.sampled_from(["Ascending", "Descending"]),
)
def test_pages_joined_are_the_whole(made: list[tuple[int, str]], size: int, by: str, order: str) -> None:
    """Whatever the order, with any number of equal times: nothing twice, nothing left out."""
    records = [
        job(n, CreationTime=START + timedelta(minutes=minute), Status=status)
        for n, (minute, status) in enumerate(made)
    ]
    request = {"SortBy": by, "SortOrder": order}
    assert all_pages(records, **request, MaxResults=size) == all_pages(records, **request, MaxResults=100)


@pytest.mark.parametrize("order", ["Ascending", "Descending"])
def test_what_is_added_between_pages_neither_repeats_nor_hides_others(order: str) -> None:
    """A token is a place, not a position: listing while jobs are created misses none of the old ones."""
    records = [job(n) for n in range(2, 8)]
    request = {"SortOrder": order, "MaxResults": 3}
    first, token = page(records, request, FIELDS)
    records = [job(0), job(1), *records, job(9)]
    second, _ = page(records, {**request, "NextToken": token, "MaxResults": 100}, FIELDS)
    seen = [record["Name"] for record in (*first, *second)]
    assert len(seen) == len(set(seen))
    assert {f"job-{n}" for n in range(2, 8)} <= set(seen)


@pytest.mark.parametrize("token", ["nonsense", "bm9uc2Vuc2U=", "é", "W10="])
def test_a_token_that_was_not_given_is_refused(token: str) -> None:
    with pytest.raises(AwsError, match="Invalid NextToken") as raised:
        page(JOBS, {"NextToken": token}, FIELDS)
    assert raised.value.code == "ValidationException"


def test_a_token_of_another_request_is_refused() -> None:
    _, token = page(JOBS, {"MaxResults": 2, "SortOrder": "Descending"}, FIELDS)
    with pytest.raises(AwsError, match="Invalid NextToken"):
        page(JOBS, {"MaxResults": 2, "NextToken": token}, FIELDS)
