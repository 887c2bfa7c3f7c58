"""The steps of a time axis: which one is still running, and which holidays are named."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from components.locale import Locale
from components.panels import figures
from components.panels.time_steps import TimeSteps
from queries.errors import FilterError
from queries.filters import NAMES, Filters
from queries.period import Period
from queries.time_axis import Bucket

PT = Locale.of("pt-BR")
SAO_PAULO = ZoneInfo("America/Sao_Paulo")
#: A Thursday.
NOW = datetime(2026, 11, 26, 15, 42, tzinfo=SAO_PAULO)


def steps(start: date, end: date, bucket: Bucket | None = None) -> TimeSteps:
    filters = Filters(Period(start, end), bucket=bucket)
    return TimeSteps(tuple(filters.buckets()), filters, NOW)


@pytest.mark.parametrize(
    ("given", "running", "name"),
    [
        (
            steps(date(2026, 11, 24), date(2026, 11, 26)),
            2,
            "qui., 26/11/2026 · parcial, até 15:42",
        ),
        (
            steps(date(2026, 11, 24), date(2026, 11, 30)),
            2,
            "qui., 26/11/2026 · parcial, até 15:42",
        ),
        (
            steps(date(2026, 11, 10), date(2026, 11, 26), Bucket.WEEK),
            2,
            "Semana de 23/11 a 29/11/2026 · parcial, até 15:42",
        ),
        (
            steps(date(2026, 9, 1), date(2026, 12, 31), Bucket.MONTH),
            2,
            "nov. de 2026 · parcial, até 15:42",
        ),
    ],
)
def test_the_step_that_is_still_running_is_hatched_and_named(
    given: TimeSteps, running: int, name: str
) -> None:
    assert given.running == running
    names = given.names(PT)
    assert names[running] == name
    assert [place for place, other in enumerate(names) if "parcial" in other] == [running]
    trace = given.hatched(figures.bars("var(--sent)", names, x=given.positions))
    shapes = trace["marker"]["pattern"]["shape"]
    assert shapes == ["/" if place == running else "" for place in given.positions]


@pytest.mark.parametrize(
    "given",
    [
        steps(date(2026, 11, 20), date(2026, 11, 25)),
        steps(date(2026, 11, 27), date(2026, 11, 30)),
        # The week goes on until the 29th, but of it only days before today are asked for.
        steps(date(2026, 11, 9), date(2026, 11, 25), Bucket.WEEK),
    ],
)
def test_a_period_without_today_has_no_running_step(given: TimeSteps) -> None:
    assert given.running is None
    assert "parcial" not in " ".join(given.names(PT))
    trace = figures.bars("var(--sent)", given.names(PT), x=given.positions)
    assert given.hatched(trace) is trace


def named(start: date, end: date, drawing: str = "wide") -> list[str]:
    drawings = steps(start, end).drawings({"data": [], "layout": figures.layout()}, PT)
    figure = drawings["wide"] if drawing == "wide" else drawings["narrow"] or drawings["wide"]
    return [note["text"] for note in figure["layout"].get("annotations", ())]


def test_holidays_are_named_where_there_is_room() -> None:
    first = date(2026, 11, 1)
    # 2, 15 and 20 November; the last two stand 5 days apart.
    assert named(date(2026, 11, 14), date(2026, 11, 16)) == ["Proclamação da República"]
    assert named(first, date(2026, 11, 30)) == ["Finados", "Proclamação da República"]
    # On 236 pixels the long name has no room beside the first, the shorter one after it has.
    assert named(first, date(2026, 11, 30), "narrow") == ["Finados", "Consciência Negra"]
    assert named(first, first + timedelta(days=61), "narrow") == ["Finados", "Natal"]
    assert named(date(2026, 11, 3), date(2026, 11, 5)) == []
    assert named(first, date(2027, 10, 1)) == []  # weeks


@pytest.mark.parametrize("day", [date(2026, 11, 15), date(2026, 10, 12)])
@pytest.mark.parametrize("side", [0, 1])
def test_a_name_at_the_edge_stays_inside_the_graph(day: date, side: int) -> None:
    start = day if side == 0 else day - timedelta(days=20)
    drawings = steps(start, start + timedelta(days=20)).drawings(
        {"data": [], "layout": figures.layout()}, PT
    )
    for drawing, span in (("wide", 426), ("medium", 306), ("narrow", 236)):
        layout = (drawings[drawing] or drawings["wide"])["layout"]  # type: ignore[literal-required]
        for note in layout["annotations"]:
            half = figures.room_for([note["text"]], note["font"]["size"]) / 2
            assert note["x"] * span - half + 1 >= 0
            assert note["x"] * span + half <= span + 1


def test_one_day_goes_by_the_hour() -> None:
    filters = Filters(Period(NOW.date(), NOW.date()), by_hour=True)
    hours = TimeSteps(tuple(filters.buckets()), filters, NOW)
    assert hours.running == 15
    names = hours.names(PT)
    assert (names[0], names[23]) == ("00:00\u201301:00", "23:00\u201300:00")
    assert names[15] == "15:00\u201316:00 · parcial, até 15:42"
    assert hours.presses == [[]] * 24  # there is no filter of hours
    assert [getattr(word, "children", None) for word in hours.words(PT)] == [["por hora"]]
    drawings = hours.drawings({"data": [], "layout": figures.layout()}, PT)
    labels = [f"{hour}\u00a0h" for hour in (0, 4, 8, 12, 16, 20)]
    for figure in (drawings["wide"], drawings["narrow"] or drawings["wide"]):
        assert figure["layout"]["xaxis"]["ticktext"] == labels


def test_only_the_page_goes_by_the_hour() -> None:
    days = Filters(Period(NOW.date(), NOW.date()))
    assert [str(start) for start in days.buckets()] == ["2026-11-26"]
    with pytest.raises(FilterError):
        Filters.parse({"bucket": "hour"})
    assert "by_hour" not in NAMES
