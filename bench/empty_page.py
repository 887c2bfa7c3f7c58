"""The floor of a page: the same figures, indicators and table in Dash, and no work behind them.

One callback a panel answers with what our own server and page once showed (``bench.recording``),
another recording at each call, so that everything is painted anew. Nothing is read, counted,
formatted or drawn by the server.
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
from bench.processes import Server, running
from components import ids
from components.layout import graph_config
from components.locale import Locale
from components.panels import PANELS, details
from components.texts import DEFAULT_LANGUAGE

CHANNEL: Final = "channel"
_CARDS: Final = "cards"
_GRAPHS: Final = {panel.slug: panel.height for panel in PANELS if panel.kind == "graph"}
#: There once the table has its first answer.
PAINTED: Final = f"#{ids.TABLE} td"


def make_server(recordings: str) -> Flask:
    """A WSGI app that shows the recordings of a JSON file; the name of the file is given."""
    shown: list[dict[str, Any]] = json.loads(Path(recordings).read_text())
    app = dash.Dash(
        "empty_page",
        assets_folder=str(ASSETS),
        assets_ignore=r".*\.js$",  # our styles give the panels their sizes; our scripts are work
        compress=True,
        serve_locally=True,
        update_title="",
    )
    app.layout = _layout([one["channel"] for one in shown])
    for slug in _GRAPHS:
        _answer(app, ids.graph(slug), "figure", [one["figures"][slug] for one in shown])
    _answer(app, _CARDS, "children", [one["cards"] for one in shown])
    _answer(app, ids.TABLE, "data", [one["rows"] for one in shown])
    server: Flask = app.server
    # Dash registers its libraries at the first page: let that be this one.
    server.test_client().get("/")
    return server


@contextmanager
def running_empty_page(recordings: Path, folder: Path) -> Iterator[Server]:
    """The page on the web server that ours runs on, with as many threads."""
    command = [sys.executable, "-m", "bench.empty_page", str(recordings), "127.0.0.1:{port}"]
    log = folder / "empty_page.log"
    with running(command, os.environ, "/", log) as server:
        yield server


def _layout(channels: list[str]) -> html.Div:
    locale = Locale.of(DEFAULT_LANGUAGE)
    columns = details.column_definitions(locale, None)
    table = details.table(locale, frozenset())
    table.children.columns = [one for one in columns if one["id"] in details.DEFAULT_COLUMNS]
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
    """A card as large as ours, without what stands around its drawing."""
    return html.Section(content, className=f"panel panel-{kind} state-ready")


def _graph(slug: str) -> dcc.Graph:
    style = {"height": f"{_GRAPHS[slug]}px"}
    config = graph_config(Locale.of(DEFAULT_LANGUAGE))
    return dcc.Graph(id=ids.graph(slug), config=config, responsive=True, style=style)


def _answer(app: dash.Dash, component: str, name: str, answers: list[Any]) -> None:
    calls = count()

    def next_answer(_channels: list[str]) -> Any:
        return answers[next(calls) % len(answers)]

    app.callback(Output(component, name), Input(CHANNEL, "value"))(next_answer)


if __name__ == "__main__":
    waitress.serve(make_server(sys.argv[1]), listen=sys.argv[2], threads=8)
