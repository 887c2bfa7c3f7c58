"""Runs selects: cache, single flight, engine."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd
import pyarrow as pa

from queries.cache import SingleFlightCache, cache_key
from queries.constructs import Statement
from queries.engines.base import Engine, Snapshot, compiled
from queries.scope import Scope

_DIGEST_BYTES = 16


class Runner:
    """Gives frames of selects, each computed once for a version of the data."""

    def __init__(self, engine: Engine, cache: SingleFlightCache) -> None:
        self._engine = engine
        self._cache = cache

    @contextmanager
    def reading(self, scope: Scope) -> Iterator["Reading"]:
        """A moment of the store: all frames taken in it belong to one data version."""
        with self._engine.snapshot() as snapshot:
            yield Reading(snapshot, self._engine, self._cache, scope)


class Reading:
    """Frames of one snapshot, for one scope."""

    def __init__(
        self, snapshot: Snapshot, engine: Engine, cache: SingleFlightCache, scope: Scope
    ) -> None:
        self._snapshot = snapshot
        self._engine = engine
        self._cache = cache
        self._scope = scope
        self.data_version = snapshot.data_version

    def frame(self, select: Statement) -> pd.DataFrame:
        """The rows of ``select``; integers stay integers, dates are ``datetime.date``."""
        sql, parameters = compiled(select, self._engine.dialect)
        key = cache_key(self.data_version, self._scope, sql, parameters)
        sealed = self._cache.get(
            key, lambda: _sealed(self._snapshot.fetch(sql, parameters)), _is_sound
        )
        frame: pd.DataFrame = _unsealed(sealed).to_pandas(date_as_object=True)
        return frame

    def batches(self, select: Statement) -> Iterator[pd.DataFrame]:
        """The rows of ``select`` a few thousand at a time, past the cache."""
        for batch in self._snapshot.stream(*compiled(select, self._engine.dialect)):
            yield batch.to_pandas(date_as_object=True)


def _sealed(table: pa.Table) -> bytes:
    """A table as Arrow bytes behind their digest, so that damage is seen before it is read."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return _digest(content) + content


def _unsealed(sealed: bytes) -> pa.Table:
    with pa.ipc.open_stream(pa.py_buffer(sealed)[_DIGEST_BYTES:]) as reader:
        return reader.read_all()


def _is_sound(sealed: bytes) -> bool:
    return sealed[:_DIGEST_BYTES] == _digest(sealed[_DIGEST_BYTES:])


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest()
