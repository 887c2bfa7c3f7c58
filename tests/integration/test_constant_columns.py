"""Columns with one value in all rows: what an answer says of them is so in every row."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from app.factory import create_app, parts_of
from app.settings import Settings
from queries import constant_columns
from queries.filters import Filters
from queries.reader import Reader
from queries.table_request import TableRequest
from queries.user_scope import EVERYTHING
from tests.oracle.awkward import write_awkward
from tests.services import import_files

ALWAYS = {"start": "2018-01-01", "end": "2026-12-31"}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    folder = tmp_path_factory.mktemp("constant")
    url, _ = import_files(folder, *write_awkward(folder, 5, 120))
    made = create_app(Settings(store_url=url))
    with closing(parts_of(made)) as parts:
        yield parts.reader


def same_everywhere(reader: Reader, filters: Filters, table: TableRequest) -> tuple[set[str], int]:
    """Return the columns that have one value in all rows, and the number of rows."""
    frames = list(reader.all_rows("details", filters, EVERYTHING, table))
    rows = [row for frame in frames for row in frame.to_dict("records")]
    names = rows[0] if rows else {}
    return {name for name in names if len({row[name] for row in rows}) == 1}, len(rows)


QUESTIONS: list[dict[str, Any]] = [
    {},
    {"kind": "hsm"},
    {"kind": "hsm", "direction": "out"},
    {"direction": "in"},
    {"direction": "in", "status": "read"},
    {"status": "read"},
    {"status": ["read", "failed"], "direction": "out"},
    {"kind": "session", "direction": "out"},
    {"start": "2026-11-01", "end": "2026-11-02"},
    {"start": "1950-01-01", "end": "1950-01-02"},
    {"basis": "opened", "direction": "in"},
]


@pytest.mark.parametrize("page_size", [1, 3, 20, 1_000])
@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_a_constant_column_has_one_value_in_all_rows(
    reader: Reader, question: dict[str, Any], page_size: int
) -> None:
    filters = Filters.parse({**ALWAYS, **question})
    table = TableRequest(page_size=page_size)
    answer = reader.panel("details", filters, EVERYTHING, table)
    alike, number = same_everywhere(reader, filters, table)
    assert answer.total == number
    assert "channel" in answer.constant
    if number < 2:
        assert answer.constant == {"channel"}
        return
    assert answer.constant <= alike
    if "direction" not in alike:
        assert "status" not in answer.constant
    if number <= page_size:
        found = {name for name in constant_columns.FOLDABLE if name in alike}
    else:  # what the roll-up and single values of filters can tell
        exact = ("kind", "case_type", "team", "direction", "template_name")
        found = {name for name in exact if name in alike}
    assert found - {"status"} <= answer.constant


def test_the_questions_have_constant_and_differing_columns(reader: Reader) -> None:
    """Some columns are alike on the first page only: they must not be folded."""
    filters = Filters.parse(dict(ALWAYS))
    answer = reader.panel("details", filters, EVERYTHING, TableRequest(page_size=1))
    assert answer.constant == {"channel"}, "one row of a page does not speak for all"
    filters = Filters.parse({**ALWAYS, "kind": "hsm"})
    answer = reader.panel("details", filters, EVERYTHING, TableRequest(page_size=1))
    assert {"kind", "direction"} <= answer.constant, "every HSM is sent"


def test_filters_of_columns_leave_only_what_is_certain(reader: Reader) -> None:
    filters = Filters.parse({**ALWAYS, "direction": "out"})
    table = TableRequest(where=(("case_type", "a"),), page_size=1)
    answer = reader.panel("details", filters, EVERYTHING, table)
    alike, number = same_everywhere(reader, filters, table)
    assert number > 1
    assert answer.constant <= alike
    assert answer.constant == {"channel", "direction"}
