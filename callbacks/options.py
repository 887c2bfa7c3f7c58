"""What the dropdowns offer, with counts that follow the other filters."""

from typing import Any

import dash
from dash import Input, Output, State
from dash.exceptions import PreventUpdate

from callbacks.parts import Parts, filters_of, kept
from components import ids
from components.filter_bar import BAR, MORE, SEARCHED, cases_placeholder, options
from queries.errors import FilterError
from queries.filters import MAX_VALUES, Filters

_SEARCH_LIMIT = 100


def register(app: dash.Dash, parts: Parts) -> None:
    plain = tuple(name for name in BAR if name not in SEARCHED)
    _register_plain(app, plain, ids.APPLIED, parts)
    _register_plain(app, MORE, ids.MORE_QUESTION, parts)
    for name in SEARCHED:
        _register_searched(app, name, parts)


def _register_plain(
    app: dash.Dash, names: tuple[str, ...], question_store: str, parts: Parts
) -> None:
    """Dropdowns whose values all fit in the browser."""

    def offer(applied: Any, *selected: Any) -> list[Any]:
        filters = _filters(applied)
        look = parts.look()
        scope = parts.scope_for()
        return [
            options(
                name,
                parts.reader.options(name, filters, scope).values,
                _texts(values),
                "",
                look,
            )
            for name, values in zip(names, selected, strict=True)
        ]

    app.callback(
        [Output(ids.control(name), "options") for name in names],
        Input(question_store, "data"),
        *(State(ids.control(name), "value") for name in names),
        prevent_initial_call=True,
        on_error=kept,
    )(offer)


def _register_searched(app: dash.Dash, name: str, parts: Parts) -> None:
    """A dropdown that is searched on the server; that of cases tells how many there are."""

    def offer(applied: Any, typed: Any, selected: Any) -> tuple[Any, Any]:
        filters = _filters(applied)
        look = parts.look()
        text = typed[:_SEARCH_LIMIT] if isinstance(typed, str) else ""
        found = parts.reader.options(name, filters, parts.scope_for(), text)
        offered = options(name, found.values, _texts(selected), text, look)
        if name != "case" or found.total is None:
            return offered, dash.no_update
        return offered, cases_placeholder(found.total, look)

    app.callback(
        Output(ids.control(name), "options"),
        Output(ids.control(name), "placeholder"),
        Input(ids.APPLIED, "data"),
        Input(ids.search(name), "data"),
        State(ids.control(name), "value"),
        prevent_initial_call=True,
        on_error=kept,
    )(offer)


def _filters(applied: Any) -> Filters:
    try:
        return filters_of(applied)
    except FilterError:
        raise PreventUpdate from None


def _texts(values: Any) -> list[str]:
    """Selected values as they come from the browser; anything else than texts is left out."""
    given = values if isinstance(values, list) else []
    return list(dict.fromkeys(value for value in given if isinstance(value, str) and value))[
        :MAX_VALUES
    ]
