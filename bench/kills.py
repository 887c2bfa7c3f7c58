"""``python -m bench.kills``: writers are killed at random moments, and a second one takes over.

For published files and for PostgreSQL. Printed are how many kills did no harm, and how long it took
until a second writer was the one that writes. It ends with an error where anything was lost, or
where half a load was seen.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.integration.conftest import until
from tests.integration.published_world import MESSAGES, World, kill_writers
from tests.published import reading
from tests.published_kills import kill_readers, publish_newest
from tests.services import PostgreSQLServer, postgresql_server

KINDS: Final = ("files", "postgresql")
_TAKE_OVERS: Final = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50, help="kills of each kind")
    kills = parser.parse_args().kills
    _kill_readers(kills)
    for kind in KINDS:
        with _world(kind) as world:
            seen = kill_writers(world, kills)
            if any(number % MESSAGES for number in seen):
                raise RuntimeError(f"{kind}: a half load was seen")
        print(f"{kind}: {kills} kills of writers, nothing lost, whole versions only", flush=True)
        with _world(kind) as world:
            seconds = [_take_over_seconds(world) for _ in range(_TAKE_OVERS)]
        print(
            f"{kind}: a second writer took over within {statistics.median(seconds):.1f} s "
            f"(median of {_TAKE_OVERS}, longest {max(seconds):.1f} s)",
            flush=True,
        )


def _kill_readers(kills: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "published"
        publish_newest(folder)
        kill_readers(folder, Path(name) / "local", kills, random.Random(kills))
    print(f"files: {kills} kills of readers that pull, the next one reads a whole version")


@contextmanager
def _world(kind: str) -> Iterator[World]:
    with tempfile.TemporaryDirectory() as name:
        store = Path(name) / "work" / "work.duckdb"
        store.parent.mkdir()
        if kind == "postgresql":
            with postgresql_server() as server:
                yield _world_of(kind, store, server)
        else:
            yield _world_of(kind, store, None)


def _world_of(kind: str, store: Path, server: PostgreSQLServer | None) -> World:
    def postgresql() -> PostgreSQLServer:
        assert server
        return server

    return World(reading(kind, store, postgresql, publish_seconds=0.1), store)


def _take_over_seconds(world: World) -> float:
    """Return how long after the death of the writer a second one writes."""
    with world.writer() as first, world.writer("/healthz") as second:
        first.process.kill()
        first.process.wait()
        begun = time.perf_counter()
        until(lambda: second.get("/readyz")[0] == 200, "the second writer's turn")
        return time.perf_counter() - begun


if __name__ == "__main__":
    main()
