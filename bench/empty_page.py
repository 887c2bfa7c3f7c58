"""The floor page: a Dash page with our graphs, indicators and table whose server does no work.

Each panel has one callback. It returns what our own page showed when it was recorded
(``bench.recording``), and a different recording at every call, so that the browser has to paint
everything again. The server reads, counts and formats nothing, and makes no figures.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

import dash
import waitress
from dash import Input, Output, dcc, html
from dash.development.base_component import Component
from flask import Flask

from app.page_files import ASSETS
from bench.processes import Server, running_process
from components import ids
from components.locale import Locale
from components.page_constants import GRAPH_CONFIG
from components.panels import PANELS, details
from components.texts import DEFAULT_LANGUAGE

CHANNEL: Final = "channel"
_CARDS: Final = "cards"
_GRAPHS: Final = {panel.slug: panel.height for panel in PANELS if panel.kind == "graph"}
#: Selects the cells of the table, which exist once the table has its first answer.
TABLE_CELL: Final = f"#{ids.TABLE} td"


def make_server(recordings: str) -> Flask:
    """Return a WSGI app that replays the ``panel_contents`` in the JSON file ``recordings``."""
    contents: list[dict[str, Any]] = json.loads(Path(recordings).read_text())
    app = dash.Dash(
        "empty_page",
        assets_folder=str(ASSETS),
        assets_ignore=r".*\.js$",  # our CSS sizes the panels; our scripts would be work
        compress=True,
        serve_locally=True,
        update_title="",
    )
    app.layout = _layout([content["channel"] for content in contents])
    for slug in _GRAPHS:
        _replay(app, ids.graph(slug), "figure", [content["figures"][slug] for content in contents])
    _replay(app, _CARDS, "children", [content["cards"] for content in contents])
    _replay(app, ids.TABLE, "data", [content["rows"] for content in contents])
    server: Flask = app.server
    # Dash registers its libraries when it serves the first page: do that before anything is timed.
    server.test_client().get("/")
    return server


@contextmanager
def running_empty_page(recordings: Path, folder: Path) -> Iterator[Server]:
    """Serve the floor page with waitress, which our server is built on, and as many threads.

    Yield the server. Its output goes to ``empty_page.log`` in ``folder``.
    """
    command = [sys.executable, "-m", "bench.empty_page", str(recordings), "127.0.0.1:{port}"]
    log = folder / "empty_page.log"
    with running_process(command, os.environ, "/", log) as server:
        yield server


def _layout(channels: list[str]) -> html.Div:
    locale = Locale.of(DEFAULT_LANGUAGE)
    columns = details.column_definitions(locale, None)
    table = details.table(locale, frozenset())
    table.children.columns = [
        column for column in columns if column["id"] in details.DEFAULT_COLUMNS
    ]
    return html.Div(
        [
            dcc.Dropdown(id=CHANNEL, options=channels, value=[], multi=True),
            html.Main(
                [
                    _panel("cards", html.Div(id=_CARDS, className="cards")),
                    *(_panel("graph", _graph(slug)) for slug in _GRAPHS),
                    _panel("table", table),
                ],
                className="panels",
            ),
        ],
        className="consumo",
    )


def _panel(kind: str, content: Component) -> html.Section:
    """Return a panel of the same size as ours that holds ``content`` only: no title, no menu."""
    return html.Section(content, className=f"panel panel-{kind} state-ready")


def _graph(slug: str) -> dcc.Graph:
    style = {"height": f"{_GRAPHS[slug]}px"}
    config = {**GRAPH_CONFIG, "locale": DEFAULT_LANGUAGE}
    return dcc.Graph(id=ids.graph(slug), config=config, responsive=True, style=style)


def _replay(app: dash.Dash, component: str, prop: str, answers: list[Any]) -> None:
    """Set ``prop`` of ``component`` to the next of ``answers`` whenever the channel changes."""
    calls = count()

    def next_answer(_channels: list[str]) -> Any:
        return answers[next(calls) % len(answers)]

    app.callback(Output(component, prop), Input(CHANNEL, "value"))(next_answer)


if __name__ == "__main__":
    waitress.serve(make_server(sys.argv[1]), listen=sys.argv[2], threads=8)
