"""Install the peer into a virtual environment of its own, and run it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.processes import Server, running_process
from bench.scenarios import DATA_END

_FOLDER: Final = Path(__file__).parent
_ENVIRONMENT: Final = _FOLDER / ".venv"
_PYTHON: Final = _ENVIRONMENT / "bin" / "python"
#: As in production: without watching files, usage statistics and developers' tools.
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


def install_peer() -> None:
    """Install the packages of requirements.txt into the peer's virtual environment.

    Do nothing where this was done after the last change of requirements.txt.
    """
    lock, marker = _FOLDER / "requirements.txt", _ENVIRONMENT / ".ready"
    if marker.exists() and marker.stat().st_mtime >= lock.stat().st_mtime:
        return
    print("installing the peer (only once)", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", _ENVIRONMENT], check=True)
    install = [str(_PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, "--require-hashes", "-r", str(lock)], check=True)
    marker.touch()


def streamlit_version() -> str:
    """Return the version of Streamlit that requirements.txt pins."""
    lines = (_FOLDER / "requirements.txt").read_text().splitlines()
    return next(line.split("==")[1].split()[0] for line in lines if line.startswith("streamlit=="))


@contextmanager
def running_peer(store: Path, folder: Path) -> Iterator[Server]:
    """Run the peer on ``store`` and yield its server; its output goes to ``folder``/peer.log.

    No other process may have the store open for writing.
    """
    options = [part for name, value in _SETTINGS.items() for part in (f"--{name}", value)]
    page = str(_FOLDER / "page.py")
    command = [str(_PYTHON), "-m", "streamlit", "run", page, "--server.port", "{port}", *options]
    variables = os.environ | {
        "PEER_STORE": str(store.absolute()),
        "PEER_NEWEST_DAY": DATA_END.date().isoformat(),
    }
    with running_process(command, variables, "/_stcore/health", folder / "peer.log") as server:
        yield server
