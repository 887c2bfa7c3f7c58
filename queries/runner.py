"""Runs SELECTs: takes their rows from the cache where it has them, else from the engine."""

import hashlib
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import pyarrow as pa

from queries.cache import SingleFlightCache, cache_key
from queries.compiling import Compiler
from queries.engines.base import Engine, Engines, Snapshot, Supply
from queries.errors import StoreChanged, StoreUnavailable
from queries.result import Columns, ResultSet
from queries.sql_functions import Statement
from queries.user_scope import Scope
from queries.visibility import mask_columns, mask_rows

_DIGEST_BYTES = 16
_T = TypeVar("_T")


class Runner:
    """Runs SELECTs on the store; the rows are cached for each data version and scope.

    ``queries.reader`` uses it; panels get a ``QuerySession``.
    """

    def __init__(
        self, engine: Engine, cache: SingleFlightCache, *, answers_when_silent: bool = False
    ) -> None:
        """Make a runner of ``engine``, or of its parts where it is also ``Engines``.

        With ``answers_when_silent``, cached rows of the version that was read last are returned
        while the store cannot answer. ``supply`` says since when.
        """
        self._engine = engine
        self._engines = engine if isinstance(engine, Engines) else None
        self._cache = cache
        self._compiler = Compiler(engine.dialect)
        self._answers_when_silent = answers_when_silent
        #: The version that was read last, by the accounts of the scope.
        self._read_last: dict[tuple[str, ...] | None, tuple[str, int]] = {}

    def supply(self) -> Supply:
        """Return how the engine gets its data at this moment."""
        return self._engine.supply()

    def read(self, scope: Scope, ask: Callable[["QuerySession"], _T]) -> _T:
        """Call ``ask`` with a session and return what it returns.

        All rows that it fetches belong to one data version. When a load is published meanwhile,
        ``ask`` is called a second time, with a session in a transaction. So it must change nothing
        outside itself, and call ``fetch``, not ``batches``.

        Raises ``StoreUnavailable`` where the store cannot answer, ``QueryTimeout`` where a query
        runs too long, and what else ``ask`` raises.
        """
        try:
            return self._read(scope, ask)
        except StoreUnavailable as error:
            read_last = self._read_last.get(scope.accounts)
            if read_last is None or not self._answers_when_silent:
                raise
            return ask(self._session(_SilentSnapshot(*read_last, error), scope))

    def _read(self, scope: Scope, ask: Callable[["QuerySession"], _T]) -> _T:
        try:
            with self._engine_of(scope).optimistic_snapshot() as snapshot:
                self._read_last[scope.accounts] = snapshot.lineage, snapshot.data_version
                return ask(self._session(snapshot, scope))
        except StoreChanged:
            with self.session(scope) as session:
                return ask(session)

    def _engine_of(self, scope: Scope) -> Engine:
        return self._engines.of(scope) if self._engines else self._engine

    def _session(self, snapshot: Snapshot, scope: Scope) -> "QuerySession":
        return QuerySession(snapshot, self._compiler, self._cache, scope)

    @contextmanager
    def session(self, scope: Scope) -> Iterator["QuerySession"]:
        """Give a session in a transaction, to use in a ``with``.

        All its rows belong to one data version. Use it for downloads (``batches``); ``read`` is
        faster for everything else. Raises ``StoreUnavailable`` where the store cannot answer.
        """
        with self._engine_of(scope).snapshot() as snapshot:
            yield self._session(snapshot, scope)


@dataclass(frozen=True, slots=True)
class _SilentSnapshot:
    """The version that was read last, of a store that does not answer now: only the cache does."""

    lineage: str
    data_version: int
    error: StoreUnavailable

    def fetch(self, _sql: str, _parameters: tuple[object, ...]) -> ResultSet:
        raise StoreUnavailable(*self.error.args) from self.error

    def stream(self, _sql: str, _parameters: tuple[object, ...]) -> Iterator[pa.RecordBatch]:
        raise StoreUnavailable(*self.error.args) from self.error


class QuerySession:
    """Runs SELECTs on one snapshot of the store and masks phones where its scope hides them.

    ``data_version`` is the number of the newest load in the snapshot, 0 in an empty store;
    ``version`` is the store's lineage and this number.
    """

    def __init__(
        self, snapshot: Snapshot, compiler: Compiler, cache: SingleFlightCache, scope: Scope
    ) -> None:
        self._snapshot = snapshot
        self._compiler = compiler
        self._cache = cache
        self._scope = scope
        self.data_version = snapshot.data_version
        self.version = snapshot.lineage, snapshot.data_version

    def fetch(self, select: Statement) -> ResultSet:
        """Return all rows of ``select``, with phones masked where the scope hides them.

        They come from the cache if they are there. Raises ``QueryTimeout`` when the query runs
        longer than the time limit. In a session of ``Runner.read`` it raises ``StoreChanged`` when
        a load was published since the session began; do not catch that, ``Runner.read`` does.
        """
        return self._fetch(*self._compiler.compiled(select))

    def ask(self, make: Callable[..., Statement], *arguments: Hashable) -> ResultSet:
        """Return all rows of the select that ``make`` makes of ``arguments``, as ``fetch`` does.

        The select is made once for the same arguments (``Compiler.made``).
        """
        return self._fetch(*self._compiler.made(make, *arguments))

    def _fetch(self, sql: str, parameters: tuple[object, ...]) -> ResultSet:
        key = cache_key(self.version, self._scope, sql, parameters)

        computed: list[ResultSet] = []

        def compute() -> bytes:
            computed.append(mask_rows(self._snapshot.fetch(sql, parameters), self._scope))
            return _sealed(computed[-1])

        sealed = self._cache.get(key, compute, _is_sound)
        # What was computed here need not be read back: it is equal (``ResultSet.from_bytes``).
        return computed[-1] if computed else ResultSet.from_bytes(sealed[_DIGEST_BYTES:])

    def fetch_anew(self, select: Statement) -> ResultSet:
        """Return all rows of ``select`` as ``fetch`` does, but never from the cache.

        For rows that change while the data version stays.
        """
        sql, parameters = self._compiler.compiled(select)
        return mask_rows(self._snapshot.fetch(sql, parameters), self._scope)

    def batches(self, select: Statement) -> Iterator[Columns]:
        """Yield the rows of ``select``, some thousand at a time, as lists of values by column.

        Phones are masked where the scope hides them. Nothing is cached. Call it only in
        ``Runner.session``. Raises ``QueryTimeout`` when the first rows take longer than the time
        limit; reading all rows has no limit.
        """
        for batch in self._snapshot.stream(*self._compiler.compiled(select)):
            yield mask_columns(batch, self._scope)


def _sealed(result: ResultSet) -> bytes:
    """Return ``result`` as bytes behind their digest, by which ``_is_sound`` finds damage."""
    content = result.to_bytes()
    return _digest(content) + content


def _is_sound(sealed: bytes) -> bool:
    return sealed[:_DIGEST_BYTES] == _digest(sealed[_DIGEST_BYTES:])


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest()
