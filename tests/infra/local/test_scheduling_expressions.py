"""When schedules are due, by the AWS guide's own examples, in time zones and on daylight-saving days."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from infra.local.scheduling.expressions import parse

MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _after(text: str, zone: str = "UTC", moment: datetime = MONDAY, times: int = 1) -> list[str]:
    expression = parse(text, zone, MONDAY)
    found = []
    for _ in range(times):
        due = expression.after(moment)
        assert due is not None
        assert due == expression.last(due)
        found.append(f"{due:%Y-%m-%d %H:%M}")
        moment = due
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cron(0 10 * * ? *)", "2026-11-24 10:00"),
        ("cron(15 12 * * ? *)", "2026-11-23 12:15"),
        ("cron(0 18 ? * MON-FRI *)", "2026-11-23 18:00"),
        ("cron(0 8 1 * ? *)", "2026-12-01 08:00"),
        ("cron(0/10 * ? * MON-FRI *)", "2026-11-23 12:10"),
        ("cron(0/30 20-23 ? * MON-FRI *)", "2026-11-23 20:00"),
        ("cron(0 9 ? * 2#1 *)", "2026-12-07 09:00"),
        ("cron(0 9 ? * 1 *)", "2026-11-29 09:00"),
        ("cron(0 9 ? * 7 *)", "2026-11-28 09:00"),
        ("cron(0 9 ? * L *)", "2026-11-28 09:00"),
        ("cron(0 9 ? * 6L *)", "2026-11-27 09:00"),
        ("cron(0 9 L * ? *)", "2026-11-30 09:00"),
        ("cron(0 9 LW 1 ? *)", "2027-01-29 09:00"),
        ("cron(0 9 1W 8 ? 2026-2027)", "2027-08-02 09:00"),
        ("cron(0 9 15W 5 ? 2027)", "2027-05-14 09:00"),
        ("cron(0 0 29 2 ? 2096)", "2096-02-29 00:00"),
        ("rate(1 hour)", "2026-11-23 13:00"),
        ("rate(5 days)", "2026-11-28 12:00"),
        ("at(2026-12-24T18:00:00)", "2026-12-24 18:00"),
    ],
)
def test_expressions_are_due_as_the_guide_says(text: str, expected: str) -> None:
    """Days of the week go from 1, Sunday; L, W, # and years mean what AWS means."""
    assert [expected] == _after(text)


def test_a_cron_expression_is_read_in_its_time_zone() -> None:
    """Noon in Berlin is eleven o'clock UTC in winter and ten in summer."""
    assert ["2026-11-24 11:00"] == _after("cron(0 12 * * ? *)", "Europe/Berlin")
    summer = datetime(2026, 7, 1, 11, tzinfo=UTC)
    assert ["2026-07-02 10:00"] == _after("cron(0 12 * * ? *)", "Europe/Berlin", summer)
    assert ["2026-12-01 05:00"] == _after("at(2026-12-01T00:00:00)", "America/New_York")


def test_a_time_that_spring_skips_is_skipped() -> None:
    """Half past two does not exist on the day when clocks go forward: the schedule waits for the next day."""
    found = _after("cron(30 2 * * ? *)", "Europe/Berlin", datetime(2026, 3, 27, 12, tzinfo=UTC), 3)
    assert ["2026-03-28 01:30", "2026-03-30 00:30", "2026-03-31 00:30"] == found


def test_a_time_that_autumn_repeats_is_due_once() -> None:
    """Half past two comes twice on the day when clocks go back: the first one counts."""
    found = _after("cron(30 2 * * ? *)", "Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC), 2)
    assert ["2026-10-25 00:30", "2026-10-26 01:30"] == found


def test_a_rate_of_days_is_of_24_hours_whatever_the_clocks_do() -> None:
    """The guide: a day of a rate is 24 hours, also when the day on the wall has 23 or 25."""
    start = datetime(2026, 3, 28, 12, tzinfo=UTC)
    expression = parse("rate(1 day)", "Europe/Berlin", start)
    assert datetime(2026, 3, 29, 12, tzinfo=UTC) == expression.after(start)


@pytest.mark.parametrize(
    "text",
    [
        *("cron(0 9 * * * *)", "cron(0 9 ? * ? *)", "cron(0 9 * * ?)", "cron(60 9 * * ? *)"),
        *("cron(0 9 ? * 0 *)", "cron(0 9 ? * 8 *)", "cron(0 9 32W * ? *)", "cron(0 0 1 1 ? 1969)"),
        *("cron(0 0 31 2 ? *)", "rate(0 minutes)", "rate(5 weeks)", "at(tomorrow)", "hourly", ""),
    ],
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    """With a reason, so that nobody waits for a schedule that never comes."""
    with pytest.raises(ValueError, match=r"\w"):
        parse(text, "UTC", MONDAY)


def test_an_unknown_time_zone_is_refused() -> None:
    """And named."""
    with pytest.raises(ValueError, match="Mars/Olympus"):
        parse("rate(1 day)", "Mars/Olympus", MONDAY)
