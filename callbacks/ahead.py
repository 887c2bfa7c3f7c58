"""The callback that answers in advance what a pointer rests on (assets/scripts/ahead.js).

Its question and its answer have the form of those in ``callbacks.panels``. What it does not answer
the page asks for when it is chosen: no panel is in the answer if too many were answered in advance
already (``AheadCounts``); and never one that would reveal phones or texts to a reader whom the
audit must name, because nobody may ever see it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import dash
from dash import Input, Output

from callbacks.clientside import register_clientside
from callbacks.dependencies import Dependencies, log_failure
from callbacks.panels import PageAnswers
from components import ids
from components.painting import Parts
from components.panels.view import Panel
from queries.errors import NotInAdvance

_PLACE: Final = "asking ahead"


def register(app: dash.Dash, dependencies: Dependencies, panels: Sequence[Panel]) -> None:
    """Register the callback that answers for ``panels`` of the page in advance."""
    page = AheadAnswers(panels, dependencies)
    app.callback(
        Output(ids.AHEAD_ANSWERS, "data"),
        Input(ids.AHEAD_QUESTION, "data"),
        prevent_initial_call=True,
        on_error=page.failure,
    )(page.answer)
    register_clientside(
        app,
        "takeAnswersAhead",
        None,
        {"answers": Input(ids.AHEAD_ANSWERS, "data")},
        prevent_initial_call=True,
    )


class AheadAnswers(PageAnswers):
    """Answers in advance, as ``PageAnswers`` does, what may be answered so."""

    def __init__(self, panels: Sequence[Panel], dependencies: Dependencies) -> None:
        super().__init__(panels, replace(dependencies, reader=dependencies.reader_in_advance))

    def failure(self, error: Exception) -> str:
        """Log ``error``, and return an answer without panels."""
        log_failure(error, _PLACE)
        return self._text(dash.ctx.inputs.get(f"{ids.AHEAD_QUESTION}.data"), {}, [], [])

    def _read(
        self, tasks: Mapping[str, Callable[[], Parts]], patience: float | None
    ) -> dict[str, Parts]:
        counts = self._dependencies.ahead_counts
        if not counts.reserve(len(tasks)):
            return {}
        withheld = len(tasks)
        try:
            quiet = {slug: partial(_unless_it_reveals, task) for slug, task in tasks.items()}
            read = self._dependencies.side_by_side.run(quiet, patience)
            given = {slug: parts for slug, parts in read.items() if parts is not None}
            withheld = len(read) - len(given)
        finally:
            # Those that take longer are worked on as well.
            counts.settle(len(tasks), len(tasks) - withheld)
        return given


def _unless_it_reveals(task: Callable[[], Parts]) -> Parts | None:
    """Return what ``task`` gives; None where that would have to be recorded."""
    try:
        return task()
    except NotInAdvance:
        return None
