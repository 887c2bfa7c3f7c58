"""Describe the machine and the software versions that a measurement ran with."""

import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path
from typing import Final

_PACKAGES: Final = ("dash", "plotly", "duckdb", "pandas", "pyarrow", "sqlalchemy", "waitress")


def cores() -> int:
    """Return how many of the machine's cores this process may use."""
    return len(os.sched_getaffinity(0))


def machine() -> dict[str, str | int | float]:
    """Return processor, cores, memory and system, but no host name, which would identify it."""
    pages, page_bytes = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": _processor(),
        "cores": cores(),
        "memory_gigabytes": round(pages * page_bytes / 1e9, 1),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }


def versions(chromium: str | None) -> dict[str, str]:
    """Return the versions of Python, of the packages that affect the numbers, and of Chromium.

    ``chromium`` is the path of the browser; without one its version is left out.
    """
    known = {"python": platform.python_version()}
    known |= {name: importlib.metadata.version(name) for name in _PACKAGES}
    if chromium:
        known["chromium"] = _output_of([chromium, "--version"])
    return known


def revision() -> str:
    """Return the short id of the checked-out commit, or an empty text where Git cannot tell.

    A "+" follows it where files of the product or of the benchmark differ from that commit.
    """
    commit = _output_of(["git", "rev-parse", "--short", "HEAD"])
    measured = ["app", "assets", "bench", "callbacks", "components", "queries", "sources"]
    measured.append(":!bench/results.json")
    changed = _output_of(["git", "status", "--porcelain", "--", *measured])
    return f"{commit}+" if commit and changed else commit


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _output_of(command: list[str]) -> str:
    """Return what a command prints, or an empty text where it fails or does not exist."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
