"""Writes rows of the contract as Parquet files that DuckDB reads by itself."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from sources.contract import Holds, ImportColumn, ImportFile

_TYPES: Final = {Holds.TIME: pa.timestamp("us", "UTC"), Holds.FLAG: pa.bool_()}


def write_contract_rows(folder: Path, file: ImportFile, rows: Iterable[Mapping[str, Any]]) -> Path:
    """Write ``rows`` as ``<file.name>.parquet`` into ``folder``, and return its path.

    A row is its values by column; columns that it lacks are null. Times are ``datetime``, in UTC
    where they have no zone; flags are Booleans, all other values texts. Texts must hold neither NUL
    nor halves of surrogate pairs.
    """
    kept = list(rows)
    path = folder / f"{file.name}.parquet"
    columns = {
        column.name: pa.array([row.get(column.name) for row in kept], _type(column))
        for column in file.columns
    }
    pq.write_table(pa.table(columns), path)
    return path


def _type(column: ImportColumn) -> pa.DataType:
    return _TYPES.get(column.holds, pa.string())
