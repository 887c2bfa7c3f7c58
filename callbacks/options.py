"""Fills the dropdowns with options, whose counts follow the other filters.

The browser asks for them when a dropdown is about to be opened. Only for the list of cases, whose
total is always visible, it asks a moment after each change. So panels never wait for options.

A list of persons or cases comes in parts: the browser asks for the next one when the reader scrolls
to the end, for the number of all hits, and for all of them when the reader marks them all.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import dash
from dash import Input, Output, State

from callbacks.asking import filters_of
from callbacks.clientside import register_clientside
from callbacks.dependencies import Dependencies, log_failure
from components import ids
from components.filter_bar import cases_placeholder, options
from queries.errors import FilterError
from queries.filters import LISTS, MAX_VALUES, Filters
from queries.option_search import LIST_LENGTH, SEARCHED
from queries.options import Part

_SEARCH_LIMIT: Final = 100
#: Where a list may begin; what is further down nobody scrolls to.
_LAST_FIRST: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What the browser asks of a list of options.

    ``filters`` are those of the page, of all days where the reader searches everywhere; ``text`` is
    what is searched for. ``wants`` is a ``part`` of the list, "all" values that one filter may
    have, or their "count".
    """

    filters: Filters
    text: str
    wants: str
    part: Part


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
        asked = _asked(name, question)
        reader, scope = dependencies.reader, dependencies.scope_for()
        offered: dict[str, Any] = {"at": question.get("at"), "wants": asked.wants}
        if asked.wants == "count":
            offered["total"] = reader.count_options(name, asked.filters, scope, asked.text)
            return (offered, dash.no_update) if name == "case" else offered
        answer = reader.options(name, asked.filters, scope, asked.text, asked.part)
        offered |= {
            "first": asked.part.first,
            "options": options(name, answer.values, dependencies.locale()),
            "isLast": answer.is_last,
            "total": answer.total,
        }
        if asked.text and not answer.values and not asked.part.first:
            everywhere = _everywhere(asked.filters)
            found = reader.options(name, everywhere, scope, asked.text, Part(0, 1))
            offered["isElsewhere"] = bool(found.values)
        if name != "case":
            return offered
        if answer.total is None or asked.filters.preset == "all" or asked.text:
            return offered, dash.no_update
        return offered, cases_placeholder(answer.total, dependencies.locale())

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


def _asked(name: str, question: Any) -> Asked:
    """Return what ``question``, the value of the store ``ids.asked(name)``, asks for.

    Raises ``FilterError`` for filters that cannot be used. What else is wrong in it, as only forged
    questions have it, counts as not given.
    """
    filters = filters_of(question)
    wants = question.get("wants")
    first = question.get("first")
    if name not in SEARCHED:
        return Asked(filters, "", "part", Part(0, LIST_LENGTH))
    if question.get("everywhere") is True:
        filters = _everywhere(filters)
    is_place = isinstance(first, int) and not isinstance(first, bool) and 0 <= first <= _LAST_FIRST
    part = Part(0, MAX_VALUES) if wants == "all" else Part(first if is_place else 0, LIST_LENGTH)
    known = wants if wants in ("all", "count") else "part"
    return Asked(filters, _search_text(question), known, part)


def _everywhere(filters: Filters) -> Filters:
    return replace(filters, period=None, preset="all")


def _search_text(question: dict[str, Any]) -> str:
    """Return what is typed in the dropdown, cut to 100 characters; "" where it is no text."""
    text = question.get("search")
    if not isinstance(text, str):
        return ""
    # Engines refuse half a character, which only a forged question holds.
    return text[:_SEARCH_LIMIT].replace("\0", "").encode("utf-8", "ignore").decode()
