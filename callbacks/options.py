"""The options of the dropdowns, with counts that follow the other filters.

The browser asks for them when a dropdown is about to be opened. Only for the list of cases, whose
total is always visible, it asks a moment after each change. So panels never wait for options.
"""

from collections.abc import Callable
from typing import Any

import dash
from dash import Input, Output, State

from callbacks.asking import filters_of
from callbacks.clientside import register_clientside
from callbacks.dependencies import Dependencies, log_failure
from components import ids
from components.filter_bar import cases_placeholder, options
from queries.errors import FilterError
from queries.filters import LISTS
from queries.option_search import SEARCHED

_SEARCH_LIMIT = 100


def register(app: dash.Dash, dependencies: Dependencies) -> None:
    """Wire each dropdown to the server, which knows its options, and to what is typed in it."""
    for name in LISTS:
        _register(app, name, dependencies)
        _show(app, name)


def _show(app: dash.Dash, name: str) -> None:
    """Let the browser show the options beside what is selected, and search by what is typed."""
    register_clientside(
        app,
        "offeredOptions",
        Output(ids.control(name), "options"),
        {"answer": Input(ids.found(name), "data"), "selected": State(ids.control(name), "value")},
        fixed={"filter": name},
        prevent_initial_call=True,
    )
    if name in SEARCHED:
        register_clientside(
            app,
            "searchOptions",
            None,
            {"text": Input(ids.control(name), "search_value")},
            fixed={"filter": name},
            prevent_initial_call=True,
        )


def _register(app: dash.Dash, name: str, dependencies: Dependencies) -> None:
    def offer(asked: Any) -> Any:
        filters = filters_of(asked)
        locale = dependencies.locale()
        text = _search_text(asked) if name in SEARCHED else ""
        answer = dependencies.reader.options(name, filters, dependencies.scope_for(), text)
        offered = {"at": asked.get("at"), "options": options(name, answer.values, locale)}
        if name != "case":
            return offered
        if answer.total is None:
            return offered, dash.no_update
        return offered, cases_placeholder(answer.total, locale)

    outputs = [Output(ids.found(name), "data")]
    if name == "case":
        outputs.append(Output(ids.control(name), "placeholder"))
    app.callback(
        outputs if len(outputs) > 1 else outputs[0],
        Input(ids.asked(name), "data"),
        prevent_initial_call=True,
        on_error=_failed(name),
    )(offer)


def _failed(name: str) -> Callable[[BaseException], Any]:
    """Make the answer that tells the browser to wait no longer, and to ask again the next time."""

    def tell(error: BaseException) -> Any:
        if not isinstance(error, FilterError):  # the alert tells of a bad filter
            log_failure(error, f"options of {name}")
        asked = dash.ctx.inputs.get(f"{ids.asked(name)}.data")
        offered = {"at": asked.get("at") if isinstance(asked, dict) else None, "failed": True}
        return (offered, dash.no_update) if name == "case" else offered

    return tell


def _search_text(asked: dict[str, Any]) -> str:
    text = asked.get("search")
    if not isinstance(text, str):
        return ""
    # Engines refuse half a character, which only a forged question holds.
    return text[:_SEARCH_LIMIT].replace("\0", "").encode("utf-8", "ignore").decode()
