"""Times as people and programs write them."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.files.time_formats import TIME_FORMATS, fitting_formats, instant, iso_time


@pytest.mark.parametrize(
    ("time_format", "text", "iso"),
    [
        ("dd/mm/yyyy", "31/12/2026 10:00", "2026-12-31T10:00:00"),
        ("dd/mm/yyyy", " 31-12-2026, 10:00:05 ", "2026-12-31T10:00:05"),
        ("dd/mm/yyyy", "1.2.2026", "2026-02-01T00:00:00"),
        ("dd/mm/yyyy", "31/12/2026 10h30", "2026-12-31T10:30:00"),
        ("dd/mm/yyyy", "31/12/2026 10:00:05.25", "2026-12-31T10:00:05.25"),
        ("dd/mm/yyyy", "31/12/2026 10:00 -03:00", "2026-12-31T10:00:00-03:00"),
        ("dd/mm/yyyy", "31/12/2026 10:00 UTC", "2026-12-31T10:00:00Z"),
        ("mm/dd/yyyy", "12/31/2026 12:05 AM", "2026-12-31T00:05:00"),
        ("mm/dd/yyyy", "12/31/2026 12:05 p.m.", "2026-12-31T12:05:00"),
        ("yyyy/mm/dd", "2026/12/31 23:59", "2026-12-31T23:59:00"),
        ("dd/mm/yy", "31/12/69", "2069-12-31T00:00:00"),
        ("mm/dd/yy", "12/31/70", "1970-12-31T00:00:00"),
        ("rfc2822", "Thu, 31 Dec 2026 10:00:00 -0300", "2026-12-31T10:00:00-03:00"),
        ("rfc2822", "31 Dec 2026 10:00 GMT", "2026-12-31T10:00:00+00:00"),
        ("epoch", "1798711200", "2026-12-31T10:00:00+00:00"),
        ("epoch", "1798711200.25", "2026-12-31T10:00:00.250000+00:00"),
        ("epoch-ms", "1798711200250", "2026-12-31T10:00:00.250000+00:00"),
    ],
)
def test_a_time_becomes_iso_8601(time_format: str, text: str, iso: str) -> None:
    assert iso_time(text, [time_format]) == iso


@pytest.mark.parametrize("time_format", TIME_FORMATS)
@pytest.mark.parametrize(
    "text",
    ["", "ontem", "31/02/2026", "31/12/2026 24:00", "31/12/2026 13:00 PM", "32/13/2026", "9" * 40],
)
def test_what_is_no_time_stays_as_it_is(time_format: str, text: str) -> None:
    assert iso_time(text, [time_format]) == text


def test_the_first_format_that_reads_a_time_counts() -> None:
    assert iso_time("05/06/2026", ["dd/mm/yyyy", "mm/dd/yyyy"]) == "2026-06-05T00:00:00"
    assert iso_time("12/31/2026", ["dd/mm/yyyy", "mm/dd/yyyy"]) == "2026-12-31T00:00:00"
    assert iso_time("2026-12-31T10:00Z", ["dd/mm/yyyy", "epoch"]) == "2026-12-31T10:00Z"


@given(st.datetimes(datetime(1971, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001 - UTC below
def test_every_format_reads_what_python_writes(moment: datetime) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    written = {
        "dd/mm/yyyy": moment.strftime("%d/%m/%Y %H:%M:%SZ"),
        "mm/dd/yyyy": moment.strftime("%m/%d/%Y %I:%M:%S %p +00:00"),
        "yyyy/mm/dd": moment.strftime("%Y/%m/%d %H:%M:%S UTC"),
        "rfc2822": format_datetime(moment),
        "epoch": str((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)),
        "epoch-ms": str((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)),
    }
    for time_format, text in written.items():
        assert instant(iso_time(text, [time_format]), ZoneInfo("Asia/Tokyo")) == moment, text


@pytest.mark.parametrize(
    ("texts", "formats"),
    [
        (["31/12/2026", "05/06/2026"], ("dd/mm/yyyy",)),
        (["05/31/2026", "05/06/2026"], ("mm/dd/yyyy",)),
        (["05/06/2026"], ("dd/mm/yyyy", "mm/dd/yyyy")),
        (["31/12/2026", "2026-12-31"], ()),  # some are ISO 8601
        (["31/12/2026", "ontem"], ()),
        (["2026-12-31T10:00:00Z"], ()),
        (["20261231"], ()),
        (["2026-W47-7"], ()),
        ([], ()),
        (["1798711200"], ("epoch",)),
        (["1798711200000"], ("epoch-ms",)),
        (["12345"], ()),
    ],
)
def test_formats_are_proposed_for_texts_that_they_read(
    texts: list[str], formats: tuple[str, ...]
) -> None:
    assert fitting_formats(texts) == formats
