"""Downloads: the API's numbers with labels, and nothing that a spreadsheet would run."""

import csv
import io
import json
import re
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import workbook
from app.factory import create_app, parts_of
from app.file_names import file_name
from app.routes import exports
from app.settings import Settings
from components import value_formats
from components.texts import Texts
from components.value_formats import csv_values
from queries.engines.duckdb.reader import DuckDBSnapshot
from queries.panels import details
from queries.panels.indicators import COSTS, RATES_BY_KIND
from queries.vocabulary import STATUSES
from tests.oracle.awkward import write_awkward
from tests.panels import PERIOD_SLUGS, panel_of
from tests.services import import_files, import_rows

ALWAYS = {"start": "2018-01-01", "end": "2026-12-31"}
PANEL = "/api/v1/panels/"
BOM = b"\xef\xbb\xbf"

FORMULAS = ["=1+1", "+cmd", "-2+3", "@x", "\tx", "\r=1", "=cmd|' /C calc'!A0", "-x", "+55 call me"]
PLAIN = ["+5511987654471", "-1.234,5", "-7", "1=1", "a@b", "'=1", "Olá; tudo bem?", 'a "b"', "a\nb"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("exports")
    url, _ = import_files(folder, *write_awkward(folder, 5, 120))
    made = create_app(Settings(store_url=url))
    with closing(parts_of(made)):
        yield made


@pytest.fixture(scope="module")
def dangerous(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A case whose messages look like formulas to spreadsheets, with visible phones."""
    case = {
        "case_id": "=1+2",
        "case_number": "@SUM(A1)",
        "person_name": "=HYPERLINK(1)",
        "channel": "WhatsApp",
        "case_type": "+tipo",
        "team": "-equipe",
        "opened_at": "2026-11-10T12:00:00Z",
    }
    long = "x" * 40_000
    messages = [
        {
            "message_id": f"m{number:02d}",
            "case_id": "=1+2",
            "direction": "out",
            "sent_at": f"2026-11-10T12:{number:02d}:00Z",
            "phone": "+5511987654471",
            "business_number": "+551140000000" if number % 2 else "+552130000000",
            "body": body,
            "agent": "@agent",
            "kind": "hsm",
            "template_name": "=template",
        }
        for number, body in enumerate([*FORMULAS, *PLAIN, long])
    ]
    url = import_rows(tmp_path_factory.mktemp("dangerous"), [case], messages)
    made = create_app(Settings(store_url=url, capabilities="reveal_phone reveal_text export"))
    with closing(parts_of(made)):
        yield made.test_client()


def download(client: FlaskClient, name: str, **query: Any) -> bytes:
    with client.get(f"/export/{name}", query_string=query) as response:
        content: bytes = response.get_data()
        assert response.status_code == 200, content[:500]
    return content


def table(client: FlaskClient, slug: str, **query: Any) -> list[list[str]]:
    """Return headers and rows of a CSV file, parsed as a spreadsheet of its language does."""
    content = download(client, f"{slug}.csv", **query)
    assert content.startswith(BOM)
    assert not content.startswith(BOM * 2)
    sign = "," if query.get("lang") == "en" else ";"
    csv.field_size_limit(2**24)  # Python's own limit is shorter than the longest text
    return list(csv.reader(io.StringIO(content[3:].decode(), newline=""), delimiter=sign))


def api(client: FlaskClient, slug: str, **query: Any) -> Any:
    response = client.get(PANEL + slug, query_string=query)
    assert response.status_code == 200, response.get_data(as_text=True)[:500]
    return json.loads(response.get_data())


def sheet(client: FlaskClient, **query: Any) -> list[list[Any]]:
    content = download(client, "details.xlsx", **query)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert len(book.worksheets) == 2
    rows = list(book.worksheets[1].iter_rows())
    assert not [cell for row in rows for cell in row if cell.data_type == "f" or cell.hyperlink]
    return [[written(cell.value) for cell in row] for row in rows]


def in_a_cell(text: str) -> str:
    """Return the text as a cell of a Portuguese workbook holds it."""
    mark = "… (cortado, inteiro no CSV)"
    return text if len(text) <= CELL else text[: CELL - len(mark)] + mark


def written(value: Any) -> Any:
    """Return a cell's value as Excel reads it; openpyxl leaves carriage returns escaped."""
    return value.replace("_x000D_", "\r") if isinstance(value, str) else value


# --- CSV of panels ------------------------------------------------------------------------------

HEADERS = {
    ("messages-by-origin", "pt-BR"): "Período a partir de;Origem;Mensagens",
    ("messages-by-status", "pt-BR"): "Status;Origem;Mensagens",
    ("cases", "pt-BR"): "Período a partir de;Casos criados;Casos atendidos",
    ("templates", "pt-BR"): "Template;Disparos;Entregues;Lidos;Falhas;Respondidos",
    ("details", "pt-BR"): (
        "Case;Data da Mensagem;Solicitante;Origem;Status;Erro;Tipo;Equipe;Respostas;"
        "Mensagem do cliente;Template Usado;Último Agente;Telefone;HSM/WApp;Tipo de Sessão;"
        "Ordem das Mensagens;Data de Criação;Situação do Caso;Canal;Número da Empresa;"
        "ID da Mensagem"
    ),
    ("failures", "pt-BR"): "O que fazer;Código do erro;Erro;Mensagens",
    ("hsm-in-window", "pt-BR"): "Categoria;Disparos;Em janela aberta",
    ("messages-by-origin", "en"): "Period from;Origin;Messages",
    ("templates", "en"): "Template;Sends;Delivered;Read;Failed;Answered",
}


@pytest.mark.parametrize(("slug", "language"), HEADERS)
def test_headers_are_those_of_the_page(client: FlaskClient, slug: str, language: str) -> None:
    asked = {} if language == "pt-BR" else {"lang": language}
    assert table(client, slug, **asked)[0] == HEADERS[slug, language].split(";")


def day(text: str) -> str:
    return date.fromisoformat(text).strftime("%d/%m/%Y")


ORIGINS = {"Enviada": "out", "Recebida do cliente": "in"}
WORDS = {
    ("out", "new"): "Novo",
    ("out", "sent"): "Enviado",
    ("out", "delivered"): "Recebido",
    ("out", "read"): "Lido",
    ("out", "failed"): "Falhou",
    ("out", "unknown"): "Sem confirmação",
    ("in", "new"): "Aguardando",
    ("in", "read"): "Tratada",
}
QUESTIONS: list[dict[str, Any]] = [
    dict(ALWAYS),
    {**ALWAYS, "basis": "opened", "direction": "in"},
    {**ALWAYS, "bucket": "week", "case_type": ["Dúvida", "duvida"], "kind": "session"},
    {"start": "1950-01-01", "end": "1950-01-03"},
    {},
]


@pytest.mark.parametrize("question", QUESTIONS, ids=ascii)
def test_the_numbers_are_those_of_the_api(client: FlaskClient, question: dict[str, Any]) -> None:
    by_origin = [
        [day(row["period"]), row["direction"], str(row["messages"])]
        for row in api(client, "messages-by-origin", **question)["rows"]
    ]
    got = table(client, "messages-by-origin", **question)[1:]
    assert [[period, ORIGINS[word], count] for period, word, count in got] == by_origin

    by_status = [
        [WORDS[row["direction"], row["status"]], row["direction"], str(row["messages"])]
        for row in api(client, "messages-by-status", **question)["rows"]
        if (row["direction"], row["status"]) in WORDS
    ]
    got = table(client, "messages-by-status", **question)[1:]
    got = [[word, ORIGINS[origin], n] for word, origin, n in got if word not in STATUSES]
    assert got == by_status

    cases = api(client, "cases", **question)["rows"]
    assert table(client, "cases", **question)[1:] == [
        [day(row["period"]), str(row["created"]), str(row["attended"])] for row in cases
    ]
    templates = api(client, "templates", **question)["rows"]
    assert table(client, "templates", **question)[1:] == [
        ["" if value is None else str(value) for value in row.values()] for row in templates
    ]


@pytest.mark.parametrize(("language", "decimal"), [("pt-BR", ","), ("es", ","), ("en", ".")])
def test_indicators_have_the_decimal_sign_of_the_language(
    client: FlaskClient, language: str, decimal: str
) -> None:
    question = {"start": "2026-09-01", "end": "2026-11-22", "basis": "opened"}
    [row] = api(client, "indicators", **question)["rows"]
    headers, cells = table(client, "indicators", **question, lang=language)
    further = sum(column.in_download for column in (*RATES_BY_KIND, *COSTS))
    assert len(headers) == len(set(headers)) == len(cells) == len(row) + further
    by_kind = api(client, "indicators", **question, kind="hsm")["rows"][0]
    assert cells[len(row)] == f"{by_kind['delivery_rate']:.6f}".replace(".", decimal)
    for (name, value), cell in zip(row.items(), cells, strict=False):
        if value is None:
            assert cell == ""
        elif name.endswith(("_rate", "_share")):
            assert cell == f"{value:.6f}".replace(".", decimal)
        else:
            assert int(cell) == round(value)
    assert any(decimal in cell for cell in cells)


def test_a_download_for_people_shows_no_codes(client: FlaskClient) -> None:
    for slug in ("messages-by-status", "messages-by-origin", "details"):
        headers, *rows = table(client, slug, **ALWAYS)
        places = [headers.index(name) for name in ("Status", "Origem") if name in headers]
        shown = {row[place] for row in rows for place in places}
        assert not shown & {*STATUSES, "out", "in"}


# --- details ------------------------------------------------------------------------------------

CELL = 32_767  # characters that Excel takes in a cell
#: The headers of the API's columns, in the API's order.
API_HEADERS = (
    *("ID da Mensagem", "Case", "Tipo", "Canal", "HSM/WApp", "Template Usado", "Status"),
    *("Telefone", "Respostas", "Ordem das Mensagens", "Data de Criação", "Último Agente"),
    *("Tipo de Sessão", "Data da Mensagem"),
)


def all_pages(client: FlaskClient, **query: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    while True:
        found = api(client, "details", **query, page=len(rows) // 100, page_size=100)
        rows += found["rows"]
        if not found["rows"] or len(rows) >= found["total"]:
            assert len(rows) == found["total"]
            return rows


def as_cells(row: dict[str, Any], direction: str) -> list[str]:
    """Return a row of the API as the download shows it in pt-BR."""
    words = {
        "kind": {"hsm": "HSM", "session": "WApp"},
        "session_type": {
            "hsm": "Iniciada por HSM",
            "customer": "Iniciada pelo cliente",
            "business": "Iniciada pela empresa (sem HSM registrado)",
        },
    }
    shown = dict(row)
    shown["status"] = WORDS[direction, row["status"]]
    for name, vocabulary in words.items():
        shown[name] = vocabulary[row[name]]
    for name in ("opened_at", "sent_at"):
        shown[name] = datetime.fromisoformat(row[name]).strftime("%d/%m/%Y %H:%M")
    return ["" if value is None else str(value) for value in shown.values()]


TABLES: list[dict[str, Any]] = [
    dict(ALWAYS),
    {**ALWAYS, "sort": "case_type", "where.kind": "wapp"},
    {**ALWAYS, "sort": "-seq", "direction": "out", "where.reply": "a"},
]


@pytest.mark.parametrize("question", TABLES, ids=ascii)
def test_the_table_is_all_pages_of_the_api_in_their_order(
    client: FlaskClient, question: dict[str, Any]
) -> None:
    headers, *rows = table(client, "details", **question)
    expected = all_pages(client, **question)
    assert len(rows) == len(expected) > 20
    origin = headers.index("Origem")
    places = [headers.index(name) for name in API_HEADERS]
    for in_page_order, row in zip(rows, expected, strict=True):
        cells = [in_page_order[place] for place in places]
        right = as_cells(row, ORIGINS[in_page_order[origin]])
        plain = [
            cell.removeprefix("'") if text[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
            for cell, text in zip(cells, right, strict=True)
        ]
        assert plain == right


@pytest.mark.parametrize("sort", ["", "sent_at", "-sent_at", "-case_type"])
def test_the_table_is_the_same_when_read_in_many_groups_of_days(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    question = {**ALWAYS, "direction": "out", **({"sort": sort} if sort else {})}
    whole = table(client, "details", **question)
    monkeypatch.setattr(details, "CHUNK_ROWS", 7)
    assert len(whole) > 50
    assert table(client, "details", **question) == whole


def test_the_page_of_the_table_does_not_cut_its_download(client: FlaskClient) -> None:
    whole = table(client, "details", **ALWAYS)
    assert table(client, "details", **ALWAYS, page="1", page_size="2") == whole
    assert sheet(client, **ALWAYS, page="1", page_size="2") == sheet(client, **ALWAYS)


@pytest.mark.parametrize("question", TABLES[::2], ids=ascii)
def test_the_workbook_is_the_csv(client: FlaskClient, question: dict[str, Any]) -> None:
    headers, *rows = table(client, "details", **question)
    top, *book = sheet(client, **question)
    assert top == headers
    assert len(book) == len(rows)

    def text(value: Any) -> str:
        if isinstance(value, datetime):
            return value.strftime("%d/%m/%Y %H:%M")
        return "" if value is None else str(value)

    for cells, values in zip(rows, book, strict=True):
        for cell, value in zip(cells, values, strict=True):
            assert text(value) in (in_a_cell(cell), in_a_cell(cell.removeprefix("'")))
    types = {name: {type(row[place]) for row in book} for place, name in enumerate(top)}
    assert types["Ordem das Mensagens"] == {int}
    assert types["Data da Mensagem"] == types["Data de Criação"] == {datetime}


def front(client: FlaskClient, **query: Any) -> dict[str, Any]:
    """Return the lines of the first sheet of a workbook: its values by label."""
    content = download(client, "details.xlsx", **query)
    first = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return {row[0].value: row[1].value for row in first.iter_rows(min_row=3)}


def test_the_first_sheet_names_what_the_workbook_holds(client: FlaskClient) -> None:
    question = {**ALWAYS, "basis": "opened", "status": ["read", "failed"], "sort": "-case_type"}
    lines = front(client, **question, **{"where.kind": "wapp"})
    rows = api(client, "details", **question, **{"where.kind": "wapp"})["total"]
    assert lines["Período"] == "01/01/2018 a 31/12/2026"
    assert lines["Data de referência"] == "Abertura do caso"
    assert lines["Status"] == "Falhou; Lido / Tratada"
    assert lines["Filtro de coluna"] == "HSM/WApp contém \u201cwapp\u201d"
    assert lines["Ordem"] == "Tipo, decrescente"
    assert lines["Linhas"] == rows > 0
    assert "America/Sao_Paulo" in lines["Fuso horário"]
    assert "Brasília" in lines["Fuso horário"]
    made = lines["Arquivo gerado em"]
    times = [datetime.fromisoformat(row["sent_at"]) for row in all_pages(client, **ALWAYS)]
    until_now = [at for at in (at.replace(tzinfo=None, second=0) for at in times) if at <= made]
    assert max(until_now).replace(microsecond=0) <= lines["Dados até"] <= made
    assert isinstance(lines["Dados atualizados em"], datetime)
    assert "Canal" not in front(client, **ALWAYS)


def test_a_default_period_is_named_on_the_first_sheet(client: FlaskClient) -> None:
    answered = api(client, "details")["filters"]
    start, end = (day(answered[name]) for name in ("start", "end"))
    assert front(client)["Período"] == f"{start} a {end}"


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("details.xlsx?lang=pt-BR", "consumo-detalhado-2018-01-01-2026-12-31.xlsx"),
        ("details.csv?lang=es", "consumo-detalle-2018-01-01-2026-12-31.csv"),
        ("templates.csv?lang=en", "consumo-use-of-hsm-templates-2018-01-01-2026-12-31.csv"),
    ],
)
def test_a_file_is_named_in_the_language_of_the_reader(
    client: FlaskClient, asked: str, name: str
) -> None:
    path, _, lang = asked.partition("?lang=")
    with client.get(f"/export/{path}", query_string={**ALWAYS, "lang": lang}) as answer:
        assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"


def test_a_download_without_rows_has_headers(client: FlaskClient) -> None:
    nothing = {"start": "1950-01-01", "end": "1950-01-01"}
    assert len(table(client, "details", **nothing)) == 1
    assert len(table(client, "templates", **nothing)) == 1
    assert len(sheet(client, **nothing)) == 1


def test_a_filter_that_matches_nothing_downloads_nothing(client: FlaskClient) -> None:
    nobody = {**ALWAYS, "person": "nobody"}
    assert len(table(client, "details", **nobody)) == 1
    assert len(sheet(client, **nobody)) == 1
    assert {row[-1] for row in table(client, "messages-by-origin", **nobody)[1:]} == {"0"}


# --- what a spreadsheet would run ---------------------------------------------------------------


def test_formulas_are_neutralized_and_numbers_are_unchanged(dangerous: FlaskClient) -> None:
    headers, *rows = table(dangerous, "details", sort="sent_at")
    replies = [row[headers.index("Respostas")] for row in rows]
    count = len(FORMULAS)
    assert replies[:count] == [f"'{text}" for text in FORMULAS]
    assert replies[count : count + len(PLAIN)] == PLAIN
    # A spreadsheet takes a number without spaces for one to reckon with, and drops its plus.
    assert {row[headers.index("Telefone")] for row in rows} == {"+55 11 98765-4471"}
    numbers = {row[headers.index("Número da Empresa")] for row in rows}
    assert numbers == {"+55 11 4000-0000", "+55 21 3000-0000"}
    for header, text in {
        "Case": "'@SUM(A1)",
        "Tipo": "'+tipo",
        "Equipe": "'-equipe",
        "Solicitante": "'=HYPERLINK(1)",
        "Último Agente": "'@agent",
        "Template Usado": "'=template",
    }.items():
        assert {row[headers.index(header)] for row in rows} == {text}


def test_no_download_has_a_cell_that_a_spreadsheet_runs(dangerous: FlaskClient) -> None:
    for slug in PERIOD_SLUGS:
        for row in table(dangerous, slug):
            for cell in row:
                is_number = not set(cell) - set("+-0123456789.,")
                is_phone = re.fullmatch(r"\+55 \d\d \d{4,5}-\d{4}", cell)
                assert is_number or is_phone or cell[:1] not in ("=", "+", "-", "@", "\t", "\r")
    assert [row[0] for row in table(dangerous, "templates")[1:]] == ["'=template"]


def test_a_masked_phone_stays_as_it_is() -> None:
    for text in ("+55 11 *****-4471", "*****-0123", "+5511987654471", "-0,5", "(11) 4002-8922"):
        assert csv_values.neutralize_formula(text) == text


SUMS = ["=1+1", "+cmd|", "-2+3", "+2-3", "+1*9", "@SUM(A1)", "-5\n=1", "+55 11 call", "-cmd"]
BEHIND = ["\t=1", " =1", "a;=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201"]


@pytest.mark.parametrize("text", [*SUMS, *BEHIND])
def test_values_that_a_spreadsheet_would_run_are_neutralized(text: str) -> None:
    assert csv_values.neutralize_formula(text) == f"'{text}"


@pytest.mark.parametrize(
    "text",
    ["+55 11 98888-7777", "+55 (11) 98888-7777", "+5511999990000", "+55 11 *****-4471", "-5"],
)
def test_numbers_and_phones_stay_as_they_are(text: str) -> None:
    assert csv_values.neutralize_formula(text) == text


def test_texts_in_the_workbook_are_unchanged(dangerous: FlaskClient) -> None:
    headers, *rows = sheet(dangerous, sort="sent_at")
    replies = [row[headers.index("Respostas")] for row in rows]
    assert replies[: len(FORMULAS + PLAIN)] == FORMULAS + PLAIN
    assert {row[headers.index("Telefone")] for row in rows} == {"+55 11 98765-4471"}
    numbers = {row[headers.index("Número da Empresa")] for row in rows}
    assert numbers == {"+55 11 4000-0000", "+55 21 3000-0000"}


@pytest.mark.parametrize(
    ("language", "header", "mark"),
    [
        ("pt-BR", "Respostas", "… (cortado, inteiro no CSV)"),
        ("en", "Replies", "… (cut, whole in CSV)"),
        ("es", "Respuestas", "… (cortado, entero en CSV)"),
    ],
)
def test_a_text_too_long_for_a_cell_says_that_it_is_cut(
    dangerous: FlaskClient, language: str, header: str, mark: str
) -> None:
    headers, *rows = sheet(dangerous, sort="-sent_at", lang=language)
    assert rows[0][headers.index(header)] == "x" * (CELL - len(mark)) + mark


# --- names, errors, limits ----------------------------------------------------------------------


@pytest.mark.parametrize("slug", PERIOD_SLUGS)
def test_a_file_is_named_by_panel_and_period(client: FlaskClient, slug: str) -> None:
    asked = {"start": "2026-11-01", "end": "2026-11-20", "person": '../"x"; filename=evil'}
    kinds = ["csv", "xlsx"] if slug == details.PANEL.slug else ["csv"]
    title = Texts("pt-BR").gettext(panel_of(slug).title)
    for kind in kinds:
        with client.get(f"/export/{slug}.{kind}", query_string=asked) as response:
            disposition = response.headers["Content-Disposition"].replace('"', "")
        name = file_name(title, "2026-11-01-2026-11-20", kind)
        assert disposition == f"attachment; filename={name}"


def test_a_file_without_a_period_is_named_by_the_default_one(client: FlaskClient) -> None:
    filters = api(client, "cases")["filters"]
    with client.get("/export/cases.csv") as response:
        assert f"{filters['start']}-{filters['end']}.csv" in response.headers["Content-Disposition"]


def test_content_types_match_the_files(client: FlaskClient) -> None:
    with client.get("/export/cases.csv") as response:
        assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    with client.get("/export/details.xlsx") as response:
        assert response.headers["Content-Type"] == exports.XLSX_TYPE


@pytest.mark.parametrize("name", [*(f"{slug}.csv" for slug in PERIOD_SLUGS), "details.xlsx"])
@pytest.mark.parametrize(
    ("code", "query"),
    [
        ("unknown_parameter", "persons=x"),
        ("period_incomplete", "start=2026-01-01"),
        ("bad_date", "start=x&end=2026-01-01"),
        ("bad_value", "status=lido"),
        ("unknown_column", "sort=x"),
        ("masked_column", "where.phone=1"),
        ("unusable_text", "person=%ff"),
        ("bad_value", "lang=fr"),
    ],
)
def test_bad_parameters_give_an_error_message_and_no_file(
    client: FlaskClient, name: str, code: str, query: str
) -> None:
    response = client.get(f"/export/{name}?{query}")
    assert response.status_code == 400
    assert "Content-Disposition" not in response.headers
    error = json.loads(response.get_data())["error"]
    assert error["code"] == code
    assert error.keys() == {"code", "message"}


@pytest.mark.parametrize("name", ["nope.csv", "cases.xlsx", "cases", "details.pdf", "cases.csv/x"])
def test_unknown_download_names_are_not_found(client: FlaskClient, name: str) -> None:
    assert client.get(f"/export/{name}").status_code == 404
    assert client.put("/export/cases.csv").status_code == 405


def test_more_rows_than_a_workbook_takes_are_refused(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert workbook.MAX_ROWS == 2**20 - 1
    total = api(client, "details", **ALWAYS)["total"]
    monkeypatch.setattr(workbook, "MAX_ROWS", total)
    assert len(sheet(client, **ALWAYS)) == total + 1
    monkeypatch.setattr(workbook, "MAX_ROWS", total - 1)
    response = client.get("/export/details.xlsx", query_string=ALWAYS)
    assert response.status_code == 400
    assert json.loads(response.get_data())["error"]["code"] == "too_many_rows"
    # What the table's columns leave is what counts.
    assert sheet(client, **ALWAYS, **{"where.direction": "recebida"})


# --- how far it is ------------------------------------------------------------------------------

ROWS = 30_000  # three batches


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    case = {
        "case_id": "c",
        "person_name": "Ana",
        "channel": "WhatsApp",
        "case_type": "t",
        "opened_at": "2026-11-10T12:00:00Z",
    }
    start = datetime(2026, 11, 10, 12, tzinfo=UTC)
    messages = [
        {
            "message_id": f"m{number:06d}",
            "case_id": "c",
            "direction": "in",
            "sent_at": (start + timedelta(seconds=number)).isoformat(),
            "body": f"texto {number}",
        }
        for number in range(ROWS)
    ]
    made = create_app(
        Settings(store_url=import_rows(tmp_path_factory.mktemp("large"), [case], messages))
    )
    with closing(parts_of(made)):
        yield made


def new_name() -> str:
    """Return a name that no other test has: tests share a server, which remembers its names."""
    return uuid.uuid4().hex


def told(client: FlaskClient, name: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(client.get(f"/export/progress/{name}").get_data())
    return answer


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_name_gives_the_progress_of_its_download(large: Flask, kind: str) -> None:
    client, other = large.test_client(), large.test_client()
    name = new_name()
    assert told(other, name) == {"state": "unknown"}
    with client.get(f"/export/details.{kind}", query_string={**ALWAYS, "progress": name}) as got:
        chunks = got.iter_encoded()
        seen = []
        size = 0
        for chunk in chunks:
            size += len(chunk)
            seen.append(told(other, name)["rows"])
        assert told(other, name) == {"state": "done", "rows": ROWS, "total": ROWS}
    assert seen[:3] == [10_000, 20_000, 30_000]
    assert told(other, name)["state"] == "done"
    assert size > 100_000


def test_all_rows_of_many_batches_are_in_both_files(large: Flask) -> None:
    client = large.test_client()
    headers, *rows = table(client, "details", **ALWAYS, sort="sent_at")
    place = headers.index("Mensagem do cliente")
    assert [row[place] for row in rows] == [f"texto {number}" for number in range(ROWS)]
    _, *book = sheet(client, **ALWAYS, sort="sent_at")
    assert [row[place] for row in book] == [f"texto {number}" for number in range(ROWS)]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_download_is_stopped_by_its_name(large: Flask, kind: str) -> None:
    client, other = large.test_client(), large.test_client()
    name = new_name()
    with client.get(f"/export/details.{kind}", query_string={**ALWAYS, "progress": name}) as got:
        chunks = got.iter_encoded()
        next(chunks)
        assert other.post(f"/export/progress/{name}/stop").status_code == 200
        with pytest.raises(
            ConnectionResetError
        ):  # which a server answers by cutting the connection
            list(chunks)
    assert told(other, name) == {"state": "stopped", "rows": 20_000, "total": ROWS}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_closed_connection_ends_the_download(
    large: Flask, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    client, other = large.test_client(), large.test_client()
    name = new_name()
    ended = []
    stream = DuckDBSnapshot.stream

    def watched(self: DuckDBSnapshot, *args: Any) -> Iterator[Any]:
        try:
            yield from stream(self, *args)
        finally:
            ended.append(self)

    monkeypatch.setattr(DuckDBSnapshot, "stream", watched)
    got = client.get(f"/export/details.{kind}", query_string={**ALWAYS, "progress": name})
    next(got.iter_encoded())
    assert not ended
    got.close()
    assert ended
    assert told(other, name) == {"state": "broken", "rows": 10_000, "total": ROWS}


def test_a_failed_download_reports_an_error_and_is_cut_off(
    large: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client, other = large.test_client(), large.test_client()
    name = new_name()
    csv_cells = value_formats.csv_cells
    calls = []

    def failing(*args: Any) -> Any:
        calls.append(args)
        if len(calls) > len(details.PANEL.download_columns):  # in the second batch
            raise RuntimeError("+5511987654471")
        return csv_cells(*args)

    monkeypatch.setattr(value_formats, "csv_cells", failing)
    asked = {**ALWAYS, "progress": name, "lang": "en"}
    with (
        client.get("/export/details.csv", query_string=asked) as got,
        pytest.raises(ConnectionResetError),
    ):
        list(got.iter_encoded())
    assert told(other, name)["state"] == "failed"
    assert told(other, name)["message"].startswith("Something went wrong")
    assert "download failed" in caplog.text
    assert "98765" not in caplog.text


def test_the_progress_of_a_refused_download_has_an_error_message(
    large: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = large.test_client()
    monkeypatch.setattr(workbook, "MAX_ROWS", ROWS - 1)
    name = new_name()
    refused = client.get("/export/details.xlsx", query_string={**ALWAYS, "progress": name})
    assert refused.status_code == 400
    found = told(client, name)
    assert found["state"] == "failed"
    assert found["message"] == json.loads(refused.get_data())["error"]["message"]
    assert "30.000" in found["message"] or "30000" in found["message"]


def test_only_valid_names_of_downloads_are_accepted(client: FlaskClient) -> None:
    for text in ("x", "0" * 31, "0" * 33, "A" * 32):
        assert client.get("/export/cases.csv", query_string={"progress": text}).status_code == 400
        assert client.get(f"/export/progress/{text}").status_code == 404
        assert client.post(f"/export/progress/{text}/stop").status_code == 404
    assert client.get(PANEL + "cases", query_string={"progress": "0" * 32}).status_code == 400
    assert told(client, "0" * 32) == {"state": "unknown"}
    stop = client.post(f"/export/progress/{'0' * 32}/stop")
    assert json.loads(stop.get_data()) == {"state": "unknown"}
    assert client.get(f"/export/progress/{'0' * 32}/stop").status_code == 404


def test_columns_and_page_size_of_a_page_change_no_download(client: FlaskClient) -> None:
    for slug in PERIOD_SLUGS:
        plain = client.get(f"/export/{slug}.csv", query_string=ALWAYS)
        cut = {**ALWAYS, "columns": "team,status", "page_size": "50"}
        response = client.get(f"/export/{slug}.csv", query_string=cut)
        assert (response.status_code, response.data) == (200, plain.data)
    refused = client.get("/export/details.csv", query_string={**ALWAYS, "columns": "x"})
    assert refused.status_code == 400


def test_downloads_use_at_most_half_of_the_threads(large: Flask) -> None:
    """A further download than half the server's threads is refused with a message."""
    clients = [large.test_client() for _ in range(9)]
    most = Settings().web_threads // 2
    held = [client.get("/export/details.csv", query_string=ALWAYS) for client in clients[:most]]
    assert [answer.status_code for answer in held] == [200] * most
    refused = clients[most].get("/export/details.csv", query_string=ALWAYS)
    assert refused.status_code == 503
    error = json.loads(refused.get_data())["error"]
    assert error["code"] == "too_busy"
    assert "downloads em andamento" in error["message"]
    held[0].close()
    again = clients[most].get("/export/cases.csv", query_string=ALWAYS)
    assert again.status_code == 200
    for answer in [*held, again]:
        answer.close()


def test_two_names_in_one_request_are_refused(large: Flask) -> None:
    query = {**ALWAYS, "progress": ["0" * 32, "1" * 32]}
    assert large.test_client().get("/export/cases.csv", query_string=query).status_code == 400


# --- questions too long for an address -----------------------------------------------------------


def long_question() -> dict[str, Any]:
    return {**ALWAYS, "direction": ["out"], "person": [f"{'x' * 90} {n}" for n in range(900)]}


@pytest.mark.parametrize("file", ["details.csv", "details.xlsx", "cases.csv"])
def test_a_post_gives_the_file_of_the_same_question(client: FlaskClient, file: str) -> None:
    question = {**ALWAYS, "direction": ["out"], "sort": "status", "lang": "en"}
    with client.post(f"/export/{file}", json=question) as response:
        assert response.status_code == 200
        posted = response.get_data()
    wanted = download(client, file, **question)
    if file.endswith("csv"):
        assert posted == wanted
    else:
        assert rows_of(posted) == rows_of(wanted)


def rows_of(content: bytes) -> list[list[Any]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [[cell.value for cell in row] for row in book.worksheets[-1].iter_rows()]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"channel=WhatsApp", "not_json"),
        (b'{"chanel": "WhatsApp"}', "unknown_parameter"),
        (json.dumps({"person": [str(n) for n in range(1_001)]}).encode(), "too_many_values"),
    ],
)
def test_a_post_is_checked_as_an_address_is(client: FlaskClient, body: bytes, code: str) -> None:
    response = client.post("/export/details.csv", data=body)
    assert response.status_code == 400
    assert response.get_json()["error"]["code"] == code


def test_the_progress_of_a_post_has_its_name(large: Flask) -> None:
    client, name = large.test_client(), uuid.uuid4().hex
    with client.post("/export/details.csv", json={**ALWAYS, "progress": name}) as response:
        response.get_data()
    assert client.get(f"/export/progress/{name}").get_json()["state"] == "done"
    assert client.post("/export/details.csv", json={"progress": [1]}).status_code == 400


def test_a_ticket_carries_what_no_address_can(client: FlaskClient) -> None:
    """Also without a sign-in: the link of the page is short, the question in the request for it."""
    question = long_question()
    address = f"/export/details.csv?{urlencode(question, doseq=True)}"
    assert len(address) > 80_000
    given = client.post("/export/tickets", json={"address": address}).get_json()["ticket"]
    with client.get("/export/details.csv", query_string={"ticket": given}) as response:
        content = response.get_data()
    with client.post("/export/details.csv", json=question) as response:
        assert content == response.get_data()
    assert content.startswith(BOM)
