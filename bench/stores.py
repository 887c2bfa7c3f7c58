"""Stores to measure: made once a size, with what generating and loading took.

Demonstration data is written as Parquet files by a process of its own and then imported by the
command, as anybody's files are. A store is whole once its figures lie beside it.
"""

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import duckdb

from bench.processes import MEGABYTE, environment, run, running_server
from queries.tables import SCHEMA_VERSION

FOLDER: Final = Path(".cache/bench")
SEED: Final = 7
ADDED_MESSAGES: Final = 15_000
#: How many messages one import takes.
AT_ONCE: Final = 10_000_000
#: How often messages are added, each time a day's worth further on.
ADDITIONS: Final = 6
#: Files, store, and what the load puts on disk meanwhile: seen at most, and some more.
_DISK_BYTES_A_MESSAGE: Final = 600


_ADDITION: Final = """
    create temp table newest as
    select * replace (sent_at::timestamp as sent_at)
    from '{files}/messages.parquet' order by sent_at desc limit {rows};

    create temp table opened as
    select * replace (opened_at::timestamp as opened_at, closed_at::timestamp as closed_at)
    from '{files}/cases.parquet'
    where opened_at::timestamp >= (select min(sent_at) from newest);

    create macro later(moment) as moment + to_days({number} * (
        select date_diff('day', min(sent_at), max(sent_at)) + 1 from newest)::integer);

    copy (
        select * replace (case_id || '-{number}' as case_id,
            case_number || '-{number}' as case_number,
            later(opened_at) as opened_at, later(closed_at) as closed_at)
        from opened
    ) to '{folder}/cases.parquet';

    copy (
        select * replace (message_id || '-{number}' as message_id,
            case when case_id in (select case_id from opened)
                then case_id || '-{number}' else case_id end as case_id,
            later(sent_at) as sent_at)
        from newest
    ) to '{folder}/messages.parquet'"""


def make_store(messages: int, *, anew: bool = False) -> Path:
    """The store of as many messages, made where it is missing or ``anew``."""
    store = _path(messages)
    if anew or not _figures_path(store).exists():
        print(f"making {messages:,} messages", flush=True)
        _clear(store)
        _make(store, messages)
    return store


def lacks_room(messages: int) -> bool:
    """Whether the store would have to be made and the disk is too full for that."""
    free = shutil.disk_usage(_path(messages).parent).free
    return not _figures_path(_path(messages)).exists() and free < messages * _DISK_BYTES_A_MESSAGE


def figures_of(store: Path) -> dict[str, Any]:
    """What making the store took."""
    figures: dict[str, Any] = json.loads(_figures_path(store).read_text())
    return figures


def measure_additions(store: Path) -> dict[str, Any]:
    """Seconds of each import of 15,000 more messages into a copy, with no server and with one."""
    folder = _clean_folder(store.with_suffix(".copy"))
    copy = folder / store.name
    shutil.copyfile(store, copy)
    log = folder / "log.txt"
    alone, served = range(1, ADDITIONS // 2 + 1), range(ADDITIONS // 2 + 1, ADDITIONS + 1)
    try:
        starting = run([sys.executable, "-m", "app", "--version"], environment(copy), log)
        without = [_import(_addition(store, n), copy, log) for n in alone]
        with running_server(copy, folder):
            beside = [_import(_addition(store, n), copy, log) for n in served]
    finally:
        shutil.rmtree(folder)
    return {
        "messages": ADDED_MESSAGES,
        "starting_seconds": starting.seconds,
        "without_server_seconds": [one["seconds"] for one in without],
        "without_server_peak_megabytes": max(one["peak_megabytes"] for one in without),
        "with_server_seconds": [one["seconds"] for one in beside],
    }


def write_addition(files: Path, folder: Path, number: int, messages: int) -> None:
    """Write into ``folder`` the newest of ``files`` once more, under new ids.

    They are moved by ``number`` times the days they span. Messages of older cases go on in their
    cases; cases opened among them are new ones.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(
            _ADDITION.format(files=files, folder=folder, number=number, rows=messages)
        )


def large_store() -> Path | None:
    """The store of ten million messages, where ``make bench`` has made it."""
    store = _path(AT_ONCE)
    return store if _figures_path(store).exists() else None


def _make(store: Path, messages: int) -> None:
    files = _clean_folder(store.with_suffix(".files"))
    log = files / "log.txt"
    generate = [sys.executable, "-m", "bench.generate", str(files), str(messages), str(SEED)]
    generated = run(generate, environment(store), log)
    print(f"  generated in {generated.seconds:.1f} s", flush=True)
    for number in range(1, ADDITIONS + 1):
        write_addition(files, _addition(store, number), number, ADDED_MESSAGES)
    parquet_megabytes = _megabytes(*files.glob("*.parquet"))
    loads = [_import(part, store, log) for part in _parts(files, messages)]
    loaded = {
        "seconds": sum(one["seconds"] for one in loads),
        "peak_megabytes": max(one["peak_megabytes"] for one in loads),
        "imports": len(loads),
    }
    print(f"  loaded in {loaded['seconds']:.1f} s", flush=True)
    figures = {
        "messages": messages,
        "generate": asdict(generated),
        "load": loaded,
        "parquet_megabytes": parquet_megabytes,
        "store_megabytes": _megabytes(store),
    }
    shutil.rmtree(files)
    _figures_path(store).write_text(json.dumps(figures, indent=1))


def _parts(files: Path, messages: int) -> Iterator[Path]:
    """Folders to import one after another: ``files`` itself, or its messages in parts by time.

    A load needs memory for what it takes at once; a long history is handed in piece by piece.
    """
    if messages <= AT_ONCE:
        yield files
        return
    whole, parts = files / "messages.parquet", -(-messages // AT_ONCE)
    shares = [number / parts for number in range(1, parts)]
    with duckdb.connect() as connection:
        [(edges,)] = connection.execute(
            f"select quantile_disc(sent_at, {shares}) from '{whole}'"
        ).fetchall()
        for number, (first, last) in enumerate(pairwise([None, *edges, None])):
            part = _clean_folder(files / str(number))
            connection.execute(
                f"""copy (
                    from '{whole}'
                    where ($first is null or sent_at > $first)
                        and ($last is null or sent_at <= $last)
                ) to '{part}/messages.parquet'""",
                {"first": first, "last": last},
            )
            if number == 0:
                (files / "cases.parquet").rename(part / "cases.parquet")
            yield part
            shutil.rmtree(part)


def _import(folder: Path, store: Path, log: Path) -> dict[str, float]:
    """Import the files of ``folder``; nothing of them may be rejected."""
    command = [sys.executable, "-m", "app", "import"]
    for name in ("cases", "messages"):
        if (path := folder / f"{name}.parquet").exists():
            command += [f"--{name}", str(path)]
    taken = run(command, environment(store), log)
    report = log.read_text(errors="replace")
    if " 0 rows rejected." not in report:
        raise RuntimeError(f"the import was to take every row, but said: {report}")
    return asdict(taken)


def _path(messages: int) -> Path:
    FOLDER.mkdir(parents=True, exist_ok=True)
    return (FOLDER / f"messages-{messages}-layout-{SCHEMA_VERSION}.duckdb").absolute()


def _figures_path(store: Path) -> Path:
    return store.with_suffix(".json")


def _addition(store: Path, number: int) -> Path:
    return store.with_suffix(".more") / str(number)


def _clear(store: Path) -> None:
    _figures_path(store).unlink(missing_ok=True)
    for path in store.parent.glob(f"{store.name}*"):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _clean_folder(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _megabytes(*paths: Path) -> float:
    return sum(path.stat().st_size for path in paths) / MEGABYTE
