"""Asks for the answer of one panel; finds out why it is empty, or what went wrong."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from callbacks.dependencies import Dependencies, log_failure
from components.empty_states import EmptiedBy
from components.error_messages import error_message
from components.labels import search_labels
from components.panels.view import Panel
from queries.capabilities import Need
from queries.errors import NotInAdvance
from queries.filters import LISTS, Filters
from queries.panel import FIRST_PAGE
from queries.reader import Answer
from queries.table_request import TableRequest


@dataclass(frozen=True, slots=True)
class PanelAnswer:
    """The answer of a panel.

    ``emptied_by`` is None if there is something to show. Otherwise it says why not: ``table`` (the
    filters of the table's columns), the name of one of ``LISTS`` (this filter), ``all`` (several
    filters together) or ``period``. ``unfiltered`` is how many rows the table would have without
    the filters of its columns; None if no column is filtered, and for other panels. ``lacking`` is
    what the panel needs and the store lacks, so that no filter gives it a row that means anything;
    None if the store has all that it needs.
    """

    answer: Answer
    emptied_by: EmptiedBy | None = None
    unfiltered: int | None = None
    lacking: Need | None = None


@dataclass(frozen=True, slots=True)
class PanelFailure:
    """What a panel gets instead of an answer if its data could not be read.

    ``message`` is a sentence for the reader, in the language of the page.
    """

    message: str


def ask(
    panel: Panel, filters: Filters, dependencies: Dependencies, table: TableRequest = FIRST_PAGE
) -> PanelAnswer | PanelFailure:
    """Read and return the answer of ``panel`` for ``filters``.

    Any error is logged and becomes the returned ``PanelFailure``; only ``NotInAdvance`` is raised,
    which the reader in advance raises. ``table`` is the order, the page and the column filters of a
    panel that has pages; for a page number after the last page, the last page is returned.
    """
    try:
        return _Question(panel, table, dependencies).answer(filters)
    except NotInAdvance:
        raise
    except Exception as error:  # one panel fails alone, whatever the error is
        return failed(panel, error, dependencies)


def failed(panel: Panel, error: BaseException, dependencies: Dependencies) -> PanelFailure:
    """Log ``error`` of ``panel``, without the error's text; return the failure to show.

    Its sentence is in the language of the page.
    """
    log_failure(error, panel.slug)
    return PanelFailure(error_message(error, dependencies.locale().texts))


def emptied_by(filters: Filters, is_empty: Callable[[Filters], bool]) -> EmptiedBy:
    """Return which filter leaves an answer to ``filters`` without rows.

    It is the name of the first of ``LISTS`` that is set and without which there are rows. If there
    is no such filter, it is ``all`` if several of ``LISTS`` are set, else ``period``.
    ``is_empty(other)`` must return whether the answer to the filters ``other`` has no rows.
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
        self._table = replace(table, is_for_page=True)
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
        if answer.lacking:
            return PanelAnswer(answer, lacking=answer.lacking)
        if not self._panel.is_empty(answer):
            return PanelAnswer(answer, None, unfiltered)
        cause = "table" if unfiltered else emptied_by(answer.filters, self._is_empty)
        return PanelAnswer(answer, cause, unfiltered)

    def _is_empty(self, filters: Filters) -> bool:
        return self._panel.is_empty(self._read(filters, replace(self._table, page=0)))

    def _read(self, filters: Filters, table: TableRequest) -> Answer:
        return self._reader.panel(self._panel.slug, filters, self._scope, table, self._labels)

    def _without_where(self) -> TableRequest:
        return TableRequest(page_size=self._table.page_size, is_for_page=True)
