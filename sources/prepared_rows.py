"""Rows that ``import`` has converted: a Parquet file that keeps where each row came from.

Such a file has the columns of the contract as texts, ``line`` (the line of the row in the person's
own file) and, of rows that could not be converted, ``given_fault`` and ``given_reason``. A mark in
its schema tells it from a Parquet file that a person gives.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sources.contract import ImportFile
from sources.row_batches import Batch, Reject

_MARK: Final = {b"consumo_whatsapp": b"prepared rows"}


def write_prepared(path: Path, file: ImportFile, batches: Iterable[Batch]) -> int:
    """Write ``batches`` to the new file ``path``; return how many rows they have.

    Rejected rows are counted and written, too. Raises ``OSError`` if it cannot be written, and
    whatever ``batches`` raises.
    """
    count = 0
    schema = _schema(file)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches:
            for table in (batch.table, _reject_table(batch.rejects)):
                if table.num_rows:
                    writer.write_table(_complete(table, schema))
                    count += table.num_rows
    return count


def is_prepared(path: Path) -> bool:
    """Return whether ``write_prepared`` wrote the Parquet file at ``path``.

    It is false for a damaged one. Raises ``OSError`` if the file cannot be opened.
    """
    try:
        metadata = pq.read_schema(path).metadata or {}
    except pa.ArrowInvalid:
        return False
    return all(metadata.get(key) == value for key, value in _MARK.items())


def prepared_batches(path: Path) -> Iterator[Batch]:
    """Yield the rows that ``write_prepared`` wrote, with the rejected ones."""
    with pq.ParquetFile(path) as parquet:
        for rows in parquet.iter_batches():
            table = pa.Table.from_batches([rows])
            is_sound = pc.is_null(table["given_reason"])
            rejected = table.filter(pc.invert(is_sound)).select(
                ["line", "given_fault", "given_reason"]
            )
            rejects = tuple(Reject(*row.values()) for row in rejected.to_pylist())
            yield Batch(
                table.filter(is_sound).drop_columns(["given_fault", "given_reason"]), rejects
            )


def _schema(file: ImportFile) -> pa.Schema:
    names = (*file.column_names, "given_fault", "given_reason")
    fields = [("line", pa.int64()), *((name, pa.string()) for name in names)]
    return pa.schema(fields, metadata=_MARK)


def _reject_table(rejects: tuple[Reject, ...]) -> pa.Table:
    return pa.table(
        {
            "line": pa.array([reject.line for reject in rejects], pa.int64()),
            "given_fault": pa.array([reject.column for reject in rejects], pa.string()),
            "given_reason": pa.array([reject.reason for reject in rejects], pa.string()),
        }
    )


def _complete(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return ``table`` with all columns of ``schema``; those that it lacks are null."""
    nulls = pa.nulls(table.num_rows, pa.string())
    columns = [table[name] if name in table.column_names else nulls for name in schema.names]
    return pa.table(columns, schema=schema)
