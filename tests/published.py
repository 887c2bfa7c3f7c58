"""Publishes stores for tests: to files, to PostgreSQL, to ClickHouse inside the test's process."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from app.settings import Settings
from app.store_addresses import publisher_of
from queries.engines.base import EngineLimits
from sources.owner import Owner
from sources.publishing.publication import Publishing, PublishingState
from tests.services import PostgreSQLServer

#: The kinds of published stores, by the names that tests show.
KINDS = ("files", "postgresql", "clickhouse")

#: Gives the PostgreSQL of this process; a test without it is skipped.
GetPostgreSQL = Callable[[], PostgreSQLServer]


def address(kind: str, folder: Path, postgresql: GetPostgreSQL) -> str:
    """Return the address of an empty place to publish to; ``folder`` is for what lies in files."""
    if kind == "files":
        return f"file://{folder / 'published'}"
    if kind == "clickhouse":
        pytest.importorskip("chdb", reason="chdb, ClickHouse in a process, is not installed")
        return f"chdb://{folder / 'clickhouse'}"
    return new_database(postgresql())


def new_database(server: PostgreSQLServer) -> str:
    """Make an empty database, and return its address.

    Its texts are in the order of a language, as those of most companies' databases are.
    """
    name = f"consumo_{uuid.uuid4().hex[:12]}"
    language = "template template0 encoding 'UTF8' locale_provider icu icu_locale 'pt-BR'"
    url = server.url("postgres").replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"create database {name} {language}".encode())
    return server.url(name)


def reading(kind: str, store: Path, postgresql: GetPostgreSQL, **given: object) -> Settings:
    """Return settings of a server that reads what is published of ``store`` to a new place.

    ``given`` are further settings. ``publish`` publishes.
    """
    folder = store.parent / f"{kind}-{os.urandom(4).hex()}"
    folder.mkdir()
    settings = Settings(
        store_url=address(kind, folder, postgresql),
        work_url=f"duckdb:///{store}",
        local_folder=str(folder / "reader"),
    )
    return replace(settings, **given)  # type: ignore[arg-type]


def publish(settings: Settings, *, replace_other: bool = False) -> PublishingState:
    """Publish the store of ``settings`` as it is now, as a writer does, and end the writer.

    Return what it did.
    """
    with publishing(settings, replace_other=replace_other) as (writer, step):
        step()
        return writer.state


@contextmanager
def publishing(
    settings: Settings, *, replace_other: bool = False
) -> Iterator[tuple[Publishing, Callable[[], None]]]:
    """Be the writer of ``settings``, with its store open; give what publishes it, as it is now."""
    assert settings.own_store
    limits = EngineLimits("1GB", 2, 30)
    owner = Owner(settings.own_store, limits, settings.time_zone, lambda: datetime.now(UTC))
    writer = Publishing(owner, publisher_of(settings), replace_other=replace_other, pause_seconds=0)
    try:
        assert writer.may_write()
        owner.open()
        yield writer, lambda: writer.publish(lambda *_: None)
    finally:
        owner.close()
        writer.close()
