"""The mapping of ``sync sql``: a TOML file with the database's address and the SELECTs."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from sources.contract import CASES, EVENTS, MESSAGES, ImportFile, UnreadableFile
from sources.files.time_formats import TIME_FORMATS

#: What a mapping may have, and its value where it has none; None is required.
_DEFAULTS: Final[Mapping[str, Any]] = {
    "name": None,
    "url": None,
    "password_variable": "",
    "account": "",
    "time_zone": "UTC",
    "time_format": [],
    "overlap_seconds": 600,
    "batch_rows": 20_000,
    "statement_seconds": 60,
}
#: The kinds of rows that may be read, and the column that tells rows of one moment apart.
_KEYS: Final = {CASES.name: "case_id", MESSAGES.name: "message_id", EVENTS.name: "message_id"}
#: The order in which they are loaded: a message needs its case, and an event its message.
FILES_IN_ORDER: Final = (CASES, MESSAGES, EVENTS)
_DRIVERS: Final = {
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    # SQLAlchemy asks the server which of both it is, and refuses a MySQL called "mariadb".
    "mariadb": "mysql+pymysql",
    "mariadb+pymysql": "mysql+pymysql",
}


@dataclass(frozen=True, slots=True)
class TableMapping:
    """A SELECT that gives rows of ``file``.

    ``watermark`` is a column of it beside those of the contract: a time, a number or a text that
    grows whenever a row changes. ``key`` is the column that tells rows of one watermark apart.
    """

    file: ImportFile
    select: str
    watermark: str
    key: str


@dataclass(frozen=True, slots=True)
class SyncMapping:
    """What ``sync sql`` reads and from where.

    ``name``: under which the position is kept. ``account``: of rows without one; "" for the default
    one. ``zone``: of times without an offset. ``formats``: of times, beside ISO 8601.
    ``overlap_seconds``: rows changed so long before the position are read again, because a long
    transaction shows its rows late; for a watermark that is a number it is in its unit.
    """

    name: str
    url: URL
    account: str
    zone: ZoneInfo
    formats: tuple[str, ...]
    overlap_seconds: float
    batch_rows: int
    statement_seconds: int
    tables: tuple[TableMapping, ...]


def load_mapping(path: Path, environment: Mapping[str, str]) -> SyncMapping:
    """Return the mapping in the file at ``path``.

    Its ``password_variable`` names the variable of ``environment`` that has the password. Raises
    ``UnreadableFile`` if the file cannot be read or used; its text never has the address.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise UnreadableFile(f"{path.name} is not TOML: {error}") from error
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise UnreadableFile(f"{path.name} cannot be read: {why}") from error
    try:
        return _mapping(content, environment)
    except _Wrong as error:
        raise UnreadableFile(f"{path.name} cannot be used: {error}") from error


class _Wrong(ValueError):
    """Something in a mapping is not as it must be; the text is half a sentence."""


def _mapping(content: Mapping[str, Any], environment: Mapping[str, str]) -> SyncMapping:
    if unknown := content.keys() - {*_DEFAULTS, *_KEYS}:
        raise _Wrong(f"it has {', '.join(sorted(unknown))}, which no mapping has")
    values = {name: content.get(name, default) for name, default in _DEFAULTS.items()}
    if missing := [name for name, value in values.items() if value is None]:
        raise _Wrong(f"it does not say {' and '.join(missing)}")
    tables = tuple(
        _table(content[file.name], file) for file in FILES_IN_ORDER if file.name in content
    )
    if not tables:
        raise _Wrong("it has neither [cases] nor [messages] nor [events]")
    return SyncMapping(
        name=_text(values, "name"),
        url=_url(_text(values, "url"), _text(values, "password_variable"), environment),
        account=_text(values, "account"),
        zone=_zone(_text(values, "time_zone")),
        formats=_formats(values["time_format"]),
        overlap_seconds=_number(values, "overlap_seconds", least=0),
        batch_rows=int(_number(values, "batch_rows", least=1)),
        statement_seconds=int(_number(values, "statement_seconds", least=1)),
        tables=tables,
    )


def _table(content: Any, file: ImportFile) -> TableMapping:
    match content:
        case {"select": str(select), "watermark": str(watermark), **rest} if not rest:
            return TableMapping(file, select.strip().rstrip(";"), watermark, _KEYS[file.name])
        case _:
            raise _Wrong(f"[{file.name}] has to have select and watermark, and nothing else")


def _url(address: str, variable: str, environment: Mapping[str, str]) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise _Wrong("url is no address, as postgresql://reader@host/database") from None
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    if not variable:
        return url
    if variable not in environment:
        raise _Wrong(f"the variable {variable}, which has the password, is not set")
    return url.set(password=environment[variable])


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise _Wrong("time_zone takes a zone's name, as America/Sao_Paulo") from None


def _formats(value: Any) -> tuple[str, ...]:
    formats = [value] if isinstance(value, str) else value
    if not isinstance(formats, list) or not {*formats} <= {*TIME_FORMATS}:
        raise _Wrong(f"time_format takes one or more of {', '.join(TIME_FORMATS)}")
    return tuple(formats)


def _text(values: Mapping[str, Any], name: str) -> str:
    if not isinstance(values[name], str):
        raise _Wrong(f"{name} has to be a text")
    return str(values[name])


def _number(values: Mapping[str, Any], name: str, *, least: int) -> float:
    value = values[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or value < least:
        raise _Wrong(f"{name} has to be a number from {least} on")
    return float(value)
