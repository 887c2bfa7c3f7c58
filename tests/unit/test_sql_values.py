"""What ``sync sql`` makes of the values and errors of MySQL and MariaDB, without a database."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sources.contract import CASES, MESSAGES
from sources.sql_sync import mysql
from sources.sql_sync.database import Position
from sources.sql_sync.mapping import load_mapping
from sources.sql_sync.state import SqlState, written_position

MOMENT = datetime.fromisoformat("2026-11-20T13:00:00.000005")


@pytest.mark.parametrize(
    ("code", "is_away"),
    [(2003, True), (2013, True), (1045, True), (1040, True), (1213, True), (1064, False)],
)
def test_which_errors_may_be_gone_at_the_next_attempt(code: int, *, is_away: bool) -> None:
    assert mysql.is_away(code) is is_away


@pytest.mark.parametrize("code", [1969, 3024])
def test_both_numbers_of_the_time_limit_are_known(code: int) -> None:
    assert mysql.is_too_long(code)
    assert not mysql.is_away(code)


@pytest.mark.parametrize("code", [1142, 1143, 1690])
def test_a_text_that_may_have_an_address_or_a_value_is_not_shown(code: int) -> None:
    assert "10.0.0.1" not in mysql.refusal(code, "denied to user 'reader'@'10.0.0.1'")


def test_mysql_and_mariadb_have_limits_of_their_own() -> None:
    assert "set session max_statement_time = 7" in mysql.session_limits(7, is_mariadb=True)
    assert "set session max_execution_time = 7000" in mysql.session_limits(7, is_mariadb=False)


@pytest.mark.parametrize(
    ("column_type", "value", "expected"),
    [
        (7, MOMENT, MOMENT.replace(tzinfo=UTC)),
        (7, "0000-00-00 00:00:00", "0000-00-00 00:00:00"),
        (16, b"\x01", 1),
        (16, None, None),
    ],
)
def test_types_whose_values_lack_what_they_mean(
    column_type: int, value: Any, expected: Any
) -> None:
    description = [("at", column_type), ("opened", 12)]
    types = mysql.column_types(description)
    assert set(types) == {"at"}
    assert mysql.value_of(value, types["at"]) == expected


@pytest.mark.parametrize(
    "position",
    [
        Position(MOMENT, b"\x01\x93\xa0\xff"),
        Position(MOMENT.replace(tzinfo=UTC), 3),
        Position(7, "a"),
    ],
)
def test_a_position_is_read_as_it_was_written(position: Position) -> None:
    state = SqlState(positions={MESSAGES.name: written_position(position)})
    assert SqlState.of(state.to_json()).position(MESSAGES.name) == position


@pytest.mark.parametrize("driver", ["mysql", "mariadb", "mariadb+pymysql"])
def test_the_server_says_which_of_both_it_is(tmp_path: Path, driver: str) -> None:
    path = tmp_path / "portal.toml"
    path.write_text(
        f'name = "a"\nurl = "{driver}://reader@host/shop"\n'
        f'[{CASES.name}]\nselect = "select 1"\nwatermark = "w"\n'
    )
    assert load_mapping(path, {}).url.drivername == "mysql+pymysql"
