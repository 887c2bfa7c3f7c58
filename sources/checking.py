"""How the texts of import files become values, and what makes a row a reject; as DuckDB's SQL."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from queries.vocabulary import STATUS_RANK
from sources.contract import Holds, ImportColumn, ImportFile

_WHITE_SPACE: Final = "".join(chr(n) for n in range(0x3001) if chr(n).isspace())
_WHITE_ENDS: Final = r"^[\s\pZ\x0b\x1c-\x1f\x85]|[\s\pZ\x0b\x1c-\x1f\x85]$"
_TIME_SHAPE: Final = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?)?"
_BASIC_TIME: Final = r"(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2}(?:\.\d+)?)"
#: The macros that read what is no text.
_READERS: Final = {Holds.TIME: "read_time", Holds.FLAG: "read_flag"}
_ENUMS: Final = {"direction": "direction_code", "status": "status_code", "kind": "kind_code"}


def macros(time_zone: str) -> Iterator[str]:
    """Statements that teach the engine to read texts.

    Times are ISO 8601, UTC without an offset, of the local years 1900 to 2100.
    """
    zone = time_zone.replace("'", "''")
    yield f"create or replace temp macro local_at(t) as timezone('{zone}', timezone('UTC', t))"
    yield (
        """create or replace temp macro within_years(t) as case
            when t >= timestamp '1900-01-03' and t < timestamp '2100-12-30' then t
            when year(local_at(t)) between 1900 and 2100 then t end"""
    )
    yield (
        f"""create or replace temp macro read_time(x) as within_years(case
            when regexp_full_match(upper(x), '{_TIME_SHAPE}')
            then try_cast(upper(x) as timestamptz)
            when regexp_full_match(upper(x), '{_BASIC_TIME}.*')
            then try_cast(regexp_replace(upper(x), '{_BASIC_TIME}', '\\1-\\2-\\3T\\4:\\5:\\6')
                as timestamptz) end::timestamp)"""
    )
    yield (
        """create or replace temp macro read_flag(x) as case
            when lower(x) in ('true', 't', '1', 'yes') then true
            when lower(x) in ('false', 'f', '0', 'no') then false end"""
    )
    ranks = " ".join(f"when '{status}' then {rank}" for status, rank in STATUS_RANK.items())
    yield f"create or replace temp macro status_rank(s) as case s {ranks} end"


def parameters(account: str) -> dict[str, str]:
    """The parameters of ``checked``; ``account`` is that of rows without one."""
    return {"white": _WHITE_SPACE, "account": account}


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a file on their way in: what stands behind ``from``, giving ``line`` and the columns.

    ``typed`` are columns that hold times in UTC or flags already; all others are texts.
    ``faults`` are tests that a row must not pass, before all others: SQL, column, reason.
    """

    sql: str
    typed: frozenset[str] = frozenset()
    faults: tuple[tuple[str, str, str], ...] = ()


def checked(file: ImportFile, rows: Rows) -> str:
    """A select of the typed rows of ``rows``: ``line``, the columns, ``fault`` and ``reason``.

    ``fault`` is the first column that cannot be taken, null of a sound row. Needs ``macros`` and
    ``parameters``.
    """
    trimmed = ", ".join(
        f"{_trimmed(column)} as {column.name}"
        for column in file.columns
        if column.name not in rows.typed
    )
    read = ", ".join(
        f"{_reader(column, rows)} as {column.name}_read"
        for column in file.columns
        if column.holds in _READERS
    )
    typed = ", ".join(f"{_typed(column)} as {column.name}" for column in file.columns)
    faults = [*rows.faults, *(fault for column in file.columns for fault in _faults(column))]
    which = " ".join(f"when {test} then '{name}'" for test, name, _ in faults)
    why = " ".join(f"when {test} then '{reason}'" for test, _, reason in faults)
    return f"""select line, {typed}, case {which} end as fault, case {why} end as reason
        from (select *, {read} from (select * replace ({trimmed}) from {rows.sql}))"""


def _reader(column: ImportColumn, rows: Rows) -> str:
    """The value of a trimmed column that is no text, null where it cannot be read."""
    if column.name not in rows.typed:
        return f"{_READERS[column.holds]}({column.name})"
    return f"within_years({column.name})" if column.holds is Holds.TIME else column.name


def _trimmed(column: ImportColumn) -> str:
    """The text of a column without white space around it, null where nothing is left."""
    if column.holds is Holds.VERBATIM:
        return f"nullif({column.name}, '')"
    # To trim signs of a list is slow, and few texts need it: a pattern finds them first.
    trimmed = (
        f"nullif(case when regexp_matches({column.name}, '{_WHITE_ENDS}') "
        f"then trim({column.name}, $white) else {column.name} end, '')"
    )
    return f"coalesce({trimmed}, $account)" if column.name == "account" else trimmed


def _typed(column: ImportColumn) -> str:
    """The value of a trimmed column, null where it cannot be read, defaults filled in."""
    match column.holds:
        case Holds.TIME:
            return f"{column.name}_read"
        case Holds.FLAG:
            default = "false" if column.name == "is_bot" else "null"
            return f"coalesce({column.name}_read, {default})"
        case Holds.WORD:
            word = f"try_cast({column.name} as {_ENUMS[column.name]})"
            stand_in = {"status": "unknown", "kind": "session"}.get(column.name)
            return f"coalesce({word}, '{stand_in}')" if stand_in else word
        case _:
            return column.name


def _faults(column: ImportColumn) -> list[tuple[str, str, str]]:
    """Tests for what can be wrong with a trimmed column: SQL, column, reason."""
    faults = []
    if column.required:
        faults.append((f"{column.name} is null", column.name, "missing"))
    match column.holds:
        case Holds.TIME:
            unreadable = f"{column.name} is not null and {column.name}_read is null"
            faults.append((unreadable, column.name, "not a time"))
        case Holds.FLAG:
            unreadable = f"{column.name} is not null and {column.name}_read is null"
            faults.append((unreadable, column.name, "neither true nor false"))
        case Holds.WORD:
            words = ", ".join(f"''{word}''" for word in column.words)
            listed = ", ".join(f"'{word}'" for word in column.words)
            faults.append((f"{column.name} not in ({listed})", column.name, f"not one of {words}"))
        case _:
            pass
    return faults
