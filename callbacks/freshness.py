"""Tells the page when there is newer data: the page asks regularly, and gets what has changed.

It asks every ``CONSUMO_REFRESH_SECONDS``: the interval ``ids.POLL`` of ``components/layout.py``.
"""

from datetime import datetime
from typing import Any

import dash
from dash import Input, Output, State
from dash.exceptions import PreventUpdate

from callbacks.clientside import register_clientside
from callbacks.dependencies import Dependencies, log_failure
from components import ids
from components.error_messages import error_message
from components.freshness import OLD_SECONDS, freshness, is_old, is_stale
from components.html_tree import Children, Span
from components.layout import demo_badge_class
from components.locale import Locale
from queries.filters import Basis, Filters
from queries.reader import StoreStatus


def store_status(
    dependencies: Dependencies, locale: Locale
) -> tuple[dict[str, Any] | None, Children]:
    """Return the status of the store that the browser keeps, and the header's sentence about it.

    The status is the value of the page's store ``ids.STATUS``: the version of the data, today, the
    default periods, the days with data, whether the data is demonstration data, empty or old, and
    when it becomes old. If reading the store fails, the error is logged, the
    status is None and the sentence says why; no error is raised.
    """
    try:
        status = dependencies.reader.status(dependencies.scope_for())
        return _kept(status, dependencies), freshness(status, dependencies.clock(), locale)
    except Exception as error:  # the page must come up, whatever is wrong with the store
        return None, _away(error, locale)


def register(app: dash.Dash, dependencies: Dependencies) -> None:
    """Register the callbacks that answer the page when it asks whether there is newer data.

    They renew the status that the browser keeps (by way of ``ids.NEWER_STATUS``), the sentence in
    the header, the mark of demonstration data and the note of an empty store. They change nothing
    if the version of the data, the date and whether the data is old are as the browser knows; if
    the store does not answer, or what it is published to, only the sentence.
    """

    def poll(_ticks: int, known: Any) -> tuple[Any, ...]:
        if isinstance(known, dict) and not _has_changed(known, dependencies):
            if not known.get("stale"):
                raise PreventUpdate
            _, sentence = store_status(dependencies, dependencies.locale())
            return dash.no_update, sentence, *[dash.no_update] * 2
        status, sentence = store_status(dependencies, dependencies.locale())
        if status is None:
            # The numbers on the page stay; the sentence says what is wrong.
            return dash.no_update, sentence, *[dash.no_update] * 2
        badge = demo_badge_class(is_demo=status["demo"])
        return status, sentence, badge, not status["empty"]

    app.callback(
        Output(ids.NEWER_STATUS, "data"),
        Output(ids.FRESHNESS, "content"),
        Output(ids.DEMO_BADGE, "class_name"),
        Output(ids.EMPTY_STORE, "hidden"),
        Input(ids.POLL, "n_intervals"),
        State(ids.STATUS, "data"),
        prevent_initial_call=True,
        on_error=lambda error: (
            dash.no_update,
            _away(error, dependencies.locale()),
            *[dash.no_update] * 2,
        ),
    )(poll)
    # Were STATUS an output of the server's callback, Dash would hold back each change of a filter
    # for as long as a call for newer data is under way.
    register_clientside(
        app,
        "takeStatus",
        None,
        {"status": Input(ids.NEWER_STATUS, "data")},
        prevent_initial_call=True,
    )


def _away(error: Exception, locale: Locale) -> Children:
    """Log ``error``, and return the sentence in the header while the store does not answer."""
    log_failure(error, "status")
    return [Span(error_message(error, locale.texts), role="alert")]


def _has_changed(known: dict[str, Any], dependencies: Dependencies) -> bool:
    """Return whether ``known``, the status that the browser keeps, is no longer true."""
    if known.get("version") != dependencies.reader.version(dependencies.scope_for()):
        return True
    if known.get("stale") != is_stale(dependencies.reader.supply(), dependencies.clock()):
        return True
    if known.get("today") != dependencies.today().isoformat():
        return True
    old_after = known.get("old_after")
    if not isinstance(old_after, int | float):
        return True
    return not known.get("old") and dependencies.clock().timestamp() > old_after


def _kept(status: StoreStatus, dependencies: Dependencies) -> dict[str, Any]:
    """Return the status of the store that the browser keeps, as JSON.

    ``version`` of the data; ``today`` on the deployment's calendar; of each basis ``defaults``, the
    default period, and ``everything``, the days of the preset ``all``;
    whether the data is a ``demo``, ``empty`` or ``old``; ``old_after``, the time at which it gets
    old, in seconds since 1970; ``stale``, whether newer data may exist that cannot be read;
    ``lacks``, the words of ``queries.capabilities.NEEDS`` that the
    store lacks.
    """
    now: datetime = dependencies.clock()
    never = now.timestamp() + OLD_SECONDS
    newest = status.newest_at
    return {
        "version": status.data_version,
        "today": dependencies.today().isoformat(),
        "defaults": {basis.value: _days(Filters(basis=basis), dependencies) for basis in Basis},
        "everything": {
            basis.value: _days(Filters(basis=basis, preset="all"), dependencies) for basis in Basis
        },
        "demo": status.demo,
        "empty": status.newest_day is None,
        "old": is_old(status, now),
        "old_after": newest.timestamp() + OLD_SECONDS if newest else never,
        "stale": is_stale(status.supply, now),
        "lacks": sorted(dependencies.reader.lacks(dependencies.scope_for())),
    }


def _days(filters: Filters, dependencies: Dependencies) -> list[str]:
    """Return the first and last day of the period of ``filters``, in ISO 8601."""
    period = dependencies.reader.resolve(filters, dependencies.scope_for()).span
    return [period.start.isoformat(), period.end.isoformat()]
