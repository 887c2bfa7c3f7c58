"""Lets DuckDB itself read Parquet files if it can: many times faster than through Python."""

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from queries.engines.duckdb.literals import text_literal
from sources.contract import NOT_READ, Holds, ImportColumn, ImportFile
from sources.loading.value_parsing import Rows

#: Kinds of columns that DuckDB takes by their Parquet type; all others must be texts.
_TYPED: Final = {Holds.TIME: pa.types.is_timestamp, Holds.FLAG: pa.types.is_boolean}
#: DuckDB must add no columns of its own, such as those from names of folders (``team=blue``).
_OPTIONS: Final = (
    "file_row_number = true, hive_partitioning = false, filename = false, union_by_name = false"
)
#: DuckDB takes a path with one of these for a pattern of several files.
_PATTERN_SIGNS: Final = "*?["


def plain_rows(path: Path, file: ImportFile) -> Rows | None:
    """Return SQL with which DuckDB reads the Parquet file at ``path``; None if it would misread it.

    It would if the type of an imported column is neither text nor the type of its values
    (timestamp, Boolean), if two names differ only in upper and lower case, or if it would take the
    path for a pattern of several files. Texts that are too long are replaced by null and their rows
    are rejected. Raises ``pa.ArrowInvalid`` or ``OSError`` if the file cannot be read.
    """
    schema = pq.read_schema(path)
    if not _are_clear(schema.names) or any(sign in str(path) for sign in _PATTERN_SIGNS):
        return None
    given = {name: schema.field(name).type for name in file.column_names if name in schema.names}
    typed = {
        column.name
        for column in file.columns
        if column.name in given and _is_typed(column, given[column.name])
    }
    if not all(name in typed or _is_text(type_) for name, type_ in given.items()):
        return None
    faults = [
        fault
        for column in file.columns
        if column.name in given
        for fault in _faults(column, given[column.name], is_typed=column.name in typed)
    ]
    which = " ".join(f"when {test} then {place}" for place, (test, _, _) in enumerate(faults))
    values = ", ".join(_value(column, given, typed) for column in file.columns)
    return Rows(
        f"""(select file_row_number + 1 as line, {values}, case {which} end as unsound
        from read_parquet({text_literal(path)}, {_OPTIONS}))""",
        frozenset(typed),
        frozenset(
            column.name
            for column in file.columns
            if column.name in typed and column.holds is Holds.TIME and given[column.name].tz
        ),
        tuple(
            (f"unsound = {place}", name, reason) for place, (_, name, reason) in enumerate(faults)
        ),
    )


def _are_clear(names: list[str]) -> bool:
    """Return whether no two names differ only in case."""
    return len({name.lower() for name in names}) == len(names)


def _is_typed(column: ImportColumn, type_: pa.DataType) -> bool:
    return column.holds in _TYPED and bool(_TYPED[column.holds](type_))


def _is_text(type_: pa.DataType) -> bool:
    if pa.types.is_dictionary(type_):
        type_ = type_.value_type
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_))


def _value(column: ImportColumn, given: dict[str, pa.DataType], typed: set[str]) -> str:
    """Return SQL for the value of ``column``; null where the file does not have it."""
    name = column.name
    if name not in given:
        return f"null::varchar as {name}"
    if name not in typed:
        return f"case when not {_too_long(column)} then {name} end as {name}"
    if column.holds is not Holds.TIME:
        return name
    moment = _moment(name, given[name])
    return f"{moment} as {name}" if given[name].tz else f"without_offset({moment}) as {name}"


def _moment(name: str, type_: pa.DataType) -> str:
    """Return SQL for a column's time in microseconds; it gives null for an impossible time.

    Nanoseconds are cut off. A cast would round them, and gives null where they have a zone.
    """
    if type_.unit != "ns":
        return f"try_cast({name} as timestamp)"
    nanoseconds = f"epoch_ns({name})"
    return f"make_timestamp({nanoseconds} // 1000 - ({nanoseconds} % 1000 < 0)::bigint)"


def _too_long(column: ImportColumn) -> str:
    """Return an SQL condition: the column's text has more characters than are allowed.

    Bytes are counted first: that is faster, and a text never has fewer bytes than characters.
    """
    name, most = column.name, column.max_characters
    return f"(strlen({name}) > {most} and length({name}) > {most})"


def _faults(
    column: ImportColumn, type_: pa.DataType, *, is_typed: bool
) -> list[tuple[str, str, str]]:
    """Return what makes a row a reject because of ``column``: SQL condition, column, reason."""
    name = column.name
    if not is_typed:
        return [
            (_too_long(column), name, f"longer than {column.max_characters} characters"),
            (f"contains({name}, chr(0))", name, "has a NUL"),
        ]
    if column.holds is not Holds.TIME:
        return []
    # Later steps see only the null, which would mean that there is no time at all.
    unreadable = f"({name} is not null and {_moment(name, type_)} is null)"
    return [(unreadable, name, NOT_READ[column.holds])]
