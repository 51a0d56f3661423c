"""Job logs: written a line at a time, read while they grow, lasting."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local import log_files, operations
from infra.local.account import Account
from infra.local.errors import AwsError
from infra.local.log_files import LogFiles
from infra.local.log_filter import LogFilter
from infra.local.operations import logs as _registers  # noqa: F401 - its import registers the operations
from infra.local.protocol import check_request, check_response
from infra.local.store import Store

GROUP = "/aws/sagemaker/TrainingJobs"
STREAM = "train-1/algo-1-1760000000"


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    """Make an account whose logs lie in a folder of the test's."""
    store = Store(tmp_path / "sagemaker.sqlite")
    yield Account(tmp_path, "us-east-1", store, None)
    store.close()


@pytest.fixture
def files(account: Account) -> LogFiles:
    """Reach the account's logs as the job runner does."""
    return LogFiles(account.home / "logs")


def ask(account: Account, operation: str, **request: Any) -> dict[str, Any]:
    """Perform one operation, checked both ways against AWS's own model."""
    handler = operations.HANDLERS["logs", operation]
    answer = handler(account, check_request("logs", operation, request)) or {}
    return check_response("logs", operation, answer)


def write(files: LogFiles, stream: str, *lines: str) -> None:
    """Write a whole stream."""
    with files.writer(GROUP, stream) as log:
        for line in lines:
            log.write_line(line)


def messages(answer: dict[str, Any]) -> list[str]:
    """Return the lines of an answer."""
    return [event["message"] for event in answer["events"]]


def test_a_line_can_be_read_before_the_job_ends(account: Account, files: LogFiles) -> None:
    """And the rest by the token that came with it."""
    log = files.writer(GROUP, STREAM)
    log.write_line("epoch=1\n")
    which = {"logGroupName": GROUP, "logStreamName": STREAM, "startFromHead": True}
    first = ask(account, "GetLogEvents", **which)
    assert messages(first) == ["epoch=1"]
    token = first["nextForwardToken"]
    nothing = ask(account, "GetLogEvents", **which, nextToken=token)
    assert (messages(nothing), nothing["nextForwardToken"]) == ([], token)
    log.write_line("epoch=2")
    log.close()
    assert messages(ask(account, "GetLogEvents", **which, nextToken=token)) == ["epoch=2"]


def test_threads_share_a_writer_without_mixing_lines(files: LogFiles) -> None:
    """Stdout and stderr of a job are read by two threads."""
    log = files.writer(GROUP, STREAM)
    threads = [
        threading.Thread(target=lambda mark=mark: [log.write_line(mark * 500) for _ in range(300)])
        for mark in "ab"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    events = list(files.events(GROUP, STREAM))
    assert sorted({event.message for event in events}) == ["a" * 500, "b" * 500]
    assert len(events) == 600
    assert [event.timestamp for event in events] == sorted(event.timestamp for event in events)


def test_a_line_cut_off_by_a_kill_is_passed_over(files: LogFiles, account: Account) -> None:
    """What was written before and after it is read."""
    write(files, STREAM, "before")
    (path,) = (account.home / "logs").glob("*/*")
    with path.open("ab") as file:
        file.write(b'{"timestamp": 17, "mess')
    assert [event.message for event in files.events(GROUP, STREAM)] == ["before"]
    write(files, STREAM, "after")
    assert [event.message for event in files.events(GROUP, STREAM)] == ["before", "after"]
    assert files.streams(GROUP)[0].last == list(files.events(GROUP, STREAM))[-1].timestamp


def test_a_very_long_line_becomes_several_events(files: LogFiles) -> None:
    """No event is larger than CloudWatch allows, and nothing is lost."""
    text = "x" * (log_files.LONGEST_MESSAGE + 10)
    write(files, STREAM, text, "")
    assert [len(event.message) for event in files.events(GROUP, STREAM)] == [len(text) - 10, 10, 1]


@pytest.mark.parametrize("name", ["..", ".", "a/../../b", "ü b", "x" * 63 + "/algo-1-1"])
def test_any_name_stays_inside_the_folder(files: LogFiles, account: Account, name: str) -> None:
    """And comes back as it was."""
    write(files, name, "line")
    assert [info.name for info in files.streams(GROUP)] == [name]
    assert len(list((account.home / "logs").glob("*/*.jsonl"))) == 1


@given(lines=st.lists(st.text(alphabet="ab", max_size=5), max_size=25), limit=st.integers(1, 7))
def test_pages_either_way_give_every_line_once(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], limit: int
) -> None:
    """Forwards from the head, and backwards from the end."""
    home = tmp_path_factory.mktemp("paged")
    account = Account(home, "us-east-1", None, None)
    write(LogFiles(home / "logs"), STREAM, *lines)
    which = {"logGroupName": GROUP, "logStreamName": STREAM, "limit": limit}
    for head, next_token in ((True, "nextForwardToken"), (False, "nextBackwardToken")):
        found: list[str] = []
        token = {}
        while True:
            page = ask(account, "GetLogEvents", **which, startFromHead=head, **token)
            found = found + messages(page) if head else messages(page) + found
            if token == {"nextToken": page[next_token]}:
                break
            token = {"nextToken": page[next_token]}
        assert found == [line or " " for line in lines]


def test_turning_round_reads_the_same_lines_again(account: Account, files: LogFiles) -> None:
    """The backward token of a page leads to what is before it, the forward token back."""
    write(files, STREAM, *"abcdef")
    which = {"logGroupName": GROUP, "logStreamName": STREAM, "limit": 2}
    last = ask(account, "GetLogEvents", **which)
    assert messages(last) == ["e", "f"]
    middle = ask(account, "GetLogEvents", **which, nextToken=last["nextBackwardToken"])
    assert messages(middle) == ["c", "d"]
    assert messages(ask(account, "GetLogEvents", **which, nextToken=middle["nextForwardToken"])) == ["e", "f"]


def test_streams_are_listed_in_pages_by_name_and_by_time(account: Account, files: LogFiles) -> None:
    """By prefix, both ways round; every stream once."""
    for name in ("c", "a", "b", "other"):
        write(files, f"job-{name}/algo-1-1" if name != "other" else name, "x")
    seen: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = ask(account, "DescribeLogStreams", logGroupName=GROUP, limit=3, **token)
        seen += [stream["logStreamName"] for stream in page["logStreams"]]
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert seen == ["job-a/algo-1-1", "job-b/algo-1-1", "job-c/algo-1-1", "other"]
    prefixed = ask(account, "DescribeLogStreams", logGroupName=GROUP, logStreamNamePrefix="job-b/")
    assert [stream["logStreamName"] for stream in prefixed["logStreams"]] == ["job-b/algo-1-1"]
    newest = ask(account, "DescribeLogStreams", logGroupName=GROUP, orderBy="LastEventTime", descending=True)
    times = [stream["lastEventTimestamp"] for stream in newest["logStreams"]]
    assert times == sorted(times, reverse=True)


def test_groups_are_listed_with_their_arns(account: Account, files: LogFiles) -> None:
    """By prefix; by AWS's own shapes."""
    write(files, STREAM, "x")
    with files.writer("/aws/sagemaker/ProcessingJobs", "p/algo-1-1"):
        pass
    listed = ask(account, "DescribeLogGroups", logGroupNamePrefix="/aws/sagemaker/T")["logGroups"]
    assert [group["arn"] for group in listed] == [f"arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}:*"]
    assert len(ask(account, "DescribeLogGroups")["logGroups"]) == 2


def test_filtering_searches_streams_in_order_of_time(account: Account, files: LogFiles) -> None:
    """In pages, by prefix, by text and by time."""
    logs = [files.writer(GROUP, f"job/{number}") for number in range(3)]
    for number in range(30):
        logs[number % 3].write_line(f"line {number} {'even' if number % 2 == 0 else 'odd'}")
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = ask(account, "FilterLogEvents", logGroupName=GROUP, filterPattern="even", limit=4, **token)
        found += messages(page)
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert sorted(found) == sorted(f"line {number} even" for number in range(0, 30, 2))
    one = ask(account, "FilterLogEvents", logGroupName=GROUP, logStreamNames=["job/1"])
    assert messages(one) == [f"line {number} {'odd' if number % 2 else 'even'}" for number in range(1, 30, 3)]
    middle = one["events"][4]["timestamp"]
    timed = ask(account, "FilterLogEvents", logGroupName=GROUP, startTime=middle, endTime=middle)
    assert {event["timestamp"] for event in timed["events"]} == {middle}
    assert len({event["eventId"] for event in one["events"]}) == 10


@pytest.mark.parametrize(
    ("pattern", "passes"),
    [
        ("", True),
        ("loss=1.5", True),
        ("epoch=2", False),
        ('"epoch=1 loss"', True),
        ("epoch -loss", False),
        ("?nothing ?loss", True),
        ("?nothing ?neither", False),
        ('"a \\"quoted\\" word"', True),
    ],
)
def test_a_filter_pattern_is_made_of_terms(pattern: str, *, passes: bool) -> None:
    """Plain, quoted, excluded and optional ones."""
    assert LogFilter.parse(pattern).passes('epoch=1 loss=1.5 a "quoted" word') is passes


def test_a_filter_of_another_kind_is_refused() -> None:
    """Rather than matching nothing without a word."""
    with pytest.raises(AwsError, match="by terms only"):
        LogFilter.parse("{ $.level = 1 }")


@pytest.mark.parametrize(
    ("operation", "request_", "code"),
    [
        ("GetLogEvents", {"logGroupName": GROUP, "logStreamName": "no"}, "ResourceNotFoundException"),
        ("DescribeLogStreams", {"logGroupName": "no"}, "ResourceNotFoundException"),
        ("DescribeLogStreams", {}, "InvalidParameterException"),
        ("FilterLogEvents", {"logGroupName": GROUP, "nextToken": "x"}, "InvalidParameterException"),
        (
            "GetLogEvents",
            {"logGroupName": GROUP, "logStreamName": STREAM, "nextToken": "x"},
            "InvalidParameterException",
        ),
        (
            "DescribeLogStreams",
            {"logGroupName": GROUP, "orderBy": "LastEventTime", "logStreamNamePrefix": "a"},
            "InvalidParameterException",
        ),
    ],
)
def test_errors_are_those_of_cloudwatch_logs(
    account: Account, files: LogFiles, operation: str, request_: dict[str, Any], code: str
) -> None:
    """What is not there, and what was not given out here."""
    write(files, STREAM, "x")
    with pytest.raises(AwsError) as caught:
        ask(account, operation, **request_)
    assert caught.value.code == code
