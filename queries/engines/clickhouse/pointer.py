"""The pointer: the row of ``publications`` that says which version readers see."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from queries.engines.clickhouse.connections import Target
from queries.engines.clickhouse.dialect import literal, quoted
from queries.engines.clickhouse.schema import PUBLICATIONS
from queries.engines.publishing import Publication
from queries.errors import StoreUnavailable
from queries.tables import SCHEMA_VERSION

_COLUMNS: Final = (
    "epoch, sequence, version, lineage, data_version, noted_at, published_at, schema_version, "
    "time_zone"
)


@dataclass(frozen=True, slots=True)
class Pointer:
    """What readers see: the publication with the greatest ``epoch`` and ``sequence``.

    ``epoch`` is that of the writer's lease, ``sequence`` counts its publications. ``version`` is
    the name of the database that holds the rows.
    """

    epoch: int
    sequence: int
    version: str
    publication: Publication
    schema_version: str
    time_zone: str


def newest_pointer(client: Client, target: Target) -> Pointer | None:
    """Return what readers see now, None where nothing was published."""
    rows = client.query(
        f"SELECT {_COLUMNS} FROM {_table(target)} ORDER BY epoch DESC, sequence DESC LIMIT 1"
    ).result_rows
    if not rows or not rows[0][2]:
        return None
    epoch, sequence, version, lineage, data_version, noted_at, published_at, layout, zone = rows[0]
    publication = Publication(lineage, int(data_version), _naive(noted_at), _naive(published_at))
    return Pointer(int(epoch), int(sequence), version, publication, layout, zone)


def nothing_published() -> Pointer:
    """Return the pointer of a target to which nothing was published yet."""
    never = Publication("", 0, None, datetime(1970, 1, 1))  # noqa: DTZ001 - times have no offset
    return Pointer(0, 0, "", never, "", "")


def move_pointer(client: Client, target: Target, pointer: Pointer) -> None:
    """Let readers see ``pointer``, unless they see one of a newer epoch."""
    seen = pointer.publication
    values = (
        *(pointer.epoch, pointer.sequence, pointer.version, seen.lineage, seen.version),
        *(seen.noted_at, seen.published_at, pointer.schema_version, pointer.time_zone),
    )
    client.command(
        f"INSERT INTO {_table(target)} ({_COLUMNS}) VALUES ({', '.join(map(literal, values))})"
    )


def check_layout(pointer: Pointer, time_zone: str) -> None:
    """Raise ``StoreUnavailable`` where this program cannot read what was published."""
    if pointer.schema_version != SCHEMA_VERSION:
        raise StoreUnavailable(
            f"the published store has layout {pointer.schema_version}, this version needs "
            f"{SCHEMA_VERSION}: start writer and readers of one version"
        )
    if pointer.time_zone != time_zone:
        raise StoreUnavailable(
            f"the published store's days are those of {pointer.time_zone}, not of {time_zone}: "
            "change the setting of writer or readers"
        )


def _table(target: Target) -> str:
    return f"{quoted(target.database)}.{PUBLICATIONS}"


def _naive(at: Any) -> Any:
    """Return a time in UTC without its offset."""
    return at.replace(tzinfo=None) if isinstance(at, datetime) else at
