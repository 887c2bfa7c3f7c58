"""Numbers, dates and durations of each language."""

import re
from datetime import date, datetime
from math import nan
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

import callbacks
import components
from components.formats import MINUS, Formats, escape, shortened, shortened_inside

PT, EN, ES = Formats("pt-BR"), Formats("en"), Formats("es")
ZONE = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 11, 22, 15, 45, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("formats", "number", "text"),
    [
        (PT, 1234567, "1.234.567"),
        (EN, 1234567, "1,234,567"),
        (ES, 1234567, "1.234.567"),
        (PT, 0, "0"),
        (PT, None, "—"),
        (PT, nan, "—"),
    ],
)
def test_counts(formats: Formats, number: float | None, text: str) -> None:
    assert formats.count(number) == text


@given(
    st.sampled_from((PT, EN, ES)),
    st.integers(-(10**12), 10**12)
    | st.floats(-1e9, 1e9)
    | st.decimals(-99, 99, places=3).map(float),
    st.sampled_from((0, 1, 2)),
)
def test_numbers_are_written_as_the_language_data_says(
    formats: Formats, number: float, places: int
) -> None:
    pattern = "#,##0." + "0" * places if places else "#,##0"
    babel = format_decimal(number, format=pattern, locale=formats.locale)
    assert formats.decimal(number, places) == babel.replace("-", MINUS)


@pytest.mark.parametrize(
    ("formats", "share", "places", "text"),
    [
        (PT, 0.942, 1, "94,2%"),
        (EN, 0.942, 1, "94.2%"),
        (PT, 1.0, 1, "100,0%"),
        (PT, 0.546, 0, "55%"),
        (PT, 0.0, 1, "0,0%"),
        (PT, 1.0, 0, "100%"),
        # One of 2,000 failed.
        (PT, 1_999 / 2_000, 1, ">99,9%"),
        (EN, 1_999 / 2_000, 1, ">99.9%"),
        (ES, 1_999 / 2_000, 1, ">99,9%"),
        (PT, 1_999 / 2_000, 0, ">99%"),
        (PT, 1 / 2_000, 0, "<1%"),
        (PT, 1 / 2_001, 1, "<0,1%"),
        (EN, 1 / 3_000_000, 1, "<0.1%"),
        (PT, 2_999_999 / 3_000_000, 1, ">99,9%"),
        (PT, 0.9994, 1, "99,9%"),
        (PT, 0.0006, 1, "0,1%"),
        (PT, 0.994, 0, "99%"),
        (PT, 0.006, 0, "1%"),
        (PT, None, 1, "—"),
    ],
)
def test_shares(formats: Formats, share: float | None, places: int, text: str) -> None:
    assert formats.share(share, places) == text


def test_percentages_are_made_in_one_place() -> None:
    """Where they never round to none or all what is neither."""
    for folder in (Path(components.__file__).parent, Path(callbacks.__file__).parent):
        for path in folder.rglob("*.py"):
            if path.name != "formats.py":
                assert not re.search(r"[}\"']%[\"']", path.read_text()), path


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (0.0841, "+8,4%"),
        (-0.051, "\u22125,1%"),
        (0.0, "±0%"),
        (-0.0001, "\u2212<0,1%"),
        (0.0001, "+<0,1%"),
        (-0.9999, "\u2212>99,9%"),
        (-1.0, "\u2212100,0%"),
        (0.9999, "+100,0%"),
        (12.0, "+1.200,0%"),
        (None, "—"),
    ],
)
def test_relative_changes_have_a_sign(change: float | None, text: str) -> None:
    assert PT.signed_share(change) == text


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (0.006, "+0,6\u00a0p.p."),
        (-0.019, "\u22121,9\u00a0p.p."),
        (0.0, "±0\u00a0p.p."),
        (0.0001, "+<0,1\u00a0p.p."),
        (-0.0001, "\u2212<0,1\u00a0p.p."),
        (-0.9999, "\u2212>99,9\u00a0p.p."),
        (nan, "—"),
    ],
)
def test_changes_of_rates_are_points(change: float, text: str) -> None:
    assert PT.points(change) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.4, "<1 s"),
        (0.6, "1 s"),
        (45, "45 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (360, "6 min"),
        (3_569, "59 min"),
        (3_600, "1 h"),
        (4_800, "1 h 20 min"),
        (86_399, "1 d"),
        (183_600, "2 d 3 h"),
        (None, "—"),
    ],
)
def test_durations(seconds: float | None, text: str) -> None:
    """All in one line: a unit that begins the next one tells nothing."""
    assert PT.duration(seconds) == text.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(1.24, "1,2"), (0.0, "0,0"), (0.04, "<0,1"), (1_200.0, "1.200,0"), (None, "—")],
)
def test_ratios(ratio: float | None, text: str) -> None:
    assert PT.ratio(ratio) == text


def test_changes_of_durations_have_a_sign() -> None:
    assert PT.signed_duration(0) == "±0"
    assert PT.signed_duration(0.2) == "+<1\u00a0s"
    assert PT.signed_duration(-0.2) == "\u2212<1\u00a0s"
    assert PT.signed_duration(-60) == "\u22121\u00a0min"
    assert PT.signed_duration(13) == "+13\u00a0s"


def test_dates_and_times() -> None:
    assert PT.day(date(2026, 12, 31)) == "31/12/2026"
    assert EN.day(date(2026, 12, 31)) == "31/12/2026"
    assert PT.weekday(date(2026, 12, 31)) == "qui., 31/12/2026"
    assert PT.month(date(2026, 12, 1)) == "dez. de 2026"
    assert PT.moment(datetime(2026, 12, 31, 15, 4, tzinfo=ZONE)) == "31/12/2026 15:04"
    assert PT.day(None) == PT.moment(None) == "—"


def test_times_near_now_are_short() -> None:
    assert PT.recent(datetime(2026, 11, 22, 15, 40, tzinfo=ZONE), NOW) == "22/11 15:40"
    assert PT.recent(datetime(2025, 11, 22, 15, 40, tzinfo=ZONE), NOW) == "22/11/2025 15:40"
    assert PT.clock_time(datetime(2026, 11, 22, 15, 42, tzinfo=ZONE), NOW) == "15:42"
    assert PT.clock_time(datetime(2026, 11, 21, 15, 42, tzinfo=ZONE), NOW) == "21/11 15:42"


def test_zones_have_the_names_people_use() -> None:
    assert PT.zone(NOW) == "horário de Brasília"
    assert ES.zone(NOW) == "hora de Brasilia"


def test_escape_leaves_no_markup() -> None:
    assert escape('<a href="x">&amp;</a>') == '&lt;a href="x"&gt;&amp;amp;&lt;/a&gt;'


def test_shortened() -> None:
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 6) == "abcde…"


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("boas_vindas", 22, "boas_vindas"),
        ("template_com_nome_sem_lugar_v2", 22, "template_com_…lugar_v2"),
    ],
)
def test_names_are_cut_inside(text: str, limit: int, short: str) -> None:
    assert shortened_inside(text, limit) == short
    assert len(short) <= limit
