"""What the declaration of a panel in ``queries.panels`` says: columns, query, shape, pages."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Final

import pandas as pd

from queries.columns import Column, Label
from queries.filters import Filters
from queries.result import Columns, ResultSet
from queries.runner import QuerySession
from queries.scope import Scope
from queries.sql_functions import Statement
from queries.table_request import CodeLabels, TableRequest

#: Counts by the name that they have in the API's answer, each by the code that it counts.
Counts = Mapping[str, Mapping[str, int]]

FIRST_PAGE: Final = TableRequest()
NO_LABELS: Final[CodeLabels] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class PanelRequest:
    """What is asked of a panel.

    ``filters`` have a period, and the cases that they name are looked up. ``now`` is the present
    minute, in the deployment's zone. ``table`` is the page that is wanted, with its order and the
    filters of its columns; ``labels`` are the words by which codes may be searched for.
    """

    filters: Filters
    scope: Scope
    now: datetime
    table: TableRequest = FIRST_PAGE
    labels: CodeLabels = field(default_factory=dict)

    @property
    def time_zone(self) -> tzinfo:
        """The deployment's zone. Raises ``ValueError`` where ``now`` has none."""
        if self.now.tzinfo is None:
            raise ValueError("now must have a time zone")
        return self.now.tzinfo


@dataclass(frozen=True, slots=True)
class PanelRows:
    """The rows of a panel; of one with pages also their ``total``, and ``counts`` beside them."""

    frame: pd.DataFrame
    total: int | None = None
    counts: Counts = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelQuery(ABC):
    """What every panel declares of its data.

    ``slug`` is its name in addresses. ``summary`` is the paragraph of docs/data-contract.md about
    its rows. ``download_rows`` leaves out rows that make no sense in a download.
    """

    slug: str
    summary: str
    columns: tuple[Column, ...]
    download_rows: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame
    #: Whether the rows depend on the present minute, and not on the period.
    is_about_now: bool = False
    #: The name of the sheet where the download is offered as a workbook, too; else None.
    sheet_title: Label | None = None

    @property
    def api_columns(self) -> tuple[Column, ...]:
        """The columns of the API's answer, in order."""
        return tuple(column for column in self.columns if column.in_api)

    @property
    def download_columns(self) -> tuple[Column, ...]:
        """The columns of the download, in order."""
        return tuple(column for column in self.columns if column.in_download)

    def column(self, name: str) -> Column:
        """The column called ``name``. Raises ``KeyError`` where there is none."""
        return {column.name: column for column in self.columns}[name]

    @property
    @abstractmethod
    def has_pages(self) -> bool:
        """Whether an answer holds one page of the rows, and their total."""

    @abstractmethod
    def rows(self, session: QuerySession, request: PanelRequest) -> PanelRows:
        """The rows of one answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryQuery(PanelQuery):
    """A panel whose answer always holds all rows, a few hundred at most.

    ``query`` makes the SELECT, ``shape`` a frame of ``columns`` from what it found.
    """

    query: Callable[[PanelRequest], Statement]
    shape: Callable[[ResultSet, PanelRequest], pd.DataFrame]

    @property
    def has_pages(self) -> bool:
        return False

    def rows(self, session: QuerySession, request: PanelRequest) -> PanelRows:
        return PanelRows(self.shape(session.fetch(self.query(request)), request))


@dataclass(frozen=True, slots=True, kw_only=True)
class PagedQuery(PanelQuery):
    """A panel of many rows, of which an answer holds one page.

    ``page`` asks for one page and the total. ``all_rows`` gives the SELECTs that hold all rows of
    a download when they are read one after another. ``shape`` makes a frame of what either found.
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
        """All rows in order, a few thousand at a time."""
        for statement in self.all_rows(session, request):
            for columns in session.batches(statement):
                yield self.shape(columns, request.time_zone)
