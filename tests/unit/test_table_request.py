"""Requests for the table: sort order, column filters and pages."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.panels import details
from queries.errors import FilterError
from queries.table_columns import TABLE_COLUMNS
from queries.table_request import (
    COLUMNS,
    MAX_PAGE,
    PAGE_COLUMNS,
    TableRequest,
    chosen_columns,
)
from queries.user_scope import EVERYTHING, Scope

OPEN = Scope(see_phones=True)
CLOSED = Scope(see_phones=False, see_texts=False)


def refused(raw: dict[str, object], scope: Scope = OPEN) -> str:
    with pytest.raises(FilterError) as caught:
        TableRequest.parse(raw, scope)
    return caught.value.code


def test_the_columns_of_the_contract_come_first() -> None:
    contract = (
        "message_id case_number case_type channel kind template_name status phone reply seq "
        "opened_at last_agent session_type sent_at"
    )
    in_api = tuple(column.name for column in TABLE_COLUMNS if column.in_api)
    assert tuple(contract.split()) == in_api == COLUMNS[:14]


def test_the_default_table_request() -> None:
    assert TableRequest.parse({}, EVERYTHING) == TableRequest(None, (), 0, 20)


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_sorts_and_filters_for_who_sees_all(column: str) -> None:
    assert TableRequest.parse({"sort": column}, OPEN).sort == column
    assert TableRequest.parse({"sort": f"-{column}"}, OPEN).sort == f"-{column}"
    assert TableRequest.parse({f"where.{column}": " Á "}, OPEN).where == ((column, " Á "),)


@pytest.mark.parametrize("column", ["phone", "reply", "customer_message"])
def test_masked_columns_neither_sort_nor_filter(column: str) -> None:
    for raw in ({"sort": column}, {"sort": f"-{column}"}, {f"where.{column}": "1"}):
        assert refused({**raw}, CLOSED) == "masked_column"
    if column == "phone":
        assert refused({"sort": "phone"}, EVERYTHING) == "masked_column"
    else:
        assert TableRequest.parse({"sort": column}, EVERYTHING).sort == column


def test_filters_of_columns_are_in_one_order() -> None:
    asked = {"where.team": "b", "where.case_type": "a"}
    assert TableRequest.parse(asked, OPEN).where == (("case_type", "a"), ("team", "b"))
    assert TableRequest.parse(dict(reversed(asked.items())), OPEN) == TableRequest.parse(
        asked, OPEN
    )


@pytest.mark.parametrize(
    ("code", "raw"),
    [
        *(
            ("unknown_column", {"sort": name})
            for name in ("x", "--sent_at", "-", "+sent_at", "Sent_at", "sent_at desc", "person_id")
        ),
        *(("unknown_column", {f"where.{name}": "a"}) for name in ("", "x", "where.kind", "-kind")),
        *(
            ("bad_number", {"page_size": size})
            for size in ("0", "-1", "1001", str(10**9), "9" * 400, "x", "1.0", "1e2", " 1", 0, -1)
        ),
        *(("bad_number", {"page_size": size}) for size in (1_001, 10**400, "\uff11\uff10", "²")),
        *(
            ("bad_number", {"page": page})
            for page in ("-1", str(MAX_PAGE + 1), "9" * 18, "9" * 5_000, -1, 10**30)
        ),
        *(("empty_value", {name: ""}) for name in ("sort", "page", "page_size", "where.kind")),
        *(("empty_value", {name: []}) for name in ("sort", "page", "page_size", "where.kind")),
        *(("repeated", {name: ["1", "1"]}) for name in ("sort", "page", "page_size", "where.kind")),
        *(
            ("bad_number", {name: value})
            for name in ("page", "page_size")
            for value in (None, True, 1.0, 10.5, float("nan"), {}, [1], [None], ["1", 2])
        ),
        *(
            ("wrong_type", {name: value})
            for name in ("sort", "where.kind")
            for value in (None, True, 1.0, {}, [1], [None])
        ),
        *(("wrong_type", {name: 1}) for name in ("sort", "where.kind")),
        *(
            ("unusable_text", {name: value})
            for name in ("sort", "page", "page_size", "where.kind")
            for value in ("\0", "a\ud800")
        ),
    ],
    ids=lambda value: ascii(value)[:50],
)
def test_invalid_values_are_refused(code: str, raw: dict[str, object]) -> None:
    assert refused(raw) == code


def test_the_smallest_and_largest_pages_are_accepted() -> None:
    for page, size in ((0, 1), (MAX_PAGE, 1_000)):
        wanted = TableRequest(page=page, page_size=size)
        assert TableRequest.parse({"page": page, "page_size": size}, OPEN) == wanted
        assert TableRequest.parse({"page": str(page), "page_size": [str(size)]}, OPEN) == wanted


def test_an_error_repeats_the_value_as_it_was_given() -> None:
    """Query strings give lists; the message shows the value as written, not the list."""
    for given_value in ("1001", ["1001"], 1_001):
        with pytest.raises(FilterError) as caught:
            TableRequest.parse({"page_size": given_value}, OPEN)
        assert str(caught.value.params["value"]) == "1001"
    for given_value, shown in ((10.5, "10.5"), (True, "true"), (None, "null"), ([10], "[10]")):
        with pytest.raises(FilterError) as caught:
            TableRequest.parse({"page": given_value}, OPEN)
        assert caught.value.params["value"] == shown


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["sort", "page", "page_size", "where.kind", "where.phone", "where.\ud800"])
        | st.text(max_size=4).map(lambda name: f"where.{name}"),
        st.text()
        | st.integers()
        | st.floats()
        | st.none()
        | st.booleans()
        | st.lists(st.text(max_size=3) | st.integers(), max_size=3)
        | st.sampled_from(COLUMNS),
    )
)
def test_whatever_is_asked_is_parsed_or_refused(raw: dict[str, Any]) -> None:
    try:
        table = TableRequest.parse(raw, EVERYTHING)
    except FilterError:
        return
    assert 0 <= table.page <= MAX_PAGE
    assert 1 <= table.page_size <= 1_000
    assert len(table.where) == sum(name.startswith("where.") for name in raw)
    assert {column for column, _ in table.where} <= set(COLUMNS) - {"phone"}


# --- which columns a page shows -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_columns", "columns"),
    [
        ("status", ("status",)),
        (["status"], ("status",)),
        ("team,status,case_number", ("case_number", "status", "team")),
        (["team", "status,case_number", "team"], ("case_number", "status", "team")),
    ],
)
def test_columns_come_with_commas_or_repeated_and_in_the_order_of_the_table(
    given_columns: object, columns: tuple[str, ...]
) -> None:
    assert chosen_columns({"columns": given_columns}) == columns


def test_the_parameter_columns_does_not_change_the_request() -> None:
    assert TableRequest.parse({"columns": "team,status"}, CLOSED) == TableRequest.parse({}, CLOSED)
    assert chosen_columns({}) is None


@pytest.mark.parametrize(
    ("code", "columns"),
    [
        *(("unknown_column", name) for name in ("x", "status,x", "message_id", "case_id", " team")),
        ("unknown_column", ["status", "x"]),
        *(("empty_value", name) for name in ("", ",", "status,", ",status", [], [""])),
        *(("wrong_type", value) for value in (None, 1, True, {}, [1])),
        *(("unusable_text", value) for value in ("\0", "a\ud800")),
    ],
    ids=lambda value: ascii(value)[:50],
)
def test_invalid_columns_are_refused(code: str, columns: object) -> None:
    assert refused({"columns": columns}) == code


def test_the_page_knows_the_same_columns() -> None:
    assert tuple(column.name for column in details.COLUMNS) == PAGE_COLUMNS
