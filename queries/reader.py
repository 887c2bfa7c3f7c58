"""The one way in to numbers, for the page, the API and the downloads."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import ColumnElement, case, func, select

from queries import option_search
from queries import options as option_queries
from queries import timeline as case_timeline
from queries.filters import Basis, Filters
from queries.options import Option, Options
from queries.panels import PANELS, details, waiting
from queries.result import Columns, ResultSet, local
from queries.runner import QuerySession, Runner
from queries.scope import EVERYTHING, Scope
from queries.sql_functions import Statement, whole_sum
from queries.table_request import TableRequest, Words
from queries.tables import (
    case_days,
    loads,
    message_days,
    message_events,
    messages,
    store_facts,
)
from queries.timeline import Timeline
from queries.where import MAX_NAMED_CASES, named_cases


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows in their documented columns, the filters they belong to and the data's version.

    ``total`` is how many rows there are beyond the page, of a table only.
    """

    data_version: int
    filters: Filters
    frame: pd.DataFrame
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """One page of the cases that wait, how many wait in all, and by what is left of their window.

    ``at`` is the minute that is called now, in the deployment's zone.
    """

    data_version: int
    filters: Filters
    frame: pd.DataFrame
    total: int
    windows: Mapping[str, int]
    at: datetime


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """How fresh the store is. Times carry the deployment's zone; days are local."""

    data_version: int
    newest_at: datetime | None
    loaded_at: datetime | None
    demo: bool
    time_zone: str
    oldest_day: date | None
    newest_day: date | None


@dataclass(frozen=True, slots=True)
class Loads:
    """What was loaded: the newest load, at UTC without an offset, and all loads together."""

    newest_id: int
    newest_at: datetime | None
    newest_rows: int
    newest_rejected: int
    all_rows: int
    all_rejected: int


class Reader:
    """Answers questions about the store; the same question gives the same numbers everywhere."""

    def __init__(self, runner: Runner, time_zone: ZoneInfo, clock: Callable[[], datetime]) -> None:
        self._runner = runner
        self._time_zone = time_zone
        self._clock = clock

    def panel(self, slug: str, filters: Filters, scope: Scope) -> Answer:
        """The rows of the panel ``slug``. Raises ``KeyError`` for a slug that is none."""
        panel = PANELS[slug]

        def answer(session: QuerySession) -> Answer:
            full = self._with_period(session, filters)
            found = session.fetch(panel.query(_with_cases(session, full, scope), scope))
            return Answer(session.data_version, full, panel.shape(found, full))

        return self._runner.read(scope, answer)

    def details(self, filters: Filters, scope: Scope, table: TableRequest, words: Words) -> Answer:
        """One page of the table, and how many rows it has in all."""

        def answer(session: QuerySession) -> Answer:
            full = self._with_period(session, filters)
            narrowed = _with_cases(session, full, scope)
            by_day = session.fetch(details.days(narrowed, scope, table, words))
            at = details.place(by_day, table)
            page = session.fetch(details.query(narrowed, scope, table, words, at))
            columns = _with_owners(session, page, scope)
            shaped = details.shape(columns, self._time_zone)
            return Answer(session.data_version, full, shaped, sum(by_day.column("messages")))

        return self._runner.read(scope, answer)

    def all_details(
        self, filters: Filters, scope: Scope, table: TableRequest, words: Words
    ) -> Iterator[pd.DataFrame]:
        """The whole table, a few thousand rows at a time, all of one moment of the store."""
        with self._runner.session(scope) as session:
            narrowed = _with_cases(session, self._with_period(session, filters), scope)
            by_day = session.fetch(details.days(narrowed, scope, table, words))
            for stretch in details.stretches(by_day, table):
                statement = details.everything(narrowed, scope, table, words, stretch)
                for columns in session.batches(statement):
                    yield details.shape(columns, self._time_zone)

    def waiting(
        self, filters: Filters, scope: Scope, table: TableRequest, window: str | None = None
    ) -> Waiting:
        """One page of the open cases whose last message is the customer's, longest wait first.

        Of ``table`` only the page counts; the period of ``filters`` narrows nothing. ``window``
        narrows the rows, but not the counts, to those with so much left of theirs.
        """
        now = waiting.minute(self._clock())

        def answer(session: QuerySession) -> Waiting:
            full = self._with_period(session, filters)
            narrowed = _with_cases(session, full, scope)
            windows = waiting.counted(session.fetch(waiting.windows(narrowed, scope, now)))
            total = sum(windows.values())
            listed = waiting.Listed(now, windows[window] if window else total, window)
            found = session.fetch(waiting.query(narrowed, scope, table, listed))
            return Waiting(
                data_version=session.data_version,
                filters=full,
                frame=waiting.shape(found.columns(), self._time_zone),
                total=total,
                windows=windows,
                at=local(now, self._time_zone),
            )

        return self._runner.read(scope, answer)

    def all_waiting(self, filters: Filters, scope: Scope) -> Iterator[pd.DataFrame]:
        """All cases that wait, a few thousand at a time, all of one moment of the store."""
        now = waiting.minute(self._clock())
        with self._runner.session(scope) as session:
            narrowed = _with_cases(session, filters, scope)
            for columns in session.batches(waiting.everything(narrowed, scope, now)):
                yield waiting.shape(columns, self._time_zone)

    def now(self) -> datetime:
        """The present, in the deployment's zone."""
        return self._clock().astimezone(self._time_zone)

    def timeline(self, case_key: int, scope: Scope) -> Timeline | None:
        """Everything said in a case; None where there is none, or none that the reader may see."""

        def answer(session: QuerySession) -> Timeline | None:
            of_case = next(session.fetch(case_timeline.head(case_key, scope)).records(), None)
            if of_case is None:
                return None
            days = of_case["first_day"], of_case["last_day"]
            found = session.fetch(case_timeline.messages_of_case(case_key, *days, scope))
            return case_timeline.timeline(of_case, found, scope, self.now())

        return self._runner.read(scope, answer)

    def options(self, name: str, filters: Filters, scope: Scope, search: str = "") -> Options:
        """What the filter ``name`` offers beside the other filters."""

        def find(session: QuerySession) -> ResultSet:
            full = self._with_period(session, filters)
            others = _with_cases(session, full.without(name), scope)
            if name in option_search.SEARCHED:
                return _search(session, name, others, scope, search)
            found = session.fetch(option_queries.query(name, others, scope))
            if len({*found.column("value")}) == len(found):
                return found
            return session.fetch(option_queries.query(name, others, scope, as_seen=True))

        found = self._runner.read(scope, find)
        options: dict[str, Option] = {}
        for row in found.records():
            option = self._option(row)
            if option.value not in options:
                options[option.value] = option
            elif name == "person":  # two names of which only the masked parts differ
                options[option.value] = _both(options[option.value], option)
            # Cases that share a number are one option, that of the best hit, which counts them all.
        total = found.column("total")[0] if options else 0
        return Options(tuple(options.values()), total)

    def resolve(self, filters: Filters) -> Filters:
        """The filters with their period, the default one where none was given."""
        return self._runner.read(EVERYTHING, lambda session: self._with_period(session, filters))

    def version(self) -> int:
        """The newest load: the cheapest question there is."""
        with self._runner.session(EVERYTHING) as session:
            return session.data_version

    def loads(self) -> Loads:
        """What was loaded so far."""
        newest_id = select(func.max(loads.c.load_id)).scalar_subquery()
        is_newest = loads.c.load_id == newest_id

        def total(rows: ColumnElement[int]) -> ColumnElement[int]:
            return func.coalesce(whole_sum(rows), 0)

        statement = select(
            func.coalesce(func.max(loads.c.load_id), 0).label("newest_id"),
            func.max(loads.c.loaded_at).label("newest_at"),
            total(case((is_newest, loads.c.rows_in))).label("newest_rows"),
            total(case((is_newest, loads.c.rows_rejected))).label("newest_rejected"),
            total(loads.c.rows_in).label("all_rows"),
            total(loads.c.rows_rejected).label("all_rejected"),
        )
        [row] = self._runner.read(
            EVERYTHING, lambda session: list(session.fetch(statement).records())
        )
        return Loads(**row)

    def status(self) -> StoreStatus:
        """How fresh the store is, and what it holds."""
        return self._runner.read(EVERYTHING, self._status)

    def _status(self, session: QuerySession) -> StoreStatus:
        held = select(
            select(func.max(loads.c.loaded_at)).scalar_subquery().label("loaded_at"),
            select(func.count())
            .where(store_facts.c.name == "holds", store_facts.c.value == "demo")
            .scalar_subquery()
            .label("demo"),
        )
        [row] = session.fetch(held).records()
        days = self._days(session)
        return StoreStatus(
            data_version=session.data_version,
            newest_at=self._local(self._newest_at(session)),
            loaded_at=self._local(row["loaded_at"]),
            demo=bool(row["demo"]),
            time_zone=self._time_zone.key,
            oldest_day=_earliest(days["oldest_sent"], days["oldest_opened"]),
            newest_day=_latest(days["newest_sent"], days["newest_opened"]),
        )

    def _newest_at(self, session: QuerySession) -> datetime | None:
        """The newest message or event that is not in the future."""
        now = waiting.minute(self._clock())
        newest = [session.fetch(_newest(moment)).column("newest_at")[0] for moment in _MOMENTS]
        if any(at and at > now for at in newest):
            # Rare, and dearer: without a limit an engine knows the newest without session.
            newest = [
                session.fetch(_newest(moment).where(moment <= now)).column("newest_at")[0]
                for moment in _MOMENTS
            ]
        return max((at for at in newest if at), default=None)

    def _with_period(self, session: QuerySession, filters: Filters) -> Filters:
        if filters.period:
            return filters
        days = self._days(session)
        newest = days["newest_opened" if filters.basis is Basis.OPENED else "newest_sent"]
        today = self._clock().astimezone(self._time_zone).date()
        return filters.with_default_period(newest, today)

    def _days(self, session: QuerySession) -> dict[str, date | None]:
        """First and last day of each basis, of what belongs to the product."""
        sent = message_days.c.sent_day
        opened = select(case_days.c.day).where(case_days.c.created > 0).subquery().c.day
        [row] = session.fetch(
            select(
                select(func.min(sent)).scalar_subquery().label("oldest_sent"),
                select(func.max(sent)).scalar_subquery().label("newest_sent"),
                select(func.min(opened)).scalar_subquery().label("oldest_opened"),
                select(func.max(opened)).scalar_subquery().label("newest_opened"),
            )
        ).records()
        return row

    def _local(self, at: datetime | None) -> datetime | None:
        return None if at is None else local(at, self._time_zone)

    def _option(self, row: dict[str, Any]) -> Option:
        known = {name: value for name, value in row.items() if name != "total"}
        if known.get("opened_at") is not None:
            known["opened_at"] = self._local(known["opened_at"])
        return Option(**known)


#: What tells how new the data are.
_MOMENTS: Final = (messages.c.sent_at, message_events.c.occurred_at)


def _newest(moment: ColumnElement[Any]) -> Statement:
    return select(func.max(moment).label("newest_at"))


def _both(one: Option, other: Option) -> Option:
    return replace(one, cases=one.cases + other.cases)


def _with_owners(session: QuerySession, page: ResultSet, scope: Scope) -> Columns:
    """The columns of a page with those of its cases and people."""
    case_keys, person_ids = ({*page.column(name)} for name in ("case_key", "person_id"))
    of_cases = session.fetch(details.page_cases(sorted(case_keys), scope))
    of_people = session.fetch(details.page_people(sorted(person_ids)))
    return details.page_columns(page, of_cases, of_people)


def _search(
    session: QuerySession, name: str, others: Filters, scope: Scope, text: str
) -> ResultSet:
    """The rows of the first look that fills the list, else of the whole search."""
    days = option_search.cases_by_day(others, scope) if name == "case" else None
    since = None if days is None else option_search.newest_since(session.fetch(days), text)
    for step in option_search.steps(name, text, since):
        found = session.fetch(option_search.query(name, others, scope, step))
        if len(found) >= option_search.LIST_LENGTH:
            break
    return found


def _with_cases(session: QuerySession, filters: Filters, scope: Scope) -> Filters:
    """The filters with the cases that they name, so that each panel need not find them again.

    Too many to be handed over are left to each statement.
    """
    statement = named_cases(filters, scope)
    if statement is None:
        return filters
    keys = session.fetch(statement).column("case_key")
    return filters if len(keys) > MAX_NAMED_CASES else filters.with_cases(sorted(keys))


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day), default=None)


def _latest(*days: date | None) -> date | None:
    return max((day for day in days if day), default=None)
