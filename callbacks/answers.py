"""The answers that panels get: one panel at a time, each with its own result or error."""

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
    """What was read for a panel.

    ``emptied_by`` is the cause where there is nothing to show, else None. ``unfiltered`` is the
    number of rows without the filters of the table's columns; None where no column is filtered.
    """

    answer: Answer
    emptied_by: EmptiedBy | None = None
    unfiltered: int | None = None


@dataclass(frozen=True, slots=True)
class PanelFailure:
    """A panel that could not be read, and the sentence that says so."""

    message: str


def ask(
    panel: Panel, filters: Filters, dependencies: Dependencies, table: TableRequest = FIRST_PAGE
) -> PanelAnswer | PanelFailure:
    """The answer of one panel, or why there is none. An error is logged, and raised no further."""
    try:
        return _Question(panel, table, dependencies).answer(filters)
    except Exception as error:  # one panel fails alone, whatever the error is
        return failed(panel, error, dependencies)


def failed(panel: Panel, error: BaseException, dependencies: Dependencies) -> PanelFailure:
    """Log an error of a panel, and say it in a sentence."""
    log_failure(error, panel.slug)
    return PanelFailure(error_message(error, dependencies.locale().texts))


def emptied_by(filters: Filters, is_empty: Callable[[Filters], bool]) -> EmptiedBy:
    """The cause of an empty answer: the one filter without which there is something to show.

    Where no single filter is the cause, it is ``all`` if several are set, else ``period``.
    """
    selected = [name for name in LISTS if getattr(filters, name)]
    for name in selected:
        if not is_empty(filters.without(name)):
            return name
    return "all" if len(selected) > 1 else "period"


class _Question:
    """One question to one panel, which is asked again with wider filters where it has no rows."""

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
