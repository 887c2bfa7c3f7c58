"""How fresh the data is: asked every few seconds, answered only when something changed."""

from datetime import datetime
from typing import Any

import dash
from dash import Input, Output, State
from dash.exceptions import PreventUpdate

from callbacks.parts import Parts, log_failure
from components import ids
from components.layout import OLD_SECONDS, freshness, is_old
from components.look import Look
from components.plain import Children, Span
from components.sentences import sentence
from queries.filters import Basis, Filters
from queries.reader import StoreStatus


def store_status(parts: Parts, look: Look) -> tuple[dict[str, Any] | None, Children]:
    """What the browser keeps of the store, and the words about it; None while it is away."""
    try:
        status = parts.reader.status()
        return _kept(status, parts), freshness(status, parts.clock(), look)
    except Exception as error:  # whatever the store's trouble is, the page must still come up
        return None, _away(error, look)


def register(app: dash.Dash, parts: Parts) -> None:
    def poll(_ticks: int, known: Any) -> tuple[Any, ...]:
        if isinstance(known, dict) and not _has_changed(known, parts):
            raise PreventUpdate
        status, words = store_status(parts, parts.look())
        if status is None:
            # The last good numbers stay; the words say what is wrong.
            return dash.no_update, words, dash.no_update, dash.no_update
        return status, words, not status["demo"], not status["empty"]

    app.callback(
        Output(ids.STATUS, "data"),
        Output(ids.FRESHNESS, "content"),
        Output(ids.DEMO_BADGE, "hidden"),
        Output(ids.EMPTY_STORE, "hidden"),
        Input(ids.POLL, "n_intervals"),
        State(ids.STATUS, "data"),
        prevent_initial_call=True,
        on_error=lambda error: (
            dash.no_update,
            _away(error, parts.look()),
            dash.no_update,
            dash.no_update,
        ),
    )(poll)


def _away(error: Exception, look: Look) -> Children:
    """What stands in the header while the store does not answer; the last numbers stay."""
    log_failure(error, "status")
    return [Span(sentence(error, look.texts), role="alert")]


def _has_changed(known: dict[str, Any], parts: Parts) -> bool:
    if known.get("version") != parts.reader.version():
        return True
    if known.get("today") != parts.today().isoformat():
        return True
    old_after = known.get("old_after")
    if not isinstance(old_after, int | float):
        return True
    return not known.get("old") and parts.clock().timestamp() > old_after


def _kept(status: StoreStatus, parts: Parts) -> dict[str, Any]:
    now: datetime = parts.clock()
    never = now.timestamp() + OLD_SECONDS
    newest = status.newest_at
    return {
        "version": status.data_version,
        "today": parts.today().isoformat(),
        "oldest": status.oldest_day.isoformat() if status.oldest_day else None,
        "newest": status.newest_day.isoformat() if status.newest_day else None,
        "defaults": {basis.value: _default_period(basis, parts) for basis in Basis},
        "demo": status.demo,
        "empty": status.newest_day is None,
        "old": is_old(status, now),
        "old_after": newest.timestamp() + OLD_SECONDS if newest else never,
    }


def _default_period(basis: Basis, parts: Parts) -> list[str]:
    period = parts.reader.resolve(Filters(basis=basis)).span
    return [period.start.isoformat(), period.end.isoformat()]
