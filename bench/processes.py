"""Processes of their own: commands whose time and memory are taken, servers that are measured."""

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
class Run:
    """What a command took: seconds by the clock, and its memory at the highest."""

    seconds: float
    peak_megabytes: float


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers at ``address``; ``pid`` is that of its first process."""

    address: str
    pid: int


def environment(store: Path) -> dict[str, str]:
    """The variables for a command on ``store``: every setting of ours at its default."""
    others = {name: text for name, text in os.environ.items() if not name.startswith("CONSUMO_")}
    return others | {"CONSUMO_STORE_URL": f"duckdb:///{store.absolute()}"}


def run(command: Sequence[str], variables: Mapping[str, str], log: Path) -> Run:
    """Run a command to its end; what it says goes to ``log``.

    Raises ``RuntimeError`` with the end of the log where the command fails.
    """
    with log.open("ab") as output:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, env=dict(variables), stdout=output, stderr=subprocess.STDOUT
        )
        # wait4 gives the memory of this child alone; subprocess knows no such thing.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        end = log.read_text(errors="replace")[-2_000:]
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {end}")
    return Run(seconds, usage.ru_maxrss * 1024 / MEGABYTE)


@contextmanager
def running(
    command: Sequence[str], variables: Mapping[str, str], ready_path: str, log: Path
) -> Iterator[Server]:
    """A server until the block ends. ``{port}`` in ``command`` becomes a free port of loopback."""
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
    """Our server on ``store``, as it is started by anybody; its output goes to ``folder``."""
    command = [sys.executable, "-m", "app", "serve", "--port", "{port}"]
    with running(command, environment(store), "/readyz", folder / "server.log") as server:
        yield server


def memory_megabytes(pid: int) -> dict[str, float]:
    """Memory of a process and all below it.

    ``rss`` counts what they share once a process, ``pss`` shares it out; ``worker_rss`` is that of
    the largest process alone.
    """
    found = [_memory(each) for each in [pid, *_descendants(pid)]]
    return {
        "rss": sum(one["Rss"] for one in found),
        "pss": sum(one["Pss"] for one in found),
        "worker_rss": max(one["Rss"] for one in found),
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
    raise RuntimeError(f"no answer at {url}: {log.read_text(errors='replace')[-2_000:]}")
