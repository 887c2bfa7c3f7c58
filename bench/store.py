"""Stores to measure, made once, and a server on one of them."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

SEED = 7


def prepare_store(folder: Path, messages: int, until: datetime) -> Path:
    """The store of ``messages`` demonstration messages, made where it is missing."""
    store = (folder / f"demo-{messages}.duckdb").absolute()
    if not store.exists():
        print(f"making {messages:,} messages (once)")
        options = ["--messages", str(messages), "--seed", str(SEED)]
        moment = until.strftime("%Y-%m-%dT%H:%M:%S")
        subprocess.run(
            [sys.executable, "-m", "app", "demo", *options, "--until", moment],
            env=environment(store),
            stderr=subprocess.DEVNULL,
            check=True,
        )
    return store


@contextmanager
def running_server(store: Path, folder: Path) -> Iterator[str]:
    """The address of a server on ``store``; its output goes to a file in ``folder``."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "app", "serve", "--port", str(port)]
    with (folder / "server.log").open("wb") as output:
        server = subprocess.Popen(
            command, env=environment(store), stdout=output, stderr=subprocess.STDOUT
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_until_ready(address, server)
            yield address
        finally:
            server.terminate()
            server.wait()


def environment(store: Path) -> dict[str, str]:
    return os.environ | {"CONSUMO_STORE_URL": f"duckdb:///{store}"}


def _wait_until_ready(address: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server does not answer")
