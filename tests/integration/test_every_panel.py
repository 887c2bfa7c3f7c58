"""What holds for every panel: its filters, the set behind a mark, its downloads, scope, errors.

A further panel is tested by being in ``PANELS``; tests/integration/test_oracle.py compares its
numbers with the independent computation.
"""

import csv
import io
import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.factory import create_app, parts_of
from app.settings import Settings
from components import ids, value_formats
from components.locale import Locale
from components.panels import PANELS
from components.panels.view import Panel, in_order
from queries.columns import Kind, names
from queries.filters import LISTS, MESSAGE_LISTS, Filters
from queries.panel import PagedQuery, PanelRequest, SummaryQuery
from queries.reader import Answer, Reader
from queries.runner import QuerySession
from queries.sql_functions import Statement
from queries.user_scope import EVERYTHING, Scope
from tests.example_panel import view as example
from tests.oracle.awkward import write_awkward
from tests.page_questions import page_answer, page_call, page_question
from tests.panels import GRAPHS
from tests.services import import_files

ALWAYS = {"start": "2018-01-01", "end": "2027-12-31"}
PT, EN = Locale.of("pt-BR"), Locale.of("en")
#: Nothing is selected by it, whatever the period is.
NOTHING = {**ALWAYS, "person": "nobody at all"}
#: The panels of the product, and one that is joined as a further one would be.
EVERY_PANEL = (*PANELS, example.PANEL)
by_slug = pytest.mark.parametrize("panel", EVERY_PANEL, ids=lambda panel: panel.slug)
ON_PAGE = tuple(panel for panel in EVERY_PANEL if panel.is_shown)
by_slug_on_page = pytest.mark.parametrize("panel", ON_PAGE, ids=lambda panel: panel.slug)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("every-panel")
    address, _ = import_files(folder, *write_awkward(folder, 21, 150))
    shutil.copy(folder / "store.duckdb", folder / "copy.duckdb")  # nobody has it open yet
    return address


@pytest.fixture(scope="module")
def server(url: str) -> Iterator[Flask]:
    made = create_app(Settings(store_url=url), panels=EVERY_PANEL)
    with closing(parts_of(made)):
        yield made


@pytest.fixture(scope="module")
def reader(server: Flask) -> Reader:
    return parts_of(server).reader


def api(client: FlaskClient, slug: str, **query: Any) -> dict[str, Any]:
    response = client.get(f"/api/v1/panels/{slug}", query_string=query)
    assert response.status_code == 200, response.get_data(as_text=True)[:500]
    answer: dict[str, Any] = response.get_json()
    return answer


def csv_rows(client: FlaskClient, slug: str, **query: Any) -> list[list[str]]:
    with client.get(f"/export/{slug}.csv", query_string={"lang": "en", **query}) as response:
        assert response.status_code == 200
        content = response.get_data(as_text=True)
    csv.field_size_limit(2**24)
    return list(csv.reader(io.StringIO(content[1:], newline="")))


def a_value(client: FlaskClient, reader: Reader, name: str) -> str:
    """The most frequent value of a filter."""
    options = reader.options(name, Filters.parse(ALWAYS), EVERYTHING)
    return options.values[0].value


@by_slug
def test_the_api_has_the_declared_columns_in_order(client: FlaskClient, panel: Panel) -> None:
    rows = api(client, panel.slug, **ALWAYS)["rows"]
    assert rows
    assert {tuple(row) for row in rows} == {names(panel.query.api_columns)}


@by_slug
def test_values_are_of_the_declared_kind(reader: Reader, panel: Panel) -> None:
    types: dict[Kind, type | tuple[type, ...]] = {
        Kind.COUNT: int,
        Kind.SHARE: (int, float),
        Kind.SECONDS: (int, float),
        Kind.TEXT: str,
        Kind.CODE: str,
        Kind.STATUS: str,
        Kind.PHONE: str,
        Kind.AMOUNTS: tuple,
    }
    frame = reader.panel(panel.slug, Filters.parse(ALWAYS), EVERYTHING).frame
    for column in panel.query.columns:
        values = [value for value in frame[column.name].tolist() if value is not None]
        if expected := types.get(column.kind):
            assert all(isinstance(value, expected) for value in values), column.name
        if column.kind in (Kind.DAY, Kind.MOMENT):
            assert all(hasattr(value, "isoformat") for value in values), column.name


@by_slug
@pytest.mark.parametrize("name", LISTS)
def test_every_filter_narrows_it(
    client: FlaskClient, reader: Reader, panel: Panel, name: str
) -> None:
    """Its answer says the filter, and is another than for a value that nothing has."""
    value = a_value(client, reader, name)
    answer = api(client, panel.slug, **ALWAYS, **{name: value})
    assert answer["filters"][name] == [value]
    whole = api(client, panel.slug, **ALWAYS)
    if name not in ("direction", "status", "kind"):  # of which there are only real values
        nothing = api(client, panel.slug, **ALWAYS, **{name: "nothing like it"})
        # Who waits now does not depend on messages that are picked elsewhere.
        ignored = panel.slug == "waiting" and name in MESSAGE_LISTS
        assert (nothing["rows"] == whole["rows"]) is ignored


@by_slug
def test_its_download_has_the_rows_of_the_api_with_the_same_filters(
    client: FlaskClient, reader: Reader, panel: Panel
) -> None:
    for query in (ALWAYS, {**ALWAYS, "direction": "out"}, NOTHING):
        answers = [api(client, panel.slug, **query, page_size=1_000)["rows"]]
        while panel.query.has_pages and len(answers[-1]) == 1_000:
            page = len(answers)
            answers.append(api(client, panel.slug, **query, page_size=1_000, page=page)["rows"])
        rows = [row for answer in answers for row in answer]
        headers, *cells = csv_rows(client, panel.slug, **query)
        assert headers == [value_formats.header(c, EN) for c in panel.query.download_columns]
        frames = list(reader.all_rows(panel.slug, Filters.parse(query), EVERYTHING))
        kept = sum(len(panel.query.download_rows(frame)) for frame in frames)
        assert len(cells) == kept <= len(rows) == sum(map(len, frames))
        counts = [c.name for c in panel.query.api_columns if c.kind is Kind.COUNT]
        place_of = {c.name: i for i, c in enumerate(panel.query.download_columns)}
        for name in counts:
            expected = sum(row[name] for row in rows)
            assert sum(int(row[place_of[name]]) for row in cells) == expected, name


@by_slug
def test_filters_that_leave_nothing(reader: Reader, panel: Panel) -> None:
    """Nothing is counted; a panel that is not empty then has something to say about it."""
    answer = reader.panel(panel.slug, Filters.parse(NOTHING), EVERYTHING)
    assert counted(panel, answer) == 0
    assert answer.total in (None, 0)
    if not panel.is_empty(answer):
        assert panel.view(answer, PT).cards


@by_slug
def test_an_answer_is_seen(reader: Reader, panel: Panel) -> None:
    answer = reader.panel(panel.slug, Filters.parse(ALWAYS), EVERYTHING)
    assert not panel.is_empty(answer)
    view = panel.view(answer, PT)
    assert view.caption
    assert view.words
    assert "#" not in json.dumps(view.figures), "colours go by name"


@by_slug
@pytest.mark.parametrize(
    "scope",
    [Scope(accounts=()), Scope(teams=()), Scope(channels=()), Scope(teams=("no such team",))],
    ids=repr,
)
def test_a_scope_without_anything_sees_nothing(reader: Reader, panel: Panel, scope: Scope) -> None:
    filters = Filters.parse(ALWAYS)
    answer = reader.panel(panel.slug, filters, scope)
    assert counted(panel, answer) == 0
    assert answer.total in (None, 0)
    frames = reader.all_rows(panel.slug, filters, scope)
    assert sum(counted(panel, replace(answer, frame=frame)) for frame in frames) == 0


def counted(panel: Panel, answer: Answer) -> int:
    """All counts of an answer together; of rows that are listed one by one, how many there are."""
    if panel.query.has_pages:
        return len(answer.frame)
    counts = [column.name for column in panel.query.columns if column.kind is Kind.COUNT]
    return int(answer.frame[counts].fillna(0).astype(int).to_numpy().sum())


# --- the set behind a mark -----------------------------------------------------------------------


@pytest.mark.parametrize("basis", ["sent", "opened"])
@pytest.mark.parametrize("panel", GRAPHS, ids=lambda panel: panel.slug)
def test_a_press_on_a_mark_asks_for_what_it_counts(
    reader: Reader, panel: Panel, basis: str
) -> None:
    query: dict[str, Any] = {"start": "2026-09-01", "end": "2026-11-20", "basis": basis}
    pressed = 0
    for place, count, press in marks(reader, panel, query):
        narrowed = {**query, **dict(zip(press[::2], press[1::2], strict=True))}
        behind = sum(n for other, n, _ in marks(reader, panel, narrowed) if other == place)
        assert behind == count, press
        pressed += 1
    assert pressed > 3


def marks(
    reader: Reader, panel: Panel, query: dict[str, Any]
) -> Iterator[tuple[int, int, list[str]]]:
    """Series, count and filters of each bar that can be pressed and counts something."""
    answer = reader.panel(panel.slug, Filters.parse(query), EVERYTHING)
    figure = panel.view(answer, PT).wide
    assert figure
    for place, series in enumerate(figure["data"]):
        counts = series["x"] if series.get("orientation") == "h" else series["y"]
        for count, press in zip(counts, series["customdata"], strict=True):
            if count and press:
                yield place, abs(count), press


# --- a panel that fails --------------------------------------------------------------------------


def broken(panel: Panel) -> Panel:
    """The same panel with a question that the engine refuses."""
    statement = select(text("* from nowhere"))

    def page(session: QuerySession, _request: PanelRequest) -> Any:
        return session.fetch(statement)

    def statements(_session: QuerySession, _request: PanelRequest) -> list[Statement]:
        return [statement]

    if isinstance(panel.query, PagedQuery):
        return replace(panel, query=replace(panel.query, page=page, all_rows=statements))
    assert isinstance(panel.query, SummaryQuery)
    return replace(panel, query=replace(panel.query, query=lambda _request: statement))


@pytest.fixture(scope="module")
def failing(url: str) -> Iterator[Flask]:
    """A server of the same data, where the question of every panel fails."""
    copy = url.replace("store.duckdb", "copy.duckdb")
    made = create_app(Settings(store_url=copy), panels=[broken(panel) for panel in EVERY_PANEL])
    with closing(parts_of(made)):
        yield made


@by_slug
def test_a_panel_that_fails_says_so_in_one_sentence(failing: Flask, panel: Panel) -> None:
    client = failing.test_client()
    for address in (f"/api/v1/panels/{panel.slug}", f"/export/{panel.slug}.csv"):
        response = client.get(address, query_string=ALWAYS)
        assert response.status_code == 500
        error = response.get_json()["error"]
        assert error.keys() == {"code", "message"}
        assert "nowhere" not in error["message"]
    if not panel.is_shown:
        return
    shown = painted(failing, panel, ALWAYS)
    assert "state-error" in shown["state"]
    assert "Tente de novo" in json.dumps(shown["cover"], ensure_ascii=False)


# --- on the page ---------------------------------------------------------------------------------


def painted(server: Flask, panel: Panel, raw: dict[str, Any]) -> dict[str, Any]:
    """What the page gets of the panel for a question."""
    call = page_call(page_question(raw, parts=[panel.slug]))
    response = server.test_client().post("/_dash-update-component", json=call)
    assert response.status_code == 200, response.get_data(as_text=True)[:300]
    parts: dict[str, Any] = page_answer(response.get_json())["parts"]
    assert list(parts) == [panel.slug]
    shown: dict[str, Any] = parts[panel.slug]
    return shown


@by_slug_on_page
def test_the_page_shows_its_answer(server: Flask, panel: Panel) -> None:
    shown = painted(server, panel, ALWAYS)
    assert shown["state"] == panel.class_name("ready")
    assert shown[{"graph": "figures", "table": "rows"}.get(panel.kind, "cards")]


@by_slug_on_page
def test_the_page_names_the_filter_that_leaves_nothing(server: Flask, panel: Panel) -> None:
    shown = painted(server, panel, NOTHING)
    answer = parts_of(server).reader.panel(panel.slug, Filters.parse(NOTHING), EVERYTHING)
    state = "empty" if panel.is_empty(answer) else "ready"
    assert shown["state"] == panel.class_name(state)
    if state == "empty":
        cover = json.dumps(shown["cover"], ensure_ascii=False)
        assert "Solicitante" in cover


def test_a_further_panel_stands_on_the_page(server: Flask) -> None:
    """Its place lies between the others and the table, and its links carry its slug."""
    page = json.dumps(server.test_client().get("/_dash-layout").json, ensure_ascii=False)
    places = [page.index(f'"{ids.panel(panel.slug)}"') for panel in in_order(ON_PAGE)]
    assert places == sorted(places)
    assert f"/export/{example.PANEL.slug}.csv" in page
    assert example.PANEL.title in page
