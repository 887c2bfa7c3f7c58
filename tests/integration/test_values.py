"""DuckDB reads times and phones of import files as the data contract says."""

from collections.abc import Iterator
from datetime import datetime

import duckdb
import pytest

from sources.loading import value_parsing

pytestmark = pytest.mark.integration


def engine(zone_of_times: str = "UTC") -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    for macro in value_parsing.macros("America/Sao_Paulo", zone_of_times):
        connection.execute(macro)
    return connection


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with engine() as connection:
        yield connection


def value_of(connection: duckdb.DuckDBPyConnection, macro: str, text: str) -> object:
    return connection.execute(f"select {macro}(?)", [text]).fetchall()[0][0]


def utc(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f" if "." in text else "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007


#: What stands behind a phone in the ids of WhatsApp.
SERVER = "s.whatsapp.net"
TEN = "2026-11-20 10:00:00"
MIDNIGHT = "2026-11-20 00:00:00"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        # Days: calendar, week and ordinal; extended and basic.
        ("2026-11-20", MIDNIGHT),
        ("20261120", MIDNIGHT),
        ("2026-W47-5", MIDNIGHT),
        ("2026W475", MIDNIGHT),
        ("2026-324", MIDNIGHT),
        ("2026324", MIDNIGHT),
        ("2024-366", "2024-12-31 00:00:00"),
        ("2026-W53-1", "2026-12-28 00:00:00"),
        ("2027-W01-1", "2027-01-04 00:00:00"),
        ("2025-W52-7", "2025-12-28 00:00:00"),
        ("2026-W01-1", "2025-12-29 00:00:00"),
        ("2020-W53-7", "2021-01-03 00:00:00"),
        # Times of day.
        ("2026-11-20T10:00:00Z", TEN),
        ("2026-11-20T10:00Z", TEN),
        ("2026-11-20T10Z", TEN),
        ("2026-11-20 10:00", TEN),
        ("2026-11-20t10:00z", TEN),
        ("20261120T100000Z", TEN),
        ("20261120T1000Z", TEN),
        ("20261120T1200Z", "2026-11-20 12:00:00"),
        ("20261120T10Z", TEN),
        ("2026-11-20T1000Z", TEN),
        ("20261120T10:00Z", TEN),
        ("2026-W47-5T10:00:00Z", TEN),
        ("2026324T1000Z", TEN),
        ("2026-11-19T24:00Z", MIDNIGHT),
        ("20261119T24", MIDNIGHT),
        # Fractions of the last part that is given.
        ("2026-11-20T12:00:00,123Z", "2026-11-20 12:00:00.123000"),
        ("2026-11-20T12:00:00.123Z", "2026-11-20 12:00:00.123000"),
        ("2026-11-20T12:00:00.1234569Z", "2026-11-20 12:00:00.123456"),
        ("20261120T120000,5Z", "2026-11-20 12:00:00.500000"),
        ("2026-11-20T10:30,5Z", "2026-11-20 10:30:30"),
        ("2026-11-20T10.25Z", "2026-11-20 10:15:00"),
        ("2026-11-20T12:00:00.29Z", "2026-11-20 12:00:00.290000"),
        # Offsets up to 14 hours.
        ("2026-11-20T10:00:00-03:00", "2026-11-20 13:00:00"),
        ("2026-11-20T10:00:00-0300", "2026-11-20 13:00:00"),
        ("2026-11-20T10:00:00-03", "2026-11-20 13:00:00"),
        ("2026-11-20T10:00:00\u221203:00", "2026-11-20 13:00:00"),
        ("20261120T1000-0330", "2026-11-20 13:30:00"),
        ("20261120T1000+0545", "2026-11-20 04:15:00"),
        ("20261120T10+14", "2026-11-19 20:00:00"),
        ("2026-11-20T10:00+14:00", "2026-11-19 20:00:00"),
        ("2026-11-20T10:00-13:59", "2026-11-20 23:59:00"),
        ("2026-11-20T10:00-00:00", TEN),
        # A leap second is the next day's first second.
        ("2016-12-31T23:59:60Z", "2017-01-01 00:00:00"),
        ("2016-12-31T20:59:60.5-03:00", "2017-01-01 00:00:00.500000"),
    ],
)
def test_times(connection: duckdb.DuckDBPyConnection, text: str, moment: str) -> None:
    assert value_of(connection, "read_time", text) == utc(moment)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T10:00+99:99",
        "2026-11-20T10:00+14:01",
        "2026-11-20T10:00-14:30",
        "2026-11-20T10:00+15",
        "2026-11-20T10:00+13:60",
        "20261120T1000+1401",
        "2026-11-20T10:00+3",
        "2026-11-20T10:00-03:00:00",
        "2026-11-20T10:00 -03:00",
        "2026-11-20Z",
        "2026-11-20T25:00Z",
        "2026-11-20T24:01Z",
        "2026-11-20T24:00:00.1Z",
        "2026-11-20T10:60Z",
        "2026-11-20T10:00:61Z",
        "2026-11-20T10:30:60Z",
        "2026-11-31",
        "2026-13-01",
        "2026-1120",
        "202611-20",
        "2026-11",
        "2026-W47",
        "2026-W00-1",
        "2026-W54-1",
        # These years have 52 weeks; the day would be one of the next year.
        "2025-W53-1",
        "2025W537",
        "2024-W53-1T10:00Z",
        "2021-W53-1",
        "0000-W53-1",
        "2026-W47-0",
        "2026-W47-8",
        "2026-000",
        "2026-366",
        "20/11/2026",
        "20-11-2026",
        "11/20/2026 10:00",
        "1700000000",
        "agora",
        "0000-01-01",
        "9999-12-31T24:00",
        "2026-11-20T10:00:00,Z",
        "\u0662\u0660\u0662\u0666-11-20",
    ],
)
def test_invalid_times_are_rejected(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    assert value_of(connection, "read_time", text) is None


@pytest.mark.parametrize(
    ("zone", "text", "moment"),
    [
        ("America/Sao_Paulo", "2026-11-20T10:00", "2026-11-20 13:00:00"),
        ("America/Sao_Paulo", "20261120T1000", "2026-11-20 13:00:00"),
        ("America/Sao_Paulo", "2026-11-20", "2026-11-20 03:00:00"),
        ("America/Sao_Paulo", "2026-11-20T10:00Z", TEN),
        ("America/Sao_Paulo", "2026-11-20T10:00+01:00", "2026-11-20 09:00:00"),
        # Shown twice: the later moment. Skipped: as much later as clocks were put forward.
        ("America/New_York", "2026-11-01T01:30", "2026-11-01 06:30:00"),
        ("America/New_York", "2026-03-08T02:30", "2026-03-08 07:30:00"),
    ],
)
def test_times_without_an_offset_are_of_the_zone_that_is_given(
    zone: str, text: str, moment: str
) -> None:
    with engine(zone) as connection:
        assert value_of(connection, "read_time", text) == utc(moment)


@pytest.mark.parametrize(
    "text",
    [
        "+5511987654321",
        "5511987654321",
        "+55 11 98765-4321",
        "+55 (11) 98765-4321",
        "(+55) [11] 98765 4321",
        "55\u00a011\u00a098765\u20114321",
        "\u202a+5511987654321\u202c",
        "whatsapp:+5511987654321",
        "WhatsApp: 5511987654321",
        f"5511987654321@{SERVER}",
        "5511987654321@",
    ],
)
def test_one_phone_in_all_its_forms(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    assert value_of(connection, "read_phone", text) == "+5511987654321"


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("12345678", "+12345678"),
        ("123456789012345", "+123456789012345"),
        ("1234567", None),
        ("+1234567890123456", None),
        ("5,51199E+12", None),
        ("5.511987654321e+12", None),
        ("5511987654321.0", None),
        ("++5511987654321", None),
        ("55+11987654321", None),
        ("+55 11 98765-4321 ramal 3", None),
        (f"120363042101234567@{SERVER}", None),
        ("@s.whatsapp.net", None),
        ("\u0665\u0665\u0661\u0661\u0669\u0668\u0667\u0666\u0665\u0664", None),
        ("Ana", None),
    ],
)
def test_phones_have_8_to_15_digits_and_others_are_rejected(
    connection: duckdb.DuckDBPyConnection, text: str, phone: str | None
) -> None:
    assert value_of(connection, "read_phone", text) == phone
