"""The classes in which ``queries.panels`` declares panels: columns, SELECT, frame, pages.

``SummaryQuery`` is for panels whose answers hold all rows, ``PagedQuery`` for long lists.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from types import MappingProxyType
from typing import Final, Self

import pandas as pd

from queries.capabilities import Need
from queries.columns import Column, Label
from queries.filters import Filters
from queries.period import Comparison, comparison
from queries.result import Columns, ResultSet
from queries.runner import QuerySession
from queries.sql_functions import Statement
from queries.table_request import CodeLabels, TableRequest
from queries.user_scope import Scope

#: Counts that an API answer has beside its rows, such as ``{"windows": {"under_2h": 3}}``.
Counts = Mapping[str, Mapping[str, int]]

#: The first page in the usual order, with no filters of columns.
FIRST_PAGE: Final = TableRequest()
#: For requests without filters of columns.
NO_LABELS: Final[CodeLabels] = MappingProxyType({})
#: How long a wait may last that is within the target, where nothing else is set.
REPLY_TARGET: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class PanelRequest:
    """What a panel needs to make its SELECTs. ``queries.reader`` makes it.

    ``filters`` always have a period here; their ``case_keys`` are set where ``person`` or ``case``
    is set and names at most ``MAX_NAMED_CASES`` cases. ``now`` is the present minute in the
    deployment's zone. ``table`` says page, order and filters of columns, for panels with pages.
    ``labels`` are the texts that the page shows in place of codes, by column: filters of columns
    search them. ``reply_target`` is how long a wait may last that is within the target, whole
    minutes.
    """

    filters: Filters
    scope: Scope
    now: datetime
    table: TableRequest = FIRST_PAGE
    #: Left out of the hash, since mappings have none.
    labels: CodeLabels = field(default_factory=dict, hash=False)
    reply_target: timedelta = REPLY_TARGET
    #: Tells apart what ``==`` takes for equal: the two times that an hour has which clocks repeat.
    #: What is kept of a request (``QuerySession.ask``) must not be taken for that of the other.
    fold: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fold", self.now.fold)

    @property
    def time_zone(self) -> tzinfo:
        """The deployment's time zone. Raises ``ValueError`` where ``now`` has no zone."""
        if self.now.tzinfo is None:
            raise ValueError("now must have a time zone")
        return self.now.tzinfo

    @property
    def before(self) -> Comparison:
        """The earlier days with whose figures those of the period are compared.

        Raises ``ValueError`` where ``now`` has no zone.
        """
        return comparison(self.filters.span, self.now)


@dataclass(frozen=True, slots=True)
class PanelRows:
    """The rows of one answer, as a frame of the panel's columns.

    ``total`` is the number of rows on all pages (of ``waiting``: of all cases, also those that the
    filter of ``window`` leaves out); None for a panel without pages. ``counts`` are further counts
    for the API's answer. ``constant`` are the columns of ``details`` known to have one value in all
    rows of all pages (queries/constant_columns.py).
    """

    frame: pd.DataFrame
    total: int | None = None
    counts: Counts = field(default_factory=dict)
    constant: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelQuery(ABC):
    """The declaration of a panel's data; ``components.panels`` declares how it looks.

    ``slug`` is the panel's name in addresses. ``summary`` is the paragraph of docs/data-contract.md
    about its rows. ``columns`` are all its columns, in the order of the API.
    ``download_rows`` is called with each frame of a download and returns the rows that the download
    is to have.
    """

    slug: str
    summary: str
    columns: tuple[Column, ...]
    download_rows: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame
    #: Whether the rows depend on the present minute and not on the period.
    is_about_now: bool = False
    #: Whether the rows hold figures of ``PanelRequest.before``: API answers then say which days.
    compares: bool = False
    #: Without each of them in the store the panel has no row, or rows that mean nothing, whatever
    #: the filters.
    needs: tuple[Need, ...] = ()
    #: The name of the workbook's sheet; None where there is a CSV download only.
    sheet_title: Label | None = None
    #: The parameters that only this panel takes, by the names that ``TableRequest.parse`` reads.
    parameters: frozenset[str] = frozenset()
    #: The columns of the answer to a question, where they are not always ``columns``.
    columns_of: Callable[[TableRequest], tuple[Column, ...]] | None = None
    #: The names of the first columns of downloads, where their order is not that of the API.
    download_order: tuple[str, ...] = ()

    def lacking(self, lacks: Collection[Need]) -> Need | None:
        """Return the first of ``needs`` that is among ``lacks``; None where all are there."""
        return next((need for need in self.needs if need in lacks), None)

    @property
    def api_columns(self) -> tuple[Column, ...]:
        """The columns of API answers, in order."""
        return tuple(column for column in self.columns if column.in_api)

    @property
    def download_columns(self) -> tuple[Column, ...]:
        """The columns of CSV and workbook: those of ``download_order``, then the others."""
        first = [self.column(name) for name in self.download_order]
        others = [column for column in self.columns if column.in_download and column not in first]
        return (*first, *others)

    def answering(self, table: TableRequest) -> Self:
        """Return the declaration of this panel's answer to ``table``: it may have other columns."""
        if self.columns_of is None:
            return self
        return replace(self, columns=self.columns_of(table))

    def column(self, name: str) -> Column:
        """Return the column with this ``name``. Raises ``KeyError`` where there is none."""
        return {column.name: column for column in self.columns}[name]

    @property
    @abstractmethod
    def has_pages(self) -> bool:
        """Whether an answer has one page of the rows and their total; if not, it has all rows."""

    @abstractmethod
    def rows(self, session: QuerySession, request: PanelRequest) -> PanelRows:
        """Return the rows of one answer.

        These are the rows of the page in ``request.table`` if the panel has pages, else all. Raises
        ``QueryTimeout`` when a query takes too long, ``StoreChanged`` as ``session.fetch`` does,
        and ``FilterError`` for a page that is too far on (``details``) or too many steps of the
        time axis.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryQuery(PanelQuery):
    """A panel without pages: one SELECT, at most some thousand rows, all in every answer.

    ``query`` returns the SELECT. ``shape`` turns its rows into a frame with ``columns`` in order.

    Where ``looks_alike`` returns True for the rows, because phones in them are masked, the SELECT
    of ``query_as_seen`` is asked instead: it counts masked values and takes longer.
    """

    query: Callable[[PanelRequest], Statement]
    shape: Callable[[ResultSet, PanelRequest], pd.DataFrame]
    looks_alike: Callable[[ResultSet], bool] = lambda _result: False
    query_as_seen: Callable[[PanelRequest], Statement] | None = None

    @property
    def has_pages(self) -> bool:
        return False

    def rows(self, session: QuerySession, request: PanelRequest) -> PanelRows:
        result = session.ask(self.query, request)
        if self.query_as_seen is not None and self.looks_alike(result):
            result = session.ask(self.query_as_seen, request)
        return PanelRows(self.shape(result, request))


@dataclass(frozen=True, slots=True, kw_only=True)
class PagedQuery(PanelQuery):
    """A panel with pages, for many rows.

    ``page`` fetches the rows of one page and the total. ``all_rows`` returns the SELECTs of a
    download: run one after another they give all rows in order. ``shape`` turns the values of one
    of these SELECTs, by column and with times in UTC, into a frame with times in the given zone.
    """

    page: Callable[[QuerySession, PanelRequest], PanelRows]
    all_rows: Callable[[QuerySession, PanelRequest], Iterable[Statement]]
    shape: Callable[[Columns, tzinfo], pd.DataFrame]

    @property
    def has_pages(self) -> bool:
        return True

    def rows(self, session: QuerySession, request: PanelRequest) -> PanelRows:
        return self.page(session, request)

    def batches(self, session: QuerySession, request: PanelRequest) -> Iterator[pd.DataFrame]:
        """Yield all rows for a download, as frames of some thousand rows each.

        ``details`` takes order and filters of columns from ``request.table``; its page is ignored.
        Raises ``QueryTimeout`` when the first rows of a query take too long.
        """
        for statement in self.all_rows(session, request):
            for columns in session.batches(statement):
                yield self.shape(columns, request.time_zone)
