"""The state of the sources: how many rows each of them brought, when, and what went wrong.

Nothing here is cached: a source notes its state between two loads, so the data version does not say
how new it is.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, false, func, or_, select, union

from queries.result import ResultSet, utc
from queries.runner import QuerySession
from queries.sql_functions import whole_sum
from queries.tables import (
    case_days,
    kept_payloads,
    loads,
    refused_loads,
    source_states,
    store_facts,
)
from queries.user_scope import Scope
from queries.vocabulary import BROUGHT_NO_MESSAGES

#: How many loads and kinds of what is kept aside are named one by one.
_MOST_LOADS: Final = 10
_MOST_KINDS: Final = 50

_HOLDS_DEMO: Final = (
    select(store_facts.c.name)
    .where(store_facts.c.name == "holds", store_facts.c.value == "demo")
    .exists()
)
#: Loads that brought rows: neither removals, nor demonstration data that is gone.
_BROUGHT_ROWS: Final = (
    loads.c.source.not_in(BROUGHT_NO_MESSAGES),
    loads.c.rows_in > 0,
    or_(loads.c.demo == false(), _HOLDS_DEMO),
)


@dataclass(frozen=True, slots=True)
class Sums:
    """What became of ``read`` rows: each was taken, superseded, kept aside or rejected."""

    read: int
    superseded: int
    kept: int
    rejected: int

    @property
    def taken(self) -> int:
        """How many were neither superseded nor kept aside nor rejected."""
        return self.read - self.superseded - self.kept - self.rejected


@dataclass(frozen=True, slots=True)
class Load:
    """One load of the source called ``name``. ``loaded_at`` is in UTC.

    ``seconds`` is how long it took; None where that was not noted.
    """

    load_id: int
    name: str
    loaded_at: datetime
    seconds: float | None
    sums: Sums


@dataclass(frozen=True, slots=True)
class Compared:
    """What the newest comparison of all ids found, in rows.

    ``late`` ones were fetched, ``removed`` ones went here because the source has them no more, and
    ``left`` ones would have gone but were too many at once. ``skipped`` counts parts of the ids
    about which the source gave no whole answer.
    """

    late: int = 0
    removed: int = 0
    left: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Noted:
    """What a source that is read by itself notes. Times are in UTC, None before the first.

    ``checked_at``: when it was last asked. ``synced_until``: all that it had then is in the store.
    ``fault``: an English sentence about the newest failure; None while all is well.
    ``reconciled_until``: when all ids were last compared, and ``compared`` what that found.
    """

    checked_at: datetime | None = None
    synced_until: datetime | None = None
    fault: str | None = None
    reconciled_until: datetime | None = None
    compared: Compared | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """That loads were refused as a whole, ``count`` times; the newest at ``at`` (UTC).

    ``reason`` is a word of ``queries.vocabulary.REFUSALS``.
    """

    count: int
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SourceState:
    """The state of the source called ``name``.

    ``loads`` counts its loads, ``sums`` the rows of all of them; ``newest`` is the newest load,
    None before any. ``noted`` is what it notes of itself; None of a source that does not.
    """

    name: str
    loads: int
    sums: Sums
    newest: Load | None
    noted: Noted | None
    refusal: Refusal | None

    @property
    def last_success_at(self) -> datetime | None:
        """When it was last read or loaded without failure, in UTC; None if it never was."""
        loaded_at = self.newest and self.newest.loaded_at
        synced = self.noted and self.noted.synced_until
        return max((at for at in (loaded_at, synced) if at), default=None)

    @property
    def is_failing(self) -> bool:
        """Whether the newest attempt to read or load it failed."""
        return bool(self.noted and self.noted.fault) or self.open_refusal is not None

    @property
    def open_refusal(self) -> Refusal | None:
        """The newest refusal, if nothing has gone well since; else None."""
        refusal, success = self.refusal, self.last_success_at
        return refusal if refusal and not (success and success >= refusal.at) else None


@dataclass(frozen=True, slots=True)
class Sources:
    """All ``sources`` by name, their ``newest`` loads, newest first, and what is ``kept`` aside.

    ``kept`` is how many things of each kind, the most frequent kinds first. Kinds have the names
    that the source gave them.
    """

    sources: tuple[SourceState, ...]
    newest: tuple[Load, ...]
    kept: Mapping[str, int]


def read_sources(session: QuerySession) -> Sources:
    """Return the state of all sources."""
    newest = {load.name: load for load in _loads(session, _newest_of_each())}
    sums = {row["name"]: row for row in session.fetch_anew(_sums_of_each()).records()}
    noted = {
        row["name"]: _noted(row["state"])
        for row in session.fetch_anew(select(source_states)).records()
    }
    refusals = {
        row["name"]: Refusal(row["refused"], row["reason"], utc(row["refused_at"]))
        for row in session.fetch_anew(select(refused_loads)).records()
    }
    names = sorted({*sums, *noted, *refusals})
    nothing = {"loads": 0, "rows_in": 0, "superseded": 0, "kept": 0, "rejected": 0}
    return Sources(
        tuple(
            SourceState(
                name,
                sums.get(name, nothing)["loads"],
                _sums(sums.get(name, nothing)),
                newest.get(name),
                noted.get(name),
                refusals.get(name),
            )
            for name in names
        ),
        tuple(_loads(session, _load_rows().order_by(loads.c.load_id.desc()).limit(_MOST_LOADS))),
        _kept(session.fetch_anew(_kept_kinds())),
    )


def sees_everything(session: QuerySession, scope: Scope) -> bool:
    """Return whether ``scope`` hides nothing that the store holds: no account, team or channel.

    Numbers of loads are about all accounts at once.
    """
    if scope.teams is not None or scope.channels is not None:
        return False
    if scope.accounts is None:
        return True
    held = union(select(case_days.c.account), select(kept_payloads.c.account))
    return {*session.fetch_anew(select(held.subquery())).column("account")} <= {*scope.accounts}


def _sums_of_each() -> Select[Any]:
    return (
        select(
            loads.c.name,
            func.count().label("loads"),
            _total(loads.c.rows_in).label("rows_in"),
            _total(loads.c.rows_superseded).label("superseded"),
            _total(loads.c.rows_kept).label("kept"),
            _total(loads.c.rows_rejected).label("rejected"),
        )
        .where(*_BROUGHT_ROWS)
        .group_by(loads.c.name)
    )


def _total(rows: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(whole_sum(rows), 0)


def _newest_of_each() -> Select[Any]:
    newest = select(func.max(loads.c.load_id)).where(*_BROUGHT_ROWS).group_by(loads.c.name)
    return _load_rows().where(loads.c.load_id.in_(newest))


def _load_rows() -> Select[Any]:
    return select(
        loads.c.load_id,
        loads.c.name,
        loads.c.loaded_at,
        loads.c.seconds,
        loads.c.rows_in,
        func.coalesce(loads.c.rows_superseded, 0).label("superseded"),
        func.coalesce(loads.c.rows_kept, 0).label("kept"),
        loads.c.rows_rejected.label("rejected"),
    ).where(*_BROUGHT_ROWS)


def _loads(session: QuerySession, statement: Select[Any]) -> list[Load]:
    return [
        Load(row["load_id"], row["name"], utc(row["loaded_at"]), row["seconds"], _sums(row))
        for row in session.fetch_anew(statement).records()
    ]


def _sums(row: Mapping[str, int]) -> Sums:
    return Sums(row["rows_in"], row["superseded"], row["kept"], row["rejected"])


def _kept_kinds() -> Select[Any]:
    count = func.count().label("payloads")
    return (
        select(kept_payloads.c.kind, count)
        .group_by(kept_payloads.c.kind)
        .order_by(count.desc(), kept_payloads.c.kind)
        .limit(_MOST_KINDS)
    )


def _kept(result: ResultSet) -> dict[str, int]:
    return {row["kind"]: row["payloads"] for row in result.records()}


def _noted(state: str) -> Noted:
    """Return what the JSON text ``state`` says; what is missing or cannot be read is left out."""
    try:
        content = json.loads(state)
    except ValueError:
        return Noted()
    if not isinstance(content, dict):
        return Noted()
    fault, compared = content.get("fault"), content.get("compared")
    return Noted(
        _moment(content.get("checked_at")),
        _moment(content.get("synced_until")),
        fault if isinstance(fault, str) else None,
        _moment(content.get("reconciled_until")),
        _compared(compared) if isinstance(compared, dict) else None,
    )


def _compared(found: Mapping[str, Any]) -> Compared:
    names = ("late_rows", "removed_rows", "kept_rows", "skipped_ranges")
    counts = (found.get(name) for name in names)
    return Compared(*(count if isinstance(count, int) else 0 for count in counts))


def _moment(text: Any) -> datetime | None:
    """Return the time of a text in ISO 8601 with an offset; None where it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None
