"""The parts of the benchmark that need running servers: simultaneous users, and Chromium."""

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
from bench.peer.server import install_peer, running_peer, streamlit_version
from bench.processes import memory_megabytes, running_server
from bench.recording import record
from bench.scenarios import read_filter_values
from tests.chromium import find_chromium


def benchmark_concurrency(store: Path, _rounds: int) -> dict[str, Any]:
    """Run ``measure_concurrency`` on a server started for it.

    Chromium records the page's requests first; where there is none only the API is measured.
    """
    channels = _channels(store)
    chromium = find_chromium(as_users_have=True)
    with TemporaryDirectory() as folder, running_server(store, Path(folder)) as server:
        recording = None
        if chromium:
            with chromium_browser(chromium) as browser:
                recording = record(browser, server.address, channels[:1])
        return measure_concurrency(server, channels, recording)


def benchmark_browser(store: Path, rounds: int) -> dict[str, Any]:
    """Run ``measure_pages`` on our page, the floor page and the peer, each on its own server.

    Return also the memory of the three servers afterwards and the version of Streamlit. Where there
    is no Chromium, return empty ``pages`` only.
    """
    chromium = find_chromium(as_users_have=True)
    if chromium is None:
        return {"pages": {}}
    install_peer()
    channels = _channels(store)
    with (
        _folder_with_copy(store) as (folder, copy),
        chromium_browser(chromium) as browser,
        running_server(store, folder) as ours,
        running_peer(copy, folder) as peer,
    ):
        contents = record(browser, ours.address, channels).panel_contents
        recordings = folder / "recordings.json"
        recordings.write_text(json.dumps(contents))
        with running_empty_page(recordings, folder) as empty:
            targets: list[Target] = [
                OurPage(ours.address),
                EmptyPage(empty.address),
                PeerPage(peer.address),
            ]
            pages = measure_pages(browser, targets, channels[0], rounds)
            memory = {
                target.name: memory_megabytes(server.pid)
                for target, server in zip(targets, (ours, empty, peer), strict=True)
            }
    return {"pages": pages, "memory_megabytes": memory, "streamlit": streamlit_version()}


def _channels(store: Path) -> tuple[str, ...]:
    with duckdb.connect(str(store), read_only=True) as connection:
        return read_filter_values(connection).channels


@contextmanager
def _folder_with_copy(store: Path) -> Iterator[tuple[Path, Path]]:
    """Yield a temporary folder beside the store, and the path of a copy of the store in it.

    The peer reads the copy, because only one server can open a store.
    """
    with TemporaryDirectory(dir=store.parent) as name:
        copy = Path(name) / "copy.duckdb"
        shutil.copyfile(store, copy)
        yield Path(name), copy
