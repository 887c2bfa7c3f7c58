"""Addresses of published stores, and which engine reads or publishes what each of them names.

Engines are imported when they are needed: most processes need none of them.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from queries.engines.base import Engine, EngineLimits
from queries.engines.publishing import Publisher
from queries.engines.replica.account_folders import ACCOUNT

if TYPE_CHECKING:
    from app.settings import Settings

PUBLISHED_ADDRESSES: Final = (
    "file:///FOLDER, postgresql+psycopg://USER@HOST/DATABASE or clickhousedb://USER@HOST/DATABASE"
)
_FILES: Final = "file"
_POSTGRESQL: Final = "postgresql+psycopg"
_CLICKHOUSE: Final = "clickhousedb"
UNREADABLE_FILE: Final = "CONSUMO_STORE_PASSWORD_FILE names a file that cannot be read"
#: ClickHouse inside this process, for trying out and for tests.
_CLICKHOUSE_HERE: Final = "chdb"
_SERVERS: Final = (_POSTGRESQL, _CLICKHOUSE)


def is_published_address(url: str) -> bool:
    """Return whether ``url`` is an address to which a store can be published."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if not url.isprintable() or re.search(r"\s", url) or port == 0:
        return False
    if parts.scheme in (_FILES, _CLICKHOUSE_HERE):
        has_rest = parts.netloc or parts.query or parts.fragment
        return not has_rest and len(parts.path.rstrip("/")) > 1 and _is_folder(parts.path)
    if parts.scheme not in _SERVERS or not parts.hostname:
        return False
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        return False
    return bool(address.database)


def _is_folder(path: str) -> bool:
    rest = path.replace(ACCOUNT, "")
    return path.startswith("/") and not set(rest) & set("{}") and path.count(ACCOUNT) <= 1


def shown_store(settings: "Settings") -> str:
    """Return where the store of ``settings`` is, for a terminal: a path, or an address of a server.

    Neither a user nor a password is in it.
    """
    if not settings.is_published:
        return str(settings.own_store)
    parts = urlsplit(settings.store_url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"


def is_server(url: str) -> bool:
    """Return whether ``url`` is the address of a database server."""
    return urlsplit(url).scheme in _SERVERS


def reading_engine(settings: "Settings") -> Engine:
    """Return the engine that reads the published store of ``settings``.

    Nothing is connected to yet. Raises ``OSError`` if the file of the password cannot be read.
    """
    limits = settings.engine_limits
    scheme, zone = urlsplit(settings.store_url).scheme, settings.time_zone
    if scheme == _FILES:
        return _replica(settings, limits)
    # As many as there are requests at a time: page and API, downloads, and monitoring.
    connections = settings.web_threads + max(1, settings.web_threads // 2) + 4
    if scheme == _POSTGRESQL:
        from queries.engines.postgresql.reader import PostgreSQLEngine  # noqa: PLC0415

        return PostgreSQLEngine(_address(settings), limits, zone, connections)
    from queries.engines.clickhouse.reader import ClickHouseEngine  # noqa: PLC0415

    return ClickHouseEngine(_address(settings), limits, zone, connections)


def publisher_of(settings: "Settings") -> Publisher:
    """Return what publishes to the store of ``settings``.

    Nothing is connected to yet. Raises ``OSError`` if the file of the password cannot be read.
    """
    scheme = urlsplit(settings.store_url).scheme
    if scheme == _FILES:
        return _files_publisher(settings)
    if scheme == _POSTGRESQL:
        from queries.engines.postgresql.publisher import PostgreSQLPublisher  # noqa: PLC0415

        return PostgreSQLPublisher(_address(settings))
    from queries.engines.clickhouse.publisher import ClickHousePublisher  # noqa: PLC0415

    return ClickHousePublisher(_address(settings))


def has_file_of_each_account(settings: "Settings") -> bool:
    """Return whether each account is published as a file of its own."""
    return urlsplit(settings.store_url).scheme == _FILES and ACCOUNT in settings.store_url


def _replica(settings: "Settings", limits: EngineLimits) -> Engine:
    from queries.engines.replica.account_reader import AccountReplicas  # noqa: PLC0415
    from queries.engines.replica.reader import ReplicaEngine  # noqa: PLC0415

    kind = AccountReplicas if has_file_of_each_account(settings) else ReplicaEngine
    return kind(_folder(settings), Path(settings.local_folder), limits, settings.time_zone)


def _files_publisher(settings: "Settings") -> Publisher:
    from queries.engines.replica.account_publisher import AccountFilesPublisher  # noqa: PLC0415
    from queries.engines.replica.publisher import FilesPublisher  # noqa: PLC0415

    kind = AccountFilesPublisher if has_file_of_each_account(settings) else FilesPublisher
    return kind(_folder(settings))


def _folder(settings: "Settings") -> Path:
    return Path(unquote(urlsplit(settings.store_url).path))


def _address(settings: "Settings") -> URL:
    """Return the address with the password that a file holds, if one is set."""
    address = make_url(settings.store_url)
    if not settings.store_password_file:
        return address
    password = Path(settings.store_password_file).read_text(encoding="utf-8").rstrip("\r\n")
    return address.set(password=password)
