"""Runs SELECTs: from the cache where it has them, else by the engine."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from queries.cache import SingleFlightCache, cache_key
from queries.compiling import Compiler
from queries.engines.base import Engine, Snapshot
from queries.errors import StoreChanged
from queries.result import Columns, ResultSet
from queries.scope import Scope
from queries.sql_functions import Statement
from queries.visibility import mask_columns, mask_rows

_DIGEST_BYTES = 16
_T = TypeVar("_T")


class Runner:
    """Gives the rows of SELECTs; each SELECT is run once for a version of the data."""

    def __init__(self, engine: Engine, cache: SingleFlightCache) -> None:
        self._engine = engine
        self._cache = cache
        self._compiler = Compiler(engine.dialect)

    def read(self, scope: Scope, ask: Callable[["QuerySession"], _T]) -> _T:
        """The answer of ``ask`` from one moment of the store.

        Where a load changes the store meanwhile, ``ask`` is called a second time.
        """
        try:
            with self._engine.optimistic_snapshot() as snapshot:
                return ask(QuerySession(snapshot, self._compiler, self._cache, scope))
        except StoreChanged:
            with self.session(scope) as session:
                return ask(session)

    @contextmanager
    def session(self, scope: Scope) -> Iterator["QuerySession"]:
        """One moment of the store, held until the end: all its rows belong to one data version."""
        with self._engine.snapshot() as snapshot:
            yield QuerySession(snapshot, self._compiler, self._cache, scope)


class QuerySession:
    """Reads one snapshot of the store, for one scope."""

    def __init__(
        self, snapshot: Snapshot, compiler: Compiler, cache: SingleFlightCache, scope: Scope
    ) -> None:
        self._snapshot = snapshot
        self._compiler = compiler
        self._cache = cache
        self._scope = scope
        self.data_version = snapshot.data_version

    def fetch(self, select: Statement) -> ResultSet:
        """The rows of ``select`` as the reader may see them, from the cache where known."""
        sql, parameters = self._compiler.compiled(select)
        key = cache_key(self.data_version, self._scope, sql, parameters)

        def compute() -> bytes:
            return _sealed(mask_rows(self._snapshot.fetch(sql, parameters), self._scope))

        sealed = self._cache.get(key, compute, _is_sound)
        return ResultSet.from_bytes(sealed[_DIGEST_BYTES:])

    def batches(self, select: Statement) -> Iterator[Columns]:
        """The columns of ``select``, a few thousand rows at a time, past the cache."""
        for batch in self._snapshot.stream(*self._compiler.compiled(select)):
            yield mask_columns(batch, self._scope)


def _sealed(result: ResultSet) -> bytes:
    """The rows as bytes, after a digest of them that shows whether they were damaged."""
    content = result.to_bytes()
    return _digest(content) + content


def _is_sound(sealed: bytes) -> bool:
    return sealed[:_DIGEST_BYTES] == _digest(sealed[_DIGEST_BYTES:])


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest()
