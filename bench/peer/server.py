"""The peer's own environment, and Streamlit on a copy of the store."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.processes import Server, running
from bench.scenarios import UNTIL

_FOLDER: Final = Path(__file__).parent
_ENVIRONMENT: Final = _FOLDER / ".venv"
_PYTHON: Final = _ENVIRONMENT / "bin" / "python"
#: As for people: no watching of files, no statistics, no developers' tools.
_SETTINGS: Final = {
    "server.address": "127.0.0.1",
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "server.runOnSave": "false",
    "browser.gatherUsageStats": "false",
    "global.developmentMode": "false",
    "client.toolbarMode": "viewer",
    "logger.level": "warning",
}


def set_up() -> None:
    """Make the peer's environment of its lock, where it is missing or older than the lock."""
    lock, mark = _FOLDER / "requirements.txt", _ENVIRONMENT / ".ready"
    if mark.exists() and mark.stat().st_mtime >= lock.stat().st_mtime:
        return
    print("setting up the peer's environment (once)", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", _ENVIRONMENT], check=True)
    install = [str(_PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, "--require-hashes", "-r", str(lock)], check=True)
    mark.touch()


def version() -> str:
    """Streamlit's, as the lock has it."""
    lines = (_FOLDER / "requirements.txt").read_text().splitlines()
    return next(line.split("==")[1].split()[0] for line in lines if line.startswith("streamlit=="))


@contextmanager
def running_peer(store: Path, folder: Path) -> Iterator[Server]:
    """Streamlit on ``store``, which no other process may hold; its output goes to ``folder``."""
    options = [part for name, value in _SETTINGS.items() for part in (f"--{name}", value)]
    page = str(_FOLDER / "page.py")
    command = [str(_PYTHON), "-m", "streamlit", "run", page, "--server.port", "{port}", *options]
    variables = os.environ | {
        "PEER_STORE": str(store.absolute()),
        "PEER_NEWEST_DAY": UNTIL.date().isoformat(),
    }
    with running(command, variables, "/_stcore/health", folder / "peer.log") as server:
        yield server
