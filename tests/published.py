"""Publishes stores for tests: to files, to PostgreSQL, to ClickHouse inside the test's process."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from app.settings import Settings
from app.store_addresses import publisher_of
from queries.engines.base import EngineLimits
from queries.engines.clickhouse.connections import Clients, Target
from queries.engines.clickhouse.schema import on_cluster
from sources.owner import Owner
from sources.publishing.publication import Publishing, PublishingState
from tests.services import PostgreSQLServer

#: The kinds of published stores, by the names that tests show.
KINDS = ("files", "postgresql", "clickhouse")

#: The variable with the address of a ClickHouse server or cluster, which tests use in place of the
#: engine in their process where it is set (``make test-cluster``).
CLUSTER_URL = "CLICKHOUSE_URL"

#: Gives the PostgreSQL of this process; a test without it is skipped.
GetPostgreSQL = Callable[[], PostgreSQLServer]


def address(kind: str, folder: Path, postgresql: GetPostgreSQL) -> str:
    """Return the address of an empty place to publish to; ``folder`` is for what lies in files."""
    if kind == "files":
        return f"file://{folder / 'published'}"
    if kind == "clickhouse" and os.environ.get(CLUSTER_URL):
        return new_name(os.environ[CLUSTER_URL])
    if kind == "clickhouse":
        pytest.importorskip("chdb", reason="chdb, ClickHouse in a process, is not installed")
        return f"chdb://{folder / 'clickhouse'}"
    return new_database(postgresql())


def new_name(url: str) -> str:
    """Return ``url``, of a ClickHouse server, with a database of a new name, which is made.

    On a cluster the database has the engine by which all of its servers know the same tables.
    """
    address = make_url(url).set(database=f"consumo_test_{uuid.uuid4().hex[:12]}")
    target = Target.of(address)
    if target.cluster:
        engine = f"Replicated('/clickhouse/{target.database}', '{{shard}}', '{{replica}}')"
        with closing(Clients(target, 1, 60)) as clients, clients.one() as client:
            client.command(
                f"CREATE DATABASE {target.database}{on_cluster(target)} ENGINE = {engine}"
            )
    return address.render_as_string(hide_password=False)


def drop_names(url: str) -> None:
    """Drop all databases that ``new_name`` and the publishers of tests made at ``url``."""
    target = Target.of(make_url(url))
    with closing(Clients(target, 1, 60)) as clients, clients.one() as client:
        names = client.query(
            "SELECT name FROM system.databases WHERE startsWith(name, 'consumo_test_')"
        ).result_rows
        for (name,) in names:
            client.command(f"DROP DATABASE IF EXISTS {name}{on_cluster(target)} SYNC")


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
