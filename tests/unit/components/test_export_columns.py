"""Downloads in words: headers, codes, cells."""

from datetime import date, datetime
from typing import Any

import pandas as pd
import pytest

from components import export_columns
from components.locale import Locale
from components.texts import LANGUAGES
from queries.panels import PANELS
from queries.table_request import COLUMNS

PT, EN = Locale.of("pt-BR"), Locale.of("en")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", [*PANELS])
def test_every_column_of_a_panel_has_a_header(slug: str, language: str) -> None:
    headers = export_columns.headers(slug, Locale.of(language).texts)
    assert tuple(headers) == tuple(PANELS[slug].COLUMNS)
    assert len(set(headers.values())) == len(headers)


def test_every_column_of_the_table_has_a_header() -> None:
    headers = export_columns.headers("details", PT.texts)
    assert set(headers) == set(COLUMNS) - {"case_id"}
    assert headers["seq"] == "Ordem das Mensagens"


def test_a_panel_without_download_is_an_error() -> None:
    with pytest.raises(LookupError):
        export_columns.headers("nothing", PT.texts)


@pytest.mark.parametrize(
    ("column", "value", "portuguese", "english"),
    [
        ("messages", 1234, "1234", "1234"),
        ("delivery_rate", 0.5, "0,500000", "0.500000"),
        ("delivery_rate", 0.9999996, "0,9999996", "0.9999996"),
        ("failure_rate", 1 / 4_000_000, "0,00000025", "0.00000025"),
        ("failure_rate", 0.0, "0,000000", "0.000000"),
        ("delivery_rate", 1.0, "1,000000", "1.000000"),
        ("median_first_response_seconds", 0.25, "0,25", "0.25"),
        ("median_first_response_seconds", 0.0, "0", "0"),
        ("previous_read_rate", float("nan"), "", ""),
        ("median_first_response_seconds", 359.6, "360", "360"),
        ("period", date(2026, 11, 1), "01/11/2026", "01/11/2026"),
        ("sent_at", datetime(2026, 11, 1, 9, 5), "01/11/2026 09:05", "01/11/2026 09:05"),  # noqa: DTZ001
        ("reply", None, "", ""),
        ("reply", "=1+1", "=1+1", "=1+1"),
    ],
)
def test_cells(column: str, value: Any, portuguese: str, english: str) -> None:
    assert export_columns.cell(column, value, PT) == portuguese
    assert export_columns.cell(column, value, EN) == english


def test_codes_become_words() -> None:
    frame = pd.DataFrame(
        {"status": ["read", "read"], "direction": ["out", "in"], "messages": [1, 2]}
    )
    worded = export_columns.worded("messages-by-status", frame, PT)
    assert list(worded["status"]) == ["Lido", "Tratada"]
    assert list(worded["direction"]) == ["Enviada", "Recebida do cliente"]
    assert list(worded["messages"]) == [1, 2]


def test_separators() -> None:
    assert export_columns.separator(PT) == ";"
    assert export_columns.separator(EN) == ","
