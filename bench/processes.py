"""Start processes: run commands and take their time and memory, and run servers to measure."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MEGABYTE: Final = 1_000_000
_READY_SECONDS: Final = 120


@dataclass(frozen=True, slots=True)
class CommandUsage:
    """What a command took: elapsed seconds, and the highest resident memory in 10^6 bytes."""

    seconds: float
    peak_megabytes: float


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its ``address`` such as http://127.0.0.1:8050, and its process id.

    A server may have further processes below ``pid``.
    """

    address: str
    pid: int


def environment(store: Path) -> dict[str, str]:
    """Return the environment of a command on ``store``, with every other setting at its default."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("CONSUMO_")}
    return kept | {"CONSUMO_STORE_URL": f"duckdb:///{store.absolute()}"}


def run(command: Sequence[str], variables: Mapping[str, str], log: Path) -> CommandUsage:
    """Run a command to its end and return what it took; its output is appended to ``log``.

    Raises ``RuntimeError`` with the end of the log where the command fails.
    """
    with log.open("ab") as output:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, env=dict(variables), stdout=output, stderr=subprocess.STDOUT
        )
        # wait4 reports the memory of this child alone, which subprocess cannot.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        end = log.read_text(errors="replace")[-2_000:]
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {end}")
    return CommandUsage(seconds, usage.ru_maxrss * 1024 / MEGABYTE)


@contextmanager
def running_process(
    command: Sequence[str], variables: Mapping[str, str], ready_path: str, log: Path
) -> Iterator[Server]:
    """Start a server, wait until it is ready, yield it, and end it with the block.

    ``{port}`` in ``command`` is replaced by a free port of 127.0.0.1. The server is ready when
    ``ready_path`` answers without an error. Its output is appended to ``log``. Raises
    ``RuntimeError`` where it ends or is not ready within two minutes.
    """
    port = _free_port()
    with log.open("ab") as output:
        process = subprocess.Popen(
            [part.replace("{port}", str(port)) for part in command],
            env=dict(variables),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_until_ready(address + ready_path, process, log)
            yield Server(address, process.pid)
        finally:
            process.terminate()
            process.wait()


@contextmanager
def running_server(store: Path, folder: Path) -> Iterator[Server]:
    """Run our server on ``store`` with default settings; its output goes into ``folder``."""
    command = [sys.executable, "-m", "app", "serve", "--port", "{port}"]
    with running_process(command, environment(store), "/readyz", folder / "server.log") as server:
        yield server


def memory_megabytes(pid: int) -> dict[str, float]:
    """Return the memory of a process and its descendants, in 10^6 bytes.

    ``rss`` adds up their resident memory, so that it counts shared memory once for each process;
    ``pss`` counts shared memory once. ``worker_rss`` is the resident memory of the largest process.
    """
    processes = [_memory(each) for each in [pid, *_descendants(pid)]]
    return {
        "rss": sum(process["Rss"] for process in processes),
        "pss": sum(process["Pss"] for process in processes),
        "worker_rss": max(process["Rss"] for process in processes),
    }


def _memory(pid: int) -> dict[str, float]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    kilobytes = {name: rest.split()[0] for name, _, rest in (line.partition(":") for line in lines)}
    return {name: int(kilobytes[name]) * 1024 / MEGABYTE for name in ("Rss", "Pss")}


def _descendants(pid: int) -> list[int]:
    children = [
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]
    return children + [below for child in children for below in _descendants(child)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(
        f"the server does not answer at {url}: {log.read_text(errors='replace')[-2_000:]}"
    )
