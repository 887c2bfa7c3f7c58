"""What needs servers: users at once on ours, and Chromium on ours, the floor page and the peer."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from bench.browser import chromium_browser, measure_pages
from bench.concurrency import measure_concurrency
from bench.empty_page import running_empty_page
from bench.pages import EmptyPage, OurPage, PeerPage, Target
from bench.peer.server import running_peer, set_up, version
from bench.processes import memory_megabytes, running_server
from bench.recording import record
from bench.scenarios import values_of
from tests.chromium import find_chromium


def concurrency(store: Path, _rounds: int) -> dict[str, Any]:
    """``measure_concurrency`` on a fresh server; the page's form needs Chromium."""
    channels = _channels(store)
    chromium = find_chromium()
    with TemporaryDirectory() as folder, running_server(store, Path(folder)) as server:
        recording = None
        if chromium:
            with chromium_browser(chromium) as browser:
                recording = record(browser, server.address, channels[:1])
        return measure_concurrency(server, channels, recording)


def browser(store: Path, rounds: int) -> dict[str, Any]:
    """``measure_pages`` on our page, the floor page and the peer, each with a server of its own."""
    chromium = find_chromium()
    if chromium is None:
        return {"pages": {}}
    set_up()
    channels = _channels(store)
    with (
        _folder_with_copy(store) as (folder, copy),
        chromium_browser(chromium) as window,
        running_server(store, folder) as ours,
        running_peer(copy, folder) as peer,
    ):
        shown = record(window, ours.address, channels).shown
        recordings = folder / "recordings.json"
        recordings.write_text(json.dumps(shown))
        with running_empty_page(recordings, folder) as empty:
            targets: list[Target] = [
                OurPage(ours.address),
                EmptyPage(empty.address),
                PeerPage(peer.address),
            ]
            pages = measure_pages(window, targets, channels[0], rounds)
            memory = {
                target.name: memory_megabytes(server.pid)
                for target, server in zip(targets, (ours, empty, peer), strict=True)
            }
    return {"pages": pages, "memory_megabytes": memory, "streamlit": version()}


def _channels(store: Path) -> tuple[str, ...]:
    with duckdb.connect(str(store), read_only=True) as connection:
        return values_of(connection).channels


@contextmanager
def _folder_with_copy(store: Path) -> Iterator[tuple[Path, Path]]:
    """A folder beside the store with a copy of it: a server keeps its store to itself."""
    with TemporaryDirectory(dir=store.parent) as name:
        copy = Path(name) / "copy.duckdb"
        shutil.copyfile(store, copy)
        yield Path(name), copy
