"""The panel ``breakdown``: the figures of the period and of the period before, by value.

``queries.compared`` lists what can be compared, ``queries.breakdown_statement`` makes the SELECT.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pandas as pd

from queries.breakdown_statement import COUNTS, KEY, TIMES, statement
from queries.columns import Column, Kind, Label, names, of_period_before, pgettext_noop
from queries.compared import By
from queries.frames import frame_of
from queries.panel import PanelRequest, SummaryQuery
from queries.panels import indicators
from queries.result import ResultSet
from queries.sql_functions import Statement
from queries.table_request import TableRequest

#: A row's value, or the number of its weekday and hour; None for cases without a value.
Value = str | int | None
#: A figure of a row: a count, a share or seconds.
Figure = float | int | None

_OF_INDICATORS: Final = {column.name: column for column in indicators.FIGURES}
#: The figures that are those of ``indicators`` with the row's value among the filters.
FIGURES: Final = tuple(
    _OF_INDICATORS[name]
    for name in (
        "messages",
        "sent_messages",
        "received_messages",
        "cases_created",
        "cases_attended",
        "delivery_rate",
        "read_rate",
        "failure_rate",
        "median_first_response_seconds",
        "waits",
        "median_reply_seconds",
        "within_target_share",
    )
)
WAITING: Final = Column(
    "waiting",
    Kind.COUNT,
    pgettext_noop("", "Waiting for an answer"),
    "how many cases of the value the panel `waiting` has; null for templates, weekdays and hours",
)
PREVIOUS_FIGURES: Final = of_period_before(FIGURES)


def _only_on_page(name: str, meaning: str) -> Column:
    return Column(name, Kind.COUNT, ("", ""), meaning, in_api=False, in_download=False)


#: What rates and medians are computed of: the page needs it to tell changes from noise.
BASES: Final = (
    _only_on_page("sent_out", "messages sent out"),
    _only_on_page("arrived", "outgoing messages delivered or read"),
    _only_on_page("responses", "cases with a first response"),
    _only_on_page("replies", "waits that ended"),
    _only_on_page("judged_waits", "waits that ended or are older than the target"),
)
PREVIOUS_BASES: Final = tuple(replace(base, name=f"previous_{base.name}") for base in BASES)
_HEADINGS: Final[Mapping[By, Label]] = {
    By.CHANNEL: pgettext_noop("column", "Channel"),
    By.CASE_TYPE: pgettext_noop("", "Case type"),
    By.TEAM: pgettext_noop("column", "Team"),
    By.AGENT: pgettext_noop("column", "Agent"),
    By.TEMPLATE: pgettext_noop("column", "Template"),
}
_WEEKDAY: Final = Column(
    "weekday", Kind.WEEKDAY, pgettext_noop("time", "Weekday"), "1 is Monday, 7 is Sunday"
)
_HOUR: Final = Column("hour", Kind.COUNT, pgettext_noop("time", "Hour"), "from 0 to 23")
_NUMBERS: Final = (*FIGURES, WAITING, *PREVIOUS_FIGURES, *BASES, *PREVIOUS_BASES)


def value_columns(by: By) -> tuple[Column, ...]:
    """Return the columns that name a row of ``by``: ``value``, or ``weekday`` and ``hour``."""
    if by is By.WEEKDAY_HOUR:
        return _WEEKDAY, _HOUR
    if by.is_of_time:
        return (replace(_WEEKDAY if by is By.WEEKDAY else _HOUR, name="value"),)
    return (
        Column(
            "value",
            Kind.TEXT,
            _HEADINGS[by],
            "the value of what `by` names; null for cases, or HSMs, without one. In its place "
            "`by=weekday_hour` has two columns: `weekday` and `hour`",
        ),
    )


def columns(table: TableRequest) -> tuple[Column, ...]:
    """Return the columns of an answer that compares ``table.by``."""
    return (*value_columns(table.by), *_NUMBERS)


def query(request: PanelRequest) -> Statement:
    """Return the SELECT of ``queries.breakdown_statement``, by values as they are stored."""
    return statement(request)


def query_as_seen(request: PanelRequest) -> Statement:
    """Return the same SELECT by values as readers see them, with phones masked; it is slower."""
    return statement(request, as_seen=True)


def looks_alike(result: ResultSet) -> bool:
    """Return whether ``result`` counts two values that are the same text once phones are masked."""
    places = [result.names.index(name) for name in KEY]
    return len({tuple(row[place] for place in places) for row in result.rows}) < len(result)


def shape(result: ResultSet, request: PanelRequest) -> pd.DataFrame:
    """Return a frame of ``columns``, a row for each value, from the rows of ``query``.

    Most messages come first, then it goes by value, null last. Weekdays and hours ascend, and all
    of them are there. Rates and medians are those of ``queries.panels.indicators``.
    """
    by = request.table.by
    rows: dict[Value, _Row] = defaultdict(_Row)
    for record in result.records():
        rows[record["value"]].add(record)
    if by.is_of_time:
        ordered: Iterable[Value] = _times(by)
    else:
        ordered = sorted(
            (value for value, row in rows.items() if row.is_selected),
            key=lambda value: (-rows[value].now.counts["messages"], value is None, value or ""),
        )
    lines = [(*_cells(value, by), *rows[value].figures(by)) for value in ordered]
    return frame_of(lines, names(columns(request.table)))


def _times(by: By) -> Sequence[int]:
    if by is By.WEEKDAY:
        return range(1, 8)
    return range(24) if by is By.HOUR else range(24, 8 * 24)


def _cells(value: Value, by: By) -> tuple[Value, ...]:
    if by is By.WEEKDAY_HOUR and isinstance(value, int):
        return divmod(value, 24)
    return (value,)


@dataclass(slots=True)
class _Figures:
    """What is known of one value in one period."""

    counts: Counter[str] = field(default_factory=Counter)
    medians: dict[str, float] = field(default_factory=dict)

    def add(self, record: Mapping[str, Any]) -> None:
        for name in COUNTS:
            self.counts[name] += record[name] or 0
        for name in TIMES:
            if record[name] is not None:
                self.medians[name] = float(record[name][0])

    def figures(self) -> tuple[Figure, ...]:
        """Return the values of ``FIGURES``."""
        counts = self.counts
        return (
            counts["messages"],
            counts["sent_messages"],
            counts["messages"] - counts["sent_messages"],
            counts["created"],
            counts["attended"],
            _share(counts["arrived"], counts["sent_out"]),
            _share(counts["read"], counts["arrived"]),
            _share(counts["failed"], counts["sent_out"]),
            self.medians.get("response_times"),
            counts["waits"],
            self.medians.get("reply_times"),
            _share(counts["replies_in_time"], counts["judged_waits"]),
        )

    def bases(self) -> tuple[int, ...]:
        """Return the values of ``BASES``."""
        return tuple(self.counts[base.name] for base in BASES)


@dataclass(slots=True)
class _Row:
    """What is known of one value."""

    now: _Figures = field(default_factory=_Figures)
    before: _Figures = field(default_factory=_Figures)

    def add(self, record: Mapping[str, Any]) -> None:
        (self.before if record["is_previous"] else self.now).add(record)

    @property
    def is_selected(self) -> bool:
        """Whether anything is selected of the value: else the panel has no row of it.

        Roll-ups can have rows in which nothing is counted, and cases may wait of which nothing is
        selected.
        """
        counts = self.now.counts + self.before.counts
        return counts.total() > counts["waiting"]

    def figures(self, by: By) -> tuple[Figure, ...]:
        waiting = self.now.counts["waiting"] if by.is_of_case else None
        return (
            *self.now.figures(),
            waiting,
            *self.before.figures(),
            *self.now.bases(),
            *self.before.bases(),
        )


def _share(part: int, total: int) -> float | None:
    return part / total if total else None


PANEL: Final = SummaryQuery(
    slug="breakdown",
    compares=True,
    summary="The figures of `indicators` by value of what `by` names: `channel` (where none is "
    "given), `case_type`, `team`, `agent`, `template`, `weekday`, `hour` or `weekday_hour`. The "
    "row of a value is what `indicators` gives when that value is added to the filters; there is a "
    "row for each value of which anything is selected, in the period or before. Of `template` only "
    "HSMs count (with `kind=hsm` added as well). Weekdays and hours are local: by message date "
    "each thing goes by its own moment (message, opening, first attendance, first response, begin "
    "of the wait), by case opening all go by the opening of the case. Most messages first, then by "
    "value, null last; weekdays and hours ascend, and all are there, also with zeros.",
    columns=columns(TableRequest()),
    columns_of=columns,
    parameters=frozenset({"by"}),
    query=query,
    query_as_seen=query_as_seen,
    looks_alike=looks_alike,
    shape=shape,
    sheet_title=pgettext_noop("", "Comparison"),
)
