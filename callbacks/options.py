"""Fills the dropdowns with options, whose counts follow the other filters.

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
    """Register the callbacks that fill the dropdowns of the filters with options and their counts.

    The server finds the options when the browser asks; the browser shows them. The server also
    gives the total of cases, which stands in the empty dropdown of cases.
    """
    for name in LISTS:
        _register(app, name, dependencies)
        _show(app, name)
    register_clientside(
        app,
        "casesLeft",
        Output(ids.SHOW_CASES, "content"),
        {
            "all": Input(ids.control("case"), "placeholder"),
            "picked": Input(ids.control("case"), "value"),
        },
        prevent_initial_call=True,
    )


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
    def offer(question: Any) -> Any:
        filters = filters_of(question)
        locale = dependencies.locale()
        text = _search_text(question) if name in SEARCHED else ""
        answer = dependencies.reader.options(name, filters, dependencies.scope_for(), text)
        offered = {"at": question.get("at"), "options": options(name, answer.values, locale)}
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
    """Return a function that answers for a failed callback.

    The answer tells the browser to wait no longer, and to ask again the next time.
    """

    def answer_failure(error: BaseException) -> Any:
        if not isinstance(error, FilterError):  # the page's alert says what is wrong with a filter
            log_failure(error, f"options of {name}")
        question = dash.ctx.inputs.get(f"{ids.asked(name)}.data")
        at = question.get("at") if isinstance(question, dict) else None
        offered = {"at": at, "failed": True}
        return (offered, dash.no_update) if name == "case" else offered

    return answer_failure


def _search_text(question: dict[str, Any]) -> str:
    """Return what is typed in the dropdown, cut to 100 characters; "" where it is no text."""
    text = question.get("search")
    if not isinstance(text, str):
        return ""
    # Engines refuse half a character, which only a forged question holds.
    return text[:_SEARCH_LIMIT].replace("\0", "").encode("utf-8", "ignore").decode()
