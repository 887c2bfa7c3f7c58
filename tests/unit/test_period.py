"""Presets of the period, and the earlier days with which a period is compared.

Expected days are counted by hand on a calendar; 2026-11-26 is a Thursday.
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from queries.errors import FilterError
from queries.filters import Filters
from queries.period import PRESETS, Comparison, Period, comparison, preset_period
from tests.oracle import oracle
from tests.oracle.oracle import Oracle

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
THURSDAY = date(2026, 11, 26)


def period(start: str, end: str) -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end))


def at(local: str, zone: ZoneInfo = SAO_PAULO) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=zone)


# --- presets ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("today", "2026-11-26", "2026-11-26"),
        ("yesterday", "2026-11-25", "2026-11-25"),
        ("last7", "2026-11-20", "2026-11-26"),
        ("last30", "2026-10-28", "2026-11-26"),
        ("last90", "2026-08-29", "2026-11-26"),
        ("this_week", "2026-11-23", "2026-11-26"),
        ("last_week", "2026-11-16", "2026-11-22"),
        ("this_month", "2026-11-01", "2026-11-26"),
        ("last_month", "2026-10-01", "2026-10-31"),
        ("all", "2024-02-03", "2026-11-20"),
    ],
)
def test_each_preset_on_a_thursday(name: str, start: str, end: str) -> None:
    found = preset_period(name, THURSDAY, date(2024, 2, 3), date(2026, 11, 20))
    assert found == period(start, end)


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize(
    "today",
    ["2026-11-22", "2026-11-23", "2026-12-01", "2027-01-01", "2028-02-29", "2028-03-01"],
)
def test_presets_agree_with_the_oracle(name: str, today: str) -> None:
    """On a Sunday, a Monday, on the first of months and of a year, and around 29 February."""
    day = date.fromisoformat(today)
    days = oracle.PRESETS[name](day) or [day]
    assert preset_period(name, day) == Period(min(days), max(days))


def test_everything_ends_today_at_the_latest() -> None:
    oldest, future = date(2026, 1, 1), date(2027, 1, 1)
    assert preset_period("all", THURSDAY, oldest, future) == Period(oldest, THURSDAY)
    assert preset_period("all", THURSDAY, future, future) == Period(THURSDAY, THURSDAY)
    assert preset_period("all", THURSDAY, None, None) == Period(THURSDAY, THURSDAY)


def test_a_preset_means_itself_anew_each_day() -> None:
    asked = Filters.parse({"period": "yesterday"})
    assert asked.period is None
    for today, day in (("2026-11-26", "2026-11-25"), ("2026-11-27", "2026-11-26")):
        resolved = asked.with_period(date.fromisoformat(today), None, None)
        assert resolved.period == period(day, day)
        assert resolved.to_query() == [("period", "yesterday")]
        assert resolved.to_json() == {
            "basis": "sent",
            "period": "yesterday",
            "start": day,
            "end": day,
        }


@pytest.mark.parametrize(
    ("code", "raw"),
    [
        ("bad_value", {"period": "last8"}),
        ("bad_value", {"period": "Last7"}),
        ("bad_value", {"period": " last7"}),
        ("empty_value", {"period": ""}),
        ("empty_value", {"period": []}),
        ("repeated", {"period": ["last7", "last7"]}),
        ("wrong_type", {"period": 7}),
        ("period_doubled", {"period": "last7", "start": "2026-01-01"}),
        ("period_doubled", {"period": "last7", "end": "2026-01-01"}),
        ("period_doubled", {"period": "last7", "start": "2026-01-01", "end": "2026-01-02"}),
        ("bad_value", {"period": "last8", "start": "2026-01-01", "end": "2026-01-02"}),
    ],
)
def test_a_wrong_preset_is_refused(code: str, raw: dict[str, object]) -> None:
    with pytest.raises(FilterError) as caught:
        Filters.parse(raw)
    assert caught.value.code == code


# --- the days before ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "before"),
    [
        # Whole calendar months.
        ("2026-10-01", "2026-10-31", ("2026-09-01", "2026-09-30")),
        ("2026-03-01", "2026-03-31", ("2026-02-01", "2026-02-28")),
        ("2026-07-01", "2026-09-30", ("2026-04-01", "2026-06-30")),
        ("2025-01-01", "2025-12-31", ("2024-01-01", "2024-12-31")),
        ("2026-01-01", "2026-02-28", ("2025-11-01", "2025-12-31")),
        # Any other period, by whole weeks.
        ("2026-11-10", "2026-11-10", ("2026-11-03", "2026-11-03")),
        ("2026-11-01", "2026-11-01", ("2026-10-25", "2026-10-25")),
        ("2026-11-09", "2026-11-15", ("2026-11-02", "2026-11-08")),
        ("2026-11-09", "2026-11-16", ("2026-10-26", "2026-11-02")),
        ("2026-10-01", "2026-10-30", ("2026-08-27", "2026-09-25")),
        ("2026-10-02", "2026-10-31", ("2026-08-28", "2026-09-26")),
        ("2026-09-02", "2026-10-31", ("2026-07-01", "2026-08-29")),
        # A period that begins after today.
        ("2026-12-01", "2026-12-05", ("2026-11-24", "2026-11-28")),
    ],
)
def test_the_days_before_a_period_without_today(
    start: str, end: str, before: tuple[str, str]
) -> None:
    found = comparison(period(start, end), at("2026-11-26T15:42"))
    assert found == Comparison(period(*before), None)


@pytest.mark.parametrize(
    ("start", "end", "now", "before", "until"),
    [
        # The month so far, also in months that are longer than the one before.
        ("2026-11-01", "2026-11-26", "2026-11-26T15:42", "2026-10-01", "2026-10-26T18:42"),
        ("2026-11-01", "2026-11-01", "2026-11-01T00:00", "2026-10-01", "2026-10-01T03:00"),
        ("2026-03-01", "2026-03-30", "2026-03-30T23:59", "2026-02-01", "2026-03-01T02:59"),
        ("2028-03-01", "2028-03-31", "2028-03-31T12:00", "2028-02-01", "2028-02-29T15:00"),
        ("2026-01-01", "2026-01-31", "2026-01-31T12:00", "2025-12-01", "2025-12-31T15:00"),
        # Whole months with today in them.
        ("2026-11-01", "2026-11-30", "2026-11-26T15:42", "2026-10-01", "2026-10-26T18:42"),
        ("2026-10-01", "2026-12-31", "2026-11-26T15:42", "2026-07-01", "2026-08-26T18:42"),
        ("2026-02-01", "2026-02-28", "2026-02-28T12:00", "2026-01-01", "2026-01-28T15:00"),
        # Any other period that ends today, or later.
        ("2026-11-26", "2026-11-26", "2026-11-26T15:42", "2026-11-19", "2026-11-19T18:42"),
        ("2026-11-20", "2026-11-26", "2026-11-26T15:42", "2026-11-13", "2026-11-19T18:42"),
        ("2026-10-28", "2026-11-26", "2026-11-26T15:42", "2026-09-23", "2026-10-22T18:42"),
        ("2026-11-20", "2026-11-30", "2026-11-26T15:42", "2026-11-06", "2026-11-12T18:42"),
        ("2026-10-01", "2026-11-26", "2026-11-26T15:42", "2026-07-30", "2026-09-24T18:42"),
        # The first days of a month so far are those of a week as well: the month counts.
        ("2026-06-01", "2026-06-07", "2026-06-07T08:00", "2026-05-01", "2026-05-07T11:00"),
    ],
)
def test_the_days_before_a_period_with_today_stop_at_the_same_time(
    start: str, end: str, now: str, before: str, until: str
) -> None:
    found = comparison(period(start, end), at(now))
    stop = datetime.fromisoformat(until)
    last = stop.replace(tzinfo=UTC).astimezone(SAO_PAULO).date()
    assert found == Comparison(Period(date.fromisoformat(before), last), stop)
    assert comparison(period(start, end), at(f"{now}:59.999999")) == found


NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("zone", "now", "until"),
    [
        # Clocks go from 2 to 3 on 2026-03-08 in New York: 2:30 is read as if they had not.
        (NEW_YORK, "2026-03-15T02:30", "2026-03-08T07:30"),
        (NEW_YORK, "2026-03-15T01:59", "2026-03-08T06:59"),
        (NEW_YORK, "2026-03-15T03:00", "2026-03-08T07:00"),
        # They go from 2 back to 1 on 2026-11-01: of the two times 1:30 it is the first.
        (NEW_YORK, "2026-11-08T01:30", "2026-11-01T05:30"),
        (NEW_YORK, "2026-11-08T02:00", "2026-11-01T07:00"),
        # Today's own second 1:30 says nothing about the day before.
        (NEW_YORK, "2026-11-01T01:30", "2026-10-01T05:30"),
        # São Paulo's clocks went from 0 to 1 on 2018-11-04, and from 24 to 23 on 2018-02-17.
        (SAO_PAULO, "2018-11-11T00:30", "2018-11-04T03:30"),
        (SAO_PAULO, "2018-02-24T23:30", "2018-02-18T01:30"),
    ],
)
def test_a_time_that_clocks_skip_or_repeat(zone: ZoneInfo, now: str, until: str) -> None:
    for fold in (0, 1):
        moment = at(now, zone).replace(fold=fold)
        today = Period(moment.date(), moment.date())
        assert comparison(today, moment).until == datetime.fromisoformat(until)
        independent = Oracle([], [], zone.key)
        independent.now = moment
        query = {"start": str(today.start), "end": str(today.end)}
        assert independent.before(query)[2] == datetime.fromisoformat(f"{until}Z")


def test_json_has_the_local_time_with_its_offset() -> None:
    running = comparison(period("2018-11-11", "2018-11-11"), at("2018-11-11T00:30"))
    assert running.to_json(SAO_PAULO) == {
        "start": "2018-11-04",
        "end": "2018-11-04",
        "until": "2018-11-04T01:30-02:00",
    }
    ended = comparison(period("2026-10-01", "2026-10-31"), at("2026-11-26T15:42"))
    assert ended.to_json(SAO_PAULO) == {"start": "2026-09-01", "end": "2026-09-30", "until": None}


def test_now_must_have_a_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        comparison(period("2026-10-01", "2026-10-31"), datetime(2026, 11, 26, 12))  # noqa: DTZ001
