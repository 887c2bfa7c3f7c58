"""The callback that answers a question of the page: all panels of it in one answer.

The browser makes the question (assets/scripts/question.js) and paints the answer
(assets/scripts/painting.js). The answer is JSON, as a text, because Dash would look through each
value of an object. It has

``parts``
    by slug what the browser paints of each panel that was read (``components.painting``), with
    ``version``, the data version that it was read in, 0 if it could not be read;
``late``
    the slugs of the panels that take longer than ``PATIENCE_SECONDS``: the browser asks for them
    once more, and then the answer waits for them;
``alert``
    the content of the page's alert: what is wrong with the question, [] where nothing is;
``number``
    that of the question;
``seen``
    a digest of what the reader may see: answers that were given to somebody else must not be shown.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import dash
import orjson
from dash import Input, Output

from callbacks import answers, asking, table
from callbacks.ahead_counts import fates_in
from callbacks.answers import PanelAnswer, PanelFailure
from callbacks.asking import PageQuestion
from callbacks.dependencies import Dependencies
from components import ids, painting
from components.lacking import notes
from components.locale import Locale
from components.painting import Parts
from components.panels.view import Panel
from components.widgets import alert
from queries.errors import FilterError
from queries.user_scope import Scope

#: A panel that takes longer comes in a second answer, so that it holds up no other.
PATIENCE_SECONDS: Final = 0.4
#: Numbers of browsers are exact below it.
_LARGEST_NUMBER: Final = 2**53


def register(app: dash.Dash, dependencies: Dependencies, panels: Sequence[Panel]) -> None:
    """Register the callback that answers for all ``panels`` of the page."""
    page = PageAnswers(panels, dependencies)
    app.callback(
        Output(ids.ANSWERS, "data"),
        Input(ids.QUESTION, "data"),
        prevent_initial_call=True,
        on_error=page.failure,
    )(page.answer)


class PageAnswers:
    """Answers the questions of a page with ``panels``."""

    def __init__(self, panels: Sequence[Panel], dependencies: Dependencies) -> None:
        self._panels = {panel.slug: panel for panel in panels}
        self._dependencies = dependencies

    def answer(self, asked: Any) -> str:
        """Return the answer to ``asked``, the value of the page's store ``ids.QUESTION``.

        Where the question cannot be used, the answer has no panels, and its alert says why.
        """
        self._dependencies.ahead_counts.told(fates_in(asked))
        locale = self._dependencies.locale()
        try:
            question = asking.page_question(asked, self._panels, self._dependencies.scope_for())
        except FilterError as error:
            # All panels keep their last good answers.
            return self._text(asked, {}, [], alert(error, locale))
        wanted = self._tasks(question)
        patience = None if question.waits else PATIENCE_SECONDS
        read = self._read(wanted, patience)
        late = [slug for slug in wanted if slug not in read]
        wrong = alert(question.wrong, locale) if question.wrong else []
        return self._text(asked, read, late, wrong)

    def failure(self, error: Exception) -> str:
        """Return an answer in which every panel says that ``error`` kept it from being read."""
        locale = self._dependencies.locale()
        read = {
            slug: painted(panel, answers.failed(panel, error, self._dependencies), locale)
            for slug, panel in self._panels.items()
        }
        return self._text(dash.ctx.inputs.get(f"{ids.QUESTION}.data"), read, [], [])

    def _read(
        self, tasks: Mapping[str, Callable[[], Parts]], patience: float | None
    ) -> dict[str, Parts]:
        """Return by slug what ``tasks`` give within ``patience`` seconds (None: all)."""
        read = self._dependencies.side_by_side.run(tasks, patience)
        self._dependencies.ahead_counts.answered(len(read))
        return read

    def _tasks(self, question: PageQuestion) -> dict[str, Callable[[], Parts]]:
        return {
            slug: partial(self._parts, self._panels[slug], question)
            for slug in question.parts
            # The alert says what is wrong with the table's part; the table stays as it is.
            if slug in question.requests
        }

    def _parts(self, panel: Panel, question: PageQuestion) -> Parts:
        dependencies = self._dependencies
        result = answers.ask(panel, question.filters, dependencies, question.requests[panel.slug])
        try:
            parts = self._painted(panel, result)
        except Exception as error:  # one panel fails alone, whatever the error is
            result = answers.failed(panel, error, dependencies)
            parts = painted(panel, result, dependencies.locale())
        version = 0 if isinstance(result, PanelFailure) else result.answer.data_version
        return {**parts, "version": version}

    def _painted(self, panel: Panel, result: PanelAnswer | PanelFailure) -> Parts:
        dependencies = self._dependencies
        if panel.kind == "table":
            return table.painted(panel, result, dependencies)
        parts = painted(panel, result, dependencies.locale())
        if panel.kind == "cards" and not isinstance(result, PanelFailure):
            lacks = dependencies.reader.lacks(dependencies.scope_for())
            parts["lacks"] = notes(lacks, dependencies.locale())
        return parts

    def _text(self, asked: Any, parts: dict[str, Parts], late: list[str], wrong: Any) -> str:
        answer = {
            "number": _number(asked),
            "parts": parts,
            "late": late,
            "alert": wrong,
            "seen": _digest(self._dependencies.scope_for()),
        }
        return orjson.dumps(answer).decode()


def painted(panel: Panel, result: PanelAnswer | PanelFailure, locale: Locale) -> Parts:
    """Return the parts of ``panel``, which is no table, for ``result``.

    ``result`` becomes the panel's content, a note that it is empty and why, a line that says what
    the data lack, or a failure's sentence.
    """
    if isinstance(result, PanelFailure):
        return painting.card_failure(panel, result.message, locale)
    if result.lacking is not None:
        # Rows without what the panel needs mean little: they are shown on demand.
        rows = None if result.answer.frame.empty else panel.view(result.answer, locale)
        return painting.card_folded(panel, rows, result.lacking, locale)
    if result.emptied_by is not None:
        return painting.card_empty(panel, result.emptied_by, locale)
    view = panel.view(result.answer, locale)
    indicator = panel.card.view(result.answer, locale) if panel.card else None
    return painting.card_view(panel, view, indicator)


def _number(asked: object) -> int:
    """Return the number of the question ``asked``, as the page counts them; 0 for a forged one."""
    number = asked.get("number") if isinstance(asked, dict) else 0
    return number if isinstance(number, int) and 0 <= number < _LARGEST_NUMBER else 0


def _digest(scope: Scope) -> str:
    return hashlib.sha256(repr(scope).encode()).hexdigest()[:16]
