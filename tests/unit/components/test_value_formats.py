"""How values are written: every kind in every medium, headers, and codes in words."""

from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

from components.locale import Locale
from components.panels import PANELS
from components.panels.view import Panel
from components.texts import LANGUAGES
from components.value_formats import (
    csv_cells,
    csv_values,
    header,
    json_rows,
    page_cells,
    sheet_cells,
)
from queries.columns import Column, Kind
from queries.table_request import COLUMNS
from tests.panels import panel_of

PT, EN = Locale.of("pt-BR"), Locale.of("en")
NINE = datetime(2026, 11, 1, 9, 5, tzinfo=UTC)


def column(kind: Kind, vocabulary: str = "") -> Column:
    return Column("a", kind, ("column", "Case"), "any", vocabulary=vocabulary)


def frame(value: Any, direction: str = "out") -> pd.DataFrame:
    return pd.DataFrame({"a": [value], "direction": [direction]}, dtype=object)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.slug)
def test_every_column_of_a_download_has_a_header(panel: Panel, language: str) -> None:
    locale = Locale.of(language)
    headers = [header(column, locale) for column in panel.query.download_columns]
    assert all(headers)
    assert len(set(headers)) == len(headers)


def test_every_column_of_the_table_has_a_header() -> None:
    columns = {column.name: column for column in panel_of("details").query.download_columns}
    assert set(columns) == set(COLUMNS) - {"case_id", "error_code"}
    assert header(columns["seq"], PT) == "Ordem das Mensagens"


def test_columns_of_the_period_before_say_so() -> None:
    [before] = [
        column
        for column in panel_of("indicators").query.columns
        if column.name == "previous_messages"
    ]
    assert header(before, PT) == "Mensagens (período anterior)"


@pytest.mark.parametrize(
    ("kind", "value", "portuguese", "english"),
    [
        (Kind.COUNT, 1234, "1234", "1234"),
        (Kind.SHARE, 0.5, "0,500000", "0.500000"),
        (Kind.SHARE, 0.9999996, "0,9999996", "0.9999996"),
        (Kind.SHARE, 1 / 4_000_000, "0,00000025", "0.00000025"),
        (Kind.SHARE, 0.0, "0,000000", "0.000000"),
        (Kind.SHARE, 1.0, "1,000000", "1.000000"),
        (Kind.SECONDS, 0.25, "0,25", "0.25"),
        (Kind.SECONDS, 0.0, "0", "0"),
        (Kind.SHARE, float("nan"), "", ""),
        (Kind.SECONDS, 359.6, "360", "360"),
        (Kind.MONEY, 1234.5, "1234,50", "1234.50"),
        (Kind.DAY, date(2026, 11, 1), "01/11/2026", "01/11/2026"),
        (Kind.MOMENT, NINE, "01/11/2026 09:05", "01/11/2026 09:05"),
        (Kind.TEXT, None, "", ""),
        (Kind.TEXT, "=1+1", "'=1+1", "'=1+1"),
        (Kind.PHONE, "+5511900000002", "+55 11 90000-0002", "+55 11 90000-0002"),
    ],
)
def test_cells_of_a_csv(kind: Kind, value: Any, portuguese: str, english: str) -> None:
    assert csv_cells(column(kind), frame(value), PT) == [portuguese]
    assert csv_cells(column(kind), frame(value), EN) == [english]


@pytest.mark.parametrize(
    ("kind", "value", "page", "sheet", "json"),
    [
        (Kind.TEXT, "=1+1", "=1+1", "=1+1", "=1+1"),
        (Kind.CODE, "over_6h", "Mais de 6\u00a0h restantes", "Mais de 6 h restantes", "over_6h"),
        (Kind.STATUS, "read", "✓✓ Lido", "Lido", "read"),
        (Kind.PHONE, "+5511900000002", "+55 11 90000-0002", "+55 11 90000-0002", "+5511900000002"),
        (Kind.COUNT, 1234, "1.234", 1234, 1234),
        (Kind.SHARE, 0.5, "50,0%", 0.5, 0.5),
        (Kind.SECONDS, 359.6, "6\u00a0min", 359.6, 359.6),
        (Kind.MONEY, 1234.5, "1.234,50", 1234.5, 1234.5),
        (Kind.DAY, date(2026, 11, 1), "01/11/2026", "01/11/2026", "2026-11-01"),
        (Kind.MOMENT, NINE, "01/11/2026 09:05", NINE, "2026-11-01T09:05:00+00:00"),
        (Kind.KEY, 7, "7", "7", 7),
    ],
)
def test_the_same_value_in_every_other_medium(
    kind: Kind, value: Any, page: str, sheet: Any, json: Any
) -> None:
    asked = column(kind, "window")
    assert page_cells(asked, frame(value), PT) == [page]
    assert sheet_cells(asked, frame(value), PT) == [sheet]
    assert json_rows([asked], frame(value)) == [{"a": json}]


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.STATUS])
def test_a_value_that_is_not_known(kind: Kind) -> None:
    """Every message has a status."""
    assert page_cells(column(kind), frame(None), PT) == ["—"]
    assert csv_cells(column(kind), frame(None), PT) == [""]
    assert sheet_cells(column(kind), frame(None), PT) == [None]
    assert json_rows([column(kind)], frame(None)) == [{"a": None}]


def test_codes_become_words() -> None:
    rows = pd.DataFrame(
        {"status": ["read", "read"], "direction": ["out", "in"], "messages": [1, 2]}
    )
    query = panel_of("messages-by-status").query
    cells = {column.name: csv_cells(column, rows, PT) for column in query.download_columns}
    assert cells["status"] == ["Lido", "Tratada"]
    assert cells["direction"] == ["Enviada", "Recebida do cliente"]
    assert cells["messages"] == ["1", "2"]


def test_separators() -> None:
    assert csv_values.separator(PT) == ";"
    assert csv_values.separator(EN) == ","
