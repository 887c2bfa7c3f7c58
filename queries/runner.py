"""Runs SELECTs: takes their rows from the cache where it has them, else from the engine."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from queries.cache import SingleFlightCache, cache_key
from queries.compiling import Compiler
from queries.engines.base import Engine, Snapshot
from queries.errors import StoreChanged
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

    def __init__(self, engine: Engine, cache: SingleFlightCache) -> None:
        self._engine = engine
        self._cache = cache
        self._compiler = Compiler(engine.dialect)

    def read(self, scope: Scope, ask: Callable[["QuerySession"], _T]) -> _T:
        """Call ``ask`` with a session and return what it returns.

        All rows that it fetches belong to one data version. When a load is published meanwhile,
        ``ask`` is called a second time, with a session in a transaction. So it must change nothing
        outside itself, and call ``fetch``, not ``batches``.

        Raises ``StoreUnavailable`` where the store cannot answer, ``QueryTimeout`` where a query
        runs too long, and what else ``ask`` raises.
        """
        try:
            with self._engine.optimistic_snapshot() as snapshot:
                return ask(QuerySession(snapshot, self._compiler, self._cache, scope))
        except StoreChanged:
            with self.session(scope) as session:
                return ask(session)

    @contextmanager
    def session(self, scope: Scope) -> Iterator["QuerySession"]:
        """Give a session in a transaction, to use in a ``with``.

        All its rows belong to one data version. Use it for downloads (``batches``); ``read`` is
        faster for everything else. Raises ``StoreUnavailable`` where the store cannot answer.
        """
        with self._engine.snapshot() as snapshot:
            yield QuerySession(snapshot, self._compiler, self._cache, scope)


class QuerySession:
    """Runs SELECTs on one snapshot of the store and masks phones where its scope hides them.

    ``data_version`` is the number of the newest load in the snapshot, 0 in an empty store.
    """

    def __init__(
        self, snapshot: Snapshot, compiler: Compiler, cache: SingleFlightCache, scope: Scope
    ) -> None:
        self._snapshot = snapshot
        self._compiler = compiler
        self._cache = cache
        self._scope = scope
        self.data_version = snapshot.data_version

    def fetch(self, select: Statement) -> ResultSet:
        """Return all rows of ``select``, with phones masked where the scope hides them.

        They come from the cache if they are there. Raises ``QueryTimeout`` when the query runs
        longer than the time limit. In a session of ``Runner.read`` it raises ``StoreChanged`` when
        a load was published since the session began; do not catch that, ``Runner.read`` does.
        """
        sql, parameters = self._compiler.compiled(select)
        key = cache_key(self.data_version, self._scope, sql, parameters)

        def compute() -> bytes:
            return _sealed(mask_rows(self._snapshot.fetch(sql, parameters), self._scope))

        sealed = self._cache.get(key, compute, _is_sound)
        return ResultSet.from_bytes(sealed[_DIGEST_BYTES:])

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
