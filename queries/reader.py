"""``Reader`` reads panels, lists of options, time lines and the store's status.

The page, the API and the downloads use it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.util import LRUCache

from queries import capabilities, case_timeline, option_search
from queries import options as option_queries
from queries.capabilities import NEEDS, Need
from queries.case_timeline import Timeline
from queries.engines.base import Supply
from queries.filters import Filters
from queries.options import Option, Options, Part
from queries.panel import (
    FIRST_PAGE,
    NO_LABELS,
    REPLY_TARGET,
    Counts,
    PagedQuery,
    PanelQuery,
    PanelRequest,
)
from queries.panels import templates
from queries.period import Comparison
from queries.result import ResultSet, local, stored_minute
from queries.runner import QuerySession, Runner
from queries.selected_rows import MAX_NAMED_CASES, named_cases, scope_conditions
from queries.source_states import Sources, read_sources, sees_everything
from queries.sql_functions import whole_sum
from queries.table_request import CodeLabels, TableRequest
from queries.tables import (
    case_days,
    loads,
    message_days,
    message_events,
    messages,
    store_facts,
)
from queries.user_scope import EVERYTHING, Scope
from queries.vocabulary import BROUGHT_NO_MESSAGES

#: A condition on rows of ``loads``: cases or messages were loaded (not removed, and no prices).
_BROUGHT_DATA: Final = loads.c.source.not_in(BROUGHT_NO_MESSAGES)

#: Of how many scopes is kept what the store lacks; then the least recently used are dropped.
_SCOPES_KEPT: Final = 1_000


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a panel: ``frame`` has its rows, with the columns that the panel declares.

    ``data_version`` is the number of the newest load when it was read. ``filters`` are those of the
    request, with the days of its preset, or with the default period where it had none. ``now`` is
    the minute of the answer, in the deployment's zone. For a panel with pages, ``table`` is the
    page asked for and ``total`` the number of rows on all pages (of ``waiting``: of all cases,
    whatever its filter of ``window``); None for other panels. ``counts`` are further counts for the
    API's answer. ``before`` are the earlier days with which the rows compare, None where the panel
    does not compare. ``reply_target`` is how long a wait may last that is within the target.
    ``lacking`` is what the panel needs and the store lacks, of what the scope may see; None where
    it has all, and in answers that are not for the page.
    """

    data_version: int
    filters: Filters
    frame: pd.DataFrame
    now: datetime
    table: TableRequest = FIRST_PAGE
    total: int | None = None
    counts: Counts = field(default_factory=dict)
    constant: frozenset[str] = frozenset()
    before: Comparison | None = None
    reply_target: timedelta = REPLY_TARGET
    lacking: Need | None = None


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """How new the data of the store are. Times and days are those of the deployment's zone.

    ``data_version`` is the number of the newest load, 0 in an empty store; ``loaded_at`` is when
    data was last loaded (removals do not count). ``newest_at`` is the time of the newest message or
    event that is not in the future. ``demo`` says whether the store holds demonstration data.
    ``time_zone`` is the name of the deployment's zone. ``oldest_day`` and ``newest_day`` are the
    first and the last day with a message or an opened case of WhatsApp.

    A time or day is None where the store has nothing of the kind.

    ``supply`` says how the data comes to this server: while the place that it comes from does not
    answer, all of this is as it was before.
    """

    data_version: int
    newest_at: datetime | None
    loaded_at: datetime | None
    demo: bool
    time_zone: str
    oldest_day: date | None
    newest_day: date | None
    supply: Supply


@dataclass(frozen=True, slots=True)
class Loads:
    """How many rows the loads read, and how many of these they rejected.

    ``newest_id`` is the data version, 0 before the first load. The other ``newest_…`` are about the
    newest load that brought data (erasures and purges do not count), ``all_…`` about all loads
    together. ``newest_at`` is UTC without an offset, None before the first load.
    """

    newest_id: int
    newest_at: datetime | None
    newest_rows: int
    newest_rejected: int
    all_rows: int
    all_rejected: int


class Reader:
    """Reads the store for the page, the API and the downloads, so that all show the same numbers.

    Every method that reads the store raises ``StoreUnavailable`` while the store cannot answer and
    ``QueryTimeout`` when a query takes too long. Those with ``filters`` raise ``FilterError`` for
    too many steps of the time axis or a page too far on.
    """

    def __init__(
        self,
        runner: Runner,
        time_zone: ZoneInfo,
        clock: Callable[[], datetime],
        panels: Iterable[PanelQuery],
        reply_target: timedelta = REPLY_TARGET,
    ) -> None:
        """Make a reader that answers ``panels``.

        ``clock`` returns the present time with a time zone; ``time_zone`` is the deployment's.
        ``reply_target`` is how long a wait may last that is within the target, whole minutes.
        """
        self._runner = runner
        self._time_zone = time_zone
        self._clock = clock
        self._reply_target = reply_target
        self._lacks_known: LRUCache[Any, Any] = LRUCache(_SCOPES_KEPT)
        self.panels: Mapping[str, PanelQuery] = {panel.slug: panel for panel in panels}

    def panel(
        self,
        slug: str,
        filters: Filters,
        scope: Scope,
        table: TableRequest = FIRST_PAGE,
        labels: CodeLabels = NO_LABELS,
    ) -> Answer:
        """Return the rows of the panel ``slug``, with what an answer says beside them.

        If the panel has pages, they are the rows of the page ``table``, else all. ``labels`` are
        the texts that the page shows in place of codes, by column: the filters of columns in
        ``table`` search them. Raises ``KeyError`` for an unknown ``slug``.
        """
        panel = self.panels[slug]

        def ask(session: QuerySession) -> Answer:
            now = self._minute()
            full = self._with_period(session, filters, scope, now.date())
            looked_up = _with_cases(session, full, scope)
            request = PanelRequest(looked_up, scope, now, table, labels, self._reply_target)
            rows = panel.rows(session, request)
            return Answer(
                data_version=session.data_version,
                filters=full,
                frame=rows.frame,
                now=request.now,
                table=table,
                total=rows.total,
                counts=rows.counts,
                constant=rows.constant,
                before=request.before if panel.compares else None,
                reply_target=self._reply_target,
                lacking=self._lacking(session, panel, request),
            )

        return self._runner.read(scope, ask)

    def all_rows(
        self,
        slug: str,
        filters: Filters,
        scope: Scope,
        table: TableRequest = FIRST_PAGE,
        labels: CodeLabels = NO_LABELS,
    ) -> Iterator[pd.DataFrame]:
        """Yield all rows of the panel ``slug`` for a download, as frames.

        All belong to one data version. A panel without pages gives one frame, a panel with pages
        frames of some thousand rows. ``breakdown`` compares ``table.by``. ``details`` takes order
        and filters of columns from ``table`` and ``labels`` as ``panel`` does; the number and size
        of the page are ignored. Raises ``KeyError`` for an unknown ``slug`` when the first frame is
        asked for.
        """
        panel = self.panels[slug]
        if not isinstance(panel, PagedQuery):
            yield self.panel(slug, filters, scope, table).frame
            return
        with self._runner.session(scope) as session:
            now = self._minute()
            full = self._with_period(session, filters, scope, now.date())
            looked_up = _with_cases(session, full, scope)
            request = PanelRequest(looked_up, scope, now, table, labels, self._reply_target)
            yield from panel.batches(session, request)

    def now(self) -> datetime:
        """Return the present time in the deployment's zone."""
        return self._clock().astimezone(self._time_zone)

    def _minute(self) -> datetime:
        """Return the present minute in the deployment's zone."""
        return self.now().replace(second=0, microsecond=0)

    def timeline(self, case_key: int, scope: Scope) -> Timeline | None:
        """Return the case with the key ``case_key`` and its newest messages.

        None where there is no such case, ``scope`` excludes it, or it does not count as a case of
        WhatsApp.
        """

        def ask(session: QuerySession) -> Timeline | None:
            case_row = next(
                session.fetch(case_timeline.case_query(case_key, scope)).records(), None
            )
            if case_row is None:
                return None
            days = case_row["first_day"], case_row["last_day"]
            result = session.fetch(case_timeline.messages_query(case_key, *days, scope))
            return case_timeline.timeline(case_row, result, scope, self.now())

        return self._runner.read(scope, ask)

    def template_trend(self, filters: Filters, scope: Scope) -> Answer:
        """Return how the HSM template that ``filters`` name did in each step of the period.

        The frame of the answer is that of ``queries.panels.templates.trend``.
        """

        def ask(session: QuerySession) -> Answer:
            now = self._minute()
            full = self._with_period(session, filters, scope, now.date())
            request = PanelRequest(_with_cases(session, full, scope), scope, now)
            frame = templates.trend(session.fetch(templates.trend_query(request)), request)
            return Answer(session.data_version, full, frame, now)

        return self._runner.read(scope, ask)

    def options(
        self,
        name: str,
        filters: Filters,
        scope: Scope,
        search: str = "",
        part: Part | None = None,
    ) -> Options:
        """Return the values that the filter ``name`` offers, with the number of cases of each.

        ``name`` is one of ``filters.LISTS``. The cases meet all of ``filters`` but ``name`` itself.
        ``search`` is a text whose words values of ``person`` and ``case`` (or the name of the
        case's person) must contain; "" for all. ``part`` is the part of their list to return, the
        beginning where it is None. Other filters ignore both.
        """
        wanted = part or Part(0, option_search.LIST_LENGTH)

        def ask(session: QuerySession) -> ResultSet:
            full = self._with_period(session, filters, scope, self.now().date())
            others = _with_cases(session, full.without(name), scope)
            if name in option_search.SEARCHED:
                return _search(session, name, others, scope, search, wanted)
            result = session.fetch(option_queries.query(name, others, scope))
            if len({*result.column("value")}) == len(result):
                return result
            return session.fetch(option_queries.query(name, others, scope, as_seen=True))

        result = self._runner.read(scope, ask)
        options: dict[str, Option] = {}
        for row in result.records():
            option = self._option(row)
            if option.value not in options:
                options[option.value] = option
            elif name == "person":  # two names that look alike, because a phone in them is masked
                options[option.value] = _both(options[option.value], option)
            # Cases that share a number are one option: the first, whose count includes them all.
        total = result.column("total")[0] if options else 0
        is_last = name not in option_search.SEARCHED or len(result) < wanted.length
        return Options(tuple(options.values()), None if wanted.first else total, is_last)

    def count_options(self, name: str, filters: Filters, scope: Scope, search: str) -> int:
        """Return how many values of ``person``, or how many cases, ``options`` finds in all."""

        def ask(session: QuerySession) -> int:
            full = self._with_period(session, filters, scope, self.now().date())
            others = _with_cases(session, full.without(name), scope)
            [total] = session.fetch(option_search.count(name, others, scope, search)).column(
                "total"
            )
            return int(total)

        return self._runner.read(scope, ask)

    def resolve(self, filters: Filters, scope: Scope) -> Filters:
        """Return ``filters`` with a period: their own, that of their preset, or else the default.

        The default ends on the newest day of what ``scope`` may see, or today if that is earlier.
        """

        def ask(session: QuerySession) -> Filters:
            return self._with_period(session, filters, scope, self.now().date())

        return self._runner.read(scope, ask)

    def lacks(self, scope: Scope) -> frozenset[Need]:
        """Return what the store lacks, in any period, of what ``scope`` may see.

        This is one query for each version of the data.
        """
        return self._runner.read(scope, lambda session: self._lacks(session, scope))

    def _lacking(
        self, session: QuerySession, panel: PanelQuery, request: PanelRequest
    ) -> Need | None:
        if not (panel.needs and request.table.is_for_page):
            return None
        return panel.lacking(self._lacks(session, request.scope))

    def _lacks(self, session: QuerySession, scope: Scope) -> frozenset[Need]:
        """Return ``lacks`` of the version of ``session``. Each answer of the page asks for it."""
        about = session.version, scope
        lacks: frozenset[Need] | None = self._lacks_known.get(about)
        if lacks is None:
            [row] = session.fetch(capabilities.held(scope)).records()
            lacks = self._lacks_known[about] = frozenset(need for need in NEEDS if not row[need])
        return lacks

    def version(self, scope: Scope) -> int:
        """Return the number of the newest load, 0 in an empty store. This is one short query."""
        return self._runner.read(scope, lambda session: session.data_version)

    def supply(self) -> Supply:
        """Return how the data comes to this server at this moment. Nobody is asked."""
        return self._runner.supply()

    def loads(self) -> Loads:
        """Return how many rows the newest load and all loads together read and rejected."""
        newest_id = select(func.max(loads.c.load_id)).where(_BROUGHT_DATA).scalar_subquery()
        is_newest = loads.c.load_id == newest_id

        def total(rows: ColumnElement[int]) -> ColumnElement[int]:
            return func.coalesce(whole_sum(rows), 0)

        statement = select(
            func.coalesce(func.max(loads.c.load_id), 0).label("newest_id"),
            func.max(case((_BROUGHT_DATA, loads.c.loaded_at))).label("newest_at"),
            total(case((is_newest, loads.c.rows_in))).label("newest_rows"),
            total(case((is_newest, loads.c.rows_rejected))).label("newest_rejected"),
            total(loads.c.rows_in).label("all_rows"),
            total(loads.c.rows_rejected).label("all_rejected"),
        )
        [row] = self._runner.read(
            EVERYTHING, lambda session: list(session.fetch(statement).records())
        )
        return Loads(**row)

    def sources(self, scope: Scope) -> Sources | None:
        """Return the state of all sources; None where ``scope`` hides a part of the store."""

        def ask(session: QuerySession) -> Sources | None:
            return read_sources(session) if sees_everything(session, scope) else None

        # Nothing of it is about customers, and masks of phones would damage what sources note.
        return self._runner.read(Scope(scope.accounts, see_phones=True), ask)

    def status(self, scope: Scope) -> StoreStatus:
        """Return how new the data are, which days they cover, and whether they are demo data.

        Days and newest time are those of the cases that ``scope`` may see.
        """
        return self._runner.read(scope, lambda session: self._status(session, scope))

    def _status(self, session: QuerySession, scope: Scope) -> StoreStatus:
        held = select(
            select(func.max(loads.c.loaded_at))
            .where(_BROUGHT_DATA)
            .scalar_subquery()
            .label("loaded_at"),
            select(func.count())
            .where(store_facts.c.name == "holds", store_facts.c.value == "demo")
            .scalar_subquery()
            .label("demo"),
        )
        [row] = session.fetch(held).records()
        days = self._days(session, scope)
        return StoreStatus(
            data_version=session.data_version,
            newest_at=self._local(self._newest_at(session, scope)),
            loaded_at=self._local(row["loaded_at"]),
            demo=bool(row["demo"]),
            time_zone=self._time_zone.key,
            oldest_day=_earliest(days["oldest_sent"], days["oldest_opened"]),
            newest_day=_latest(days["newest_sent"], days["newest_opened"]),
            supply=self._runner.supply(),
        )

    def _newest_at(self, session: QuerySession, scope: Scope) -> datetime | None:
        """Return the time of the newest message or event until the end of the present minute.

        It is in UTC, None without any. What happened a second ago counts; requests of one minute
        run the same statement.
        """
        now = stored_minute(self._clock() + timedelta(minutes=1)) - timedelta(microseconds=1)
        message = self._newest(session, _newest_message(scope), messages.c.sent_at, now)
        events = _newest_event(scope, message)
        event = self._newest(session, events, message_events.c.occurred_at, now)
        return max((at for at in (message, event) if at), default=None)

    def _newest(
        self, session: QuerySession, newest: Select[Any], moment: ColumnElement[Any], now: datetime
    ) -> datetime | None:
        [at] = session.fetch(newest).column("newest_at")
        if at and at > now:
            # Rare, and slower: without this condition an engine knows the newest without reading.
            [at] = session.fetch(newest.where(moment <= now)).column("newest_at")
        return at  # type: ignore[no-any-return] # a time, or None

    def _with_period(
        self, session: QuerySession, filters: Filters, scope: Scope, today: date
    ) -> Filters:
        if filters.period:
            return filters
        days = self._days(session, scope)
        basis = filters.basis.value
        return filters.with_period(today, days[f"oldest_{basis}"], days[f"newest_{basis}"])

    def _days(self, session: QuerySession, scope: Scope) -> dict[str, date | None]:
        """Return the first and the last day of messages and of openings; None without any."""
        sent = (
            select(message_days.c.sent_day)
            .where(*scope_conditions(message_days, scope))
            .subquery("sent")
            .c.sent_day
        )
        opened = (
            select(case_days.c.day)
            .where(case_days.c.created > 0, *scope_conditions(case_days, scope))
            .subquery("opened")
            .c.day
        )
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


def _newest_message(scope: Scope) -> Select[Any]:
    newest = func.max(messages.c.sent_at).label("newest_at")
    return select(newest).where(*scope_conditions(messages, scope))


def _newest_event(scope: Scope, after: datetime | None) -> Select[Any]:
    """Return a SELECT of ``newest_at``, the time of the newest event that ``scope`` may see.

    Events have no team and channel. Where ``scope`` needs those of the message, only events after
    the time ``after`` are looked at, since earlier ones change nothing: so few messages are joined.
    """
    newest = select(func.max(message_events.c.occurred_at).label("newest_at"))
    if not scope.is_limited:
        return newest
    seen = (
        select(messages.c.message_id)
        .where(
            messages.c.account == message_events.c.account,
            func.coalesce(messages.c.whatsapp_id, messages.c.message_id)
            == message_events.c.message_id,
            *scope_conditions(messages, scope),
        )
        .exists()
    )
    later = [message_events.c.occurred_at > after] if after else []
    return newest.where(*later, seen)


def _both(option: Option, other: Option) -> Option:
    return replace(option, cases=option.cases + other.cases)


def _search(
    session: QuerySession, name: str, others: Filters, scope: Scope, text: str, part: Part
) -> ResultSet:
    """Return the hits of the first step that fills ``part``, else those of the whole search."""
    days = option_search.cases_by_day(others, scope) if name == "case" else None
    since = None if days is None else option_search.newest_since(session.fetch(days), text, part)
    for step in option_search.steps(name, text, part, since):
        result = session.fetch(option_search.query(name, others, scope, step))
        if len(result) >= part.length:
            break
    return result


def _with_cases(session: QuerySession, filters: Filters, scope: Scope) -> Filters:
    """Return ``filters`` with the keys of the cases that ``person`` and ``case`` name.

    So they are looked up once for all statements. Where neither is set, or more than
    ``MAX_NAMED_CASES`` cases are named, ``filters`` is returned as it is.
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
