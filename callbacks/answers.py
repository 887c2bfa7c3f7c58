"""Asks for the answer of one panel; finds why it is empty, or what went wrong."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from callbacks.dependencies import Dependencies, log_failure
from components.empty_states import EmptiedBy
from components.error_messages import error_message
from components.labels import search_labels
from components.panels.view import Panel
from queries.filters import LISTS, Filters
from queries.panel import FIRST_PAGE
from queries.reader import Answer
from queries.table_request import TableRequest


@dataclass(frozen=True, slots=True)
class PanelAnswer:
    """The answer of a panel.

    ``emptied_by`` is the cause where there is nothing to show, else None. ``unfiltered`` is, for
    the table, the number of rows without the filters of its columns; None where no column is
    filtered, and for other panels.
    """

    answer: Answer
    emptied_by: EmptiedBy | None = None
    unfiltered: int | None = None


@dataclass(frozen=True, slots=True)
class PanelFailure:
    """What stands in for the answer of a panel that could not be read.

    ``message`` is the sentence for the reader, in the language of the page.
    """

    message: str


def ask(
    panel: Panel, filters: Filters, dependencies: Dependencies, table: TableRequest = FIRST_PAGE
) -> PanelAnswer | PanelFailure:
    """Return the answer of one panel for ``filters``; a failure where an error was raised.

    The error is logged, and raised no further. ``table`` chooses the page and the order of panels
    that have pages; a page behind the last becomes the last one.
    """
    try:
        return _Question(panel, table, dependencies).answer(filters)
    except Exception as error:  # one panel fails alone, whatever the error is
        return failed(panel, error, dependencies)


def failed(panel: Panel, error: BaseException, dependencies: Dependencies) -> PanelFailure:
    """Log the error of a panel without its text, and return its sentence for the reader."""
    log_failure(error, panel.slug)
    return PanelFailure(error_message(error, dependencies.locale().texts))


def emptied_by(filters: Filters, is_empty: Callable[[Filters], bool]) -> EmptiedBy:
    """Return the cause of an empty answer: the first filter without which there are rows.

    ``is_empty`` returns whether an answer to other filters is empty. Where no single filter is the
    cause, it is ``all`` if several are set, else ``period``.
    """
    selected = [name for name in LISTS if getattr(filters, name)]
    for name in selected:
        if not is_empty(filters.without(name)):
            return name
    return "all" if len(selected) > 1 else "period"


class _Question:
    """One question to one panel; where there are no rows, it is asked again with fewer filters."""

    def __init__(self, panel: Panel, table: TableRequest, dependencies: Dependencies) -> None:
        self._panel = panel
        self._table = table
        self._reader = dependencies.reader
        self._scope = dependencies.scope_for()
        self._labels = search_labels(dependencies.locale()) if table.where else {}

    def answer(self, filters: Filters) -> PanelAnswer:
        answer = self._read(filters, self._table)
        unfiltered = None
        if self._panel.kind == "table" and self._table.where:
            unfiltered = self._read(filters, self._without_where()).total
        if answer.total is not None and self._table.page > self._table.last_page(answer.total):
            last = replace(self._table, page=self._table.last_page(answer.total))
            answer = self._read(filters, last)
        if not self._panel.is_empty(answer):
            return PanelAnswer(answer, None, unfiltered)
        cause = "table" if unfiltered else emptied_by(answer.filters, self._is_empty)
        return PanelAnswer(answer, cause, unfiltered)

    def _is_empty(self, filters: Filters) -> bool:
        return self._panel.is_empty(self._read(filters, replace(self._table, page=0)))

    def _read(self, filters: Filters, table: TableRequest) -> Answer:
        return self._reader.panel(self._panel.slug, filters, self._scope, table, self._labels)

    def _without_where(self) -> TableRequest:
        return TableRequest(page_size=self._table.page_size)
