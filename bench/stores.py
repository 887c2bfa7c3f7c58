"""Make the stores to measure, once for each size, and record what generating and loading took.

A separate process writes demonstration data as Parquet files, and the command ``import`` loads
them, as it loads any user's files. Beside each store lies a JSON file with the time and memory that
this took; it is written last, so a store without it is incomplete and is made again.
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

STORES_FOLDER: Final = Path(".cache/bench")
SEED: Final = 7
ADDED_MESSAGES: Final = 15_000
#: A larger store is loaded by several imports of at most this many messages.
MESSAGES_PER_IMPORT: Final = 10_000_000
#: How many imports add messages; each covers the time right after the one before.
ADDITIONS: Final = 6
#: Disk space to make a store: files, store and the load's temporary files, as observed, plus some.
_DISK_BYTES_PER_MESSAGE: Final = 600

#: Writes the files of ``write_addition``.
_ADDITION_SQL: Final = """
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
    """Return the path of the store with this many messages.

    Make the store where it is missing or incomplete, or where ``anew`` asks for that.
    """
    store = _path(messages)
    if anew or not _figures_path(store).exists():
        print(f"making the store of {messages:,} messages", flush=True)
        _clear(store)
        _make(store, messages)
    return store


def lacks_disk_space(messages: int) -> bool:
    """Return whether the store is missing and the disk is too full to make it."""
    free = shutil.disk_usage(_path(messages).parent).free
    return not _figures_path(_path(messages)).exists() and free < messages * _DISK_BYTES_PER_MESSAGE


def read_figures(store: Path) -> dict[str, Any]:
    """Return what making the store took: seconds and 10^6 bytes, by step."""
    figures: dict[str, Any] = json.loads(_figures_path(store).read_text())
    return figures


def measure_additions(store: Path) -> dict[str, Any]:
    """Measure imports of 15,000 more messages into a copy of the store.

    Return the seconds of three imports without a server and of three while a server runs on the
    copy. ``starting_seconds`` is what the command takes to start (``--version``), which is included
    in each of them. ``without_server_peak_megabytes`` is the greatest memory of the first three.
    """
    folder = _clean_folder(store.with_suffix(".copy"))
    copy = folder / store.name
    shutil.copyfile(store, copy)
    log = folder / "log.txt"
    alone, served = range(1, ADDITIONS // 2 + 1), range(ADDITIONS // 2 + 1, ADDITIONS + 1)
    try:
        started = run([sys.executable, "-m", "app", "--version"], environment(copy), log)
        without = [_import(_addition(store, n), copy, log) for n in alone]
        with running_server(copy, folder):
            beside = [_import(_addition(store, n), copy, log) for n in served]
    finally:
        shutil.rmtree(folder)
    return {
        "messages": ADDED_MESSAGES,
        "starting_seconds": started.seconds,
        "without_server_seconds": [usage["seconds"] for usage in without],
        "without_server_peak_megabytes": max(usage["peak_megabytes"] for usage in without),
        "with_server_seconds": [usage["seconds"] for usage in beside],
    }


def write_addition(files: Path, folder: Path, number: int, messages: int) -> None:
    """Copy the newest ``messages`` of ``files`` into ``folder`` with new ids and later times.

    All times move on by ``number`` times the days that these messages span. Cases opened in that
    span are copied as new cases, with new ids; messages of older cases continue those cases.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(
            _ADDITION_SQL.format(files=files, folder=folder, number=number, rows=messages)
        )


def large_store() -> Path | None:
    """Return the path of the store with ten million messages; None where it was not made yet."""
    store = _path(MESSAGES_PER_IMPORT)
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
    loads = [_import(part, store, log) for part in _split_for_import(files, messages)]
    loaded = {
        "seconds": sum(usage["seconds"] for usage in loads),
        "peak_megabytes": max(usage["peak_megabytes"] for usage in loads),
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


def _split_for_import(files: Path, messages: int) -> Iterator[Path]:
    """Yield folders to import one by one, since one import of a long history needs much memory.

    Up to ``MESSAGES_PER_IMPORT`` messages it is ``files`` itself; otherwise the messages are split
    by time, and the first folder has all cases. Each such folder is deleted after its use.
    """
    if messages <= MESSAGES_PER_IMPORT:
        yield files
        return
    path, parts = files / "messages.parquet", -(-messages // MESSAGES_PER_IMPORT)
    shares = [number / parts for number in range(1, parts)]
    with duckdb.connect() as connection:
        [(edges,)] = connection.execute(
            f"select quantile_disc(sent_at, {shares}) from '{path}'"
        ).fetchall()
        for number, (first, last) in enumerate(pairwise([None, *edges, None])):
            part = _clean_folder(files / str(number))
            connection.execute(
                f"""copy (
                    from '{path}'
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
    """Import the files of ``folder`` and return what that took.

    Raises ``RuntimeError`` where a row is rejected.
    """
    command = [sys.executable, "-m", "app", "import"]
    for name in ("cases", "messages"):
        if (path := folder / f"{name}.parquet").exists():
            command += [f"--{name}", str(path)]
    usage = run(command, environment(store), log)
    report = log.read_text(errors="replace")
    if " 0 rows rejected." not in report:
        raise RuntimeError(f"the import rejected rows: {report}")
    return asdict(usage)


def _path(messages: int) -> Path:
    STORES_FOLDER.mkdir(parents=True, exist_ok=True)
    return (STORES_FOLDER / f"messages-{messages}-layout-{SCHEMA_VERSION}.duckdb").absolute()


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
