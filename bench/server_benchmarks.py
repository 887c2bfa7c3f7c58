"""The parts of the benchmark that need running servers: simultaneous users, and Chromium."""

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from bench.browser import chromium_browser, measure_pages
from bench.concurrency import measure_concurrency
from bench.empty_page import running_empty_page
from bench.pages import EmptyPage, MosaicPage, OurPage, PeerPage, Target, period
from bench.peer.mosaic.server import install_mosaic, mosaic_versions, running_mosaic
from bench.peer.server import install_peer, running_peer, streamlit_version
from bench.processes import Server, memory_megabytes, running_server
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
    """Run ``measure_pages`` on our page, the floor page and the peers, each on its own server.

    Return also the memory of the servers afterwards and the versions of the peers. Where there is
    no Chromium, return empty ``pages`` only; where there is no npm, leave Mosaic out.
    """
    chromium = find_chromium(as_users_have=True)
    if chromium is None:
        return {"pages": {}}
    install_peer()
    has_mosaic = install_mosaic()
    channels = _channels(store)
    with ExitStack() as stack:
        folder = stack.enter_context(_folder_beside(store))
        browser = stack.enter_context(chromium_browser(chromium))
        ours = stack.enter_context(running_server(store, folder))
        recordings = folder / "recordings.json"
        contents = record(browser, ours.address, channels).panel_contents
        recordings.write_text(json.dumps(contents))
        empty = stack.enter_context(running_empty_page(recordings, folder))
        peer = stack.enter_context(running_peer(_copy(store, folder, "for_peer"), folder))
        servers: list[tuple[Server, Target]] = [
            (ours, OurPage(ours.address)),
            (empty, EmptyPage(empty.address)),
            (peer, PeerPage(peer.address)),
        ]
        if has_mosaic:
            # Not "mosaic": DuckDB would mistake the schema of that name for the whole file.
            copy = _copy(store, folder, "for_mosaic")
            mosaic = stack.enter_context(running_mosaic(copy, folder, period(0)))
            servers.append((mosaic, MosaicPage(mosaic.address)))
        pages = measure_pages(browser, [target for _, target in servers], channels[0], rounds)
        memory = {target.name: memory_megabytes(server.pid) for server, target in servers}
    versions = mosaic_versions() if has_mosaic else {}
    return {
        "pages": pages,
        "memory_megabytes": memory,
        "peers": {"streamlit": streamlit_version()} | versions,
    }


def _channels(store: Path) -> tuple[str, ...]:
    with duckdb.connect(str(store), read_only=True) as connection:
        return read_filter_values(connection).channels


@contextmanager
def _folder_beside(store: Path) -> Iterator[Path]:
    """Yield a temporary folder beside the store."""
    with TemporaryDirectory(dir=store.parent) as name:
        yield Path(name)


def _copy(store: Path, folder: Path, name: str) -> Path:
    """Return a copy of the store: only one server can open a store, so each peer has its own."""
    copy = folder / f"{name}.duckdb"
    shutil.copyfile(store, copy)
    return copy
