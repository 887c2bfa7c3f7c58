"""Reads the files of a hand-in of webhooks into temporary tables, each part of a payload once."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from sources.loading.load_connection import LoadConnection
from sources.webhooks.facts import Kept, MessageFact, Outcome, Rejected
from sources.webhooks.journal import bodies_in
from sources.webhooks.payloads import read_payload
from sources.webhooks.sends import read_send

#: The ``source`` of hand-ins with what webhooks told.
WEBHOOKS: Final = "webhooks"
#: The files that a hand-in of webhooks may bring: payloads and records of sends, one a line, and
#: what the receiver wrote.
PAYLOADS: Final = "payloads"
SENDS: Final = "sends"
JOURNAL: Final = "journal"
_PARTS_AT_ONCE: Final = 20_000
_ARROW_TYPES: Final = {
    "sent_at": pa.timestamp("us", "UTC"),
    "body_at": pa.timestamp("us", "UTC"),
    "edited_at": pa.timestamp("us", "UTC"),
    "occurred_at": pa.timestamp("us", "UTC"),
    "is_out": pa.bool_(),
    "is_deleted": pa.bool_(),
    "is_template": pa.bool_(),
    "is_accepted": pa.bool_(),
    "billable": pa.bool_(),
}
#: The columns of ``told``: those of a fact.
TOLD_COLUMNS: Final = tuple(field.name for field in fields(MessageFact))
_TOLD_SCHEMA: Final = pa.schema(
    [(name, _ARROW_TYPES.get(name, pa.string())) for name in TOLD_COLUMNS]
)
_KEPT_SCHEMA: Final = pa.schema(
    [("kind", pa.string()), ("occurred_at", pa.timestamp("us", "UTC")), ("payload", pa.string())]
)
_REJECTED_SCHEMA: Final = pa.schema(
    [
        ("file", pa.string()),
        ("line", pa.int64()),
        ("fault", pa.string()),
        ("reason", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class _Part:
    """What became of one part, and where it stood."""

    file: str
    line: int
    outcome: Outcome


def read_told_parts(load: LoadConnection, files: Mapping[str, Path], account: str) -> int:
    """Make ``told`` of the facts in ``files``; fill ``kept`` and ``rejected``; return the parts.

    ``files`` are paths by names that begin with ``PAYLOADS``, ``SENDS`` or ``JOURNAL`` and may go
    on with a blank and the name of a file; rejects name it. All parts belong to ``account``.
    Raises ``OSError`` and ``duckdb.Error``.
    """
    columns = ", ".join(f"{name} {_sql_type(name)}" for name in TOLD_COLUMNS)
    load.execute(f"create temp table told (account varchar, {columns})")
    count = 0
    parts = _parts(files)
    while batch := list(islice(parts, _PARTS_AT_ONCE)):
        count += len(batch)
        _insert_batch(load, batch, account)
        load.progress("reading payloads", count)
    return count


def _sql_type(column: str) -> str:
    kind = _ARROW_TYPES.get(column)
    if kind is None:
        return "varchar"
    return "boolean" if kind == pa.bool_() else "timestamp"


def _parts(files: Mapping[str, Path]) -> Iterator[_Part]:
    readers: dict[str, Callable[[Path], Iterable[str | bytes]]] = {
        PAYLOADS: _lines,
        SENDS: _lines,
        JOURNAL: bodies_in,
    }
    for name, path in files.items():
        kind = name.partition(" ")[0]
        for line, text in enumerate(readers[kind](path), 1):
            for outcome in _outcomes(kind, text):
                yield _Part(name, line, _unless_too_deep(outcome))


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as opened:
        yield from opened


def _outcomes(kind: str, text: str | bytes) -> Iterator[Outcome]:
    """Yield what becomes of a line: one record, or a list of them; a blank line is none."""
    if not text.strip():
        return
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        yield Rejected("", "not JSON")
        return
    read = read_send if kind == SENDS else read_payload
    if not isinstance(content, list):
        yield from read(content)
        return
    for number, one in enumerate(content):
        for outcome in read(one):
            if isinstance(outcome, Rejected):
                yield replace(outcome, place=f"[{number}].{outcome.place}".rstrip("."))
            else:
                yield outcome


def _unless_too_deep(outcome: Outcome) -> Outcome:
    """Return ``outcome``, or a reject where it is to be kept and JSON cannot write it again."""
    if isinstance(outcome, Kept):
        try:
            _json_text(outcome)
        except RecursionError:
            return Rejected("", "nested too deeply")
    return outcome


def _insert_batch(load: LoadConnection, batch: list[_Part], account: str) -> None:
    facts = [part.outcome for part in batch if isinstance(part.outcome, MessageFact)]
    kept = [part.outcome for part in batch if isinstance(part.outcome, Kept)]
    rejected = [(part, part.outcome) for part in batch if isinstance(part.outcome, Rejected)]
    told = ", ".join(map(_as_utc, TOLD_COLUMNS))
    _insert(
        load,
        {name: [getattr(fact, name) for fact in facts] for name in TOLD_COLUMNS},
        _TOLD_SCHEMA,
        f"insert into told select $account, {told} from batch",
        {"account": account},
    )
    _insert(
        load,
        {
            "kind": [part.kind for part in kept],
            "occurred_at": [part.occurred_at for part in kept],
            "payload": [_json_text(part) for part in kept],
        },
        _KEPT_SCHEMA,
        f"insert into kept select $account, kind, {_as_utc('occurred_at')}, payload from batch",
        {"account": account},
    )
    _insert(
        load,
        {
            "file": [part.file for part, _ in rejected],
            "line": [part.line for part, _ in rejected],
            "fault": [reject.place for _, reject in rejected],
            "reason": [reject.reason for _, reject in rejected],
        },
        _REJECTED_SCHEMA,
        "insert into rejected from batch",
    )


def _json_text(part: Kept) -> str:
    """Return the payload as JSON, in which equal payloads are equal and texts can be searched."""
    text = json.dumps(part.payload, ensure_ascii=False, sort_keys=True)
    return text.encode("utf-8", "replace").decode("utf-8")


def _as_utc(column: str) -> str:
    """Return SQL for a column of ``batch``: times without an offset, as the store has them."""
    is_time = column in _ARROW_TYPES and pa.types.is_timestamp(_ARROW_TYPES[column])
    return f"timezone('UTC', {column})" if is_time or column == "occurred_at" else column


def _insert(
    load: LoadConnection,
    columns: Mapping[str, list[Any]],
    schema: pa.Schema,
    sql: str,
    parameters: Mapping[str, str] | None = None,
) -> None:
    rows = pa.table(columns, schema=schema)
    if rows.num_rows:
        load.connection.register("batch", rows)
        load.execute(sql, parameters)
        load.connection.unregister("batch")
