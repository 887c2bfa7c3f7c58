"""What was measured on: the machine, and the versions of what was measured."""

import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path
from typing import Final

_PACKAGES: Final = ("dash", "plotly", "duckdb", "pandas", "pyarrow", "sqlalchemy", "waitress")


def cores() -> int:
    """How many of the machine's cores this process may use."""
    return len(os.sched_getaffinity(0))


def machine() -> dict[str, str | int | float]:
    """Processor, cores, memory and system; no name by which the machine could be told."""
    pages, page_bytes = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": _processor(),
        "cores": cores(),
        "memory_gigabytes": round(pages * page_bytes / 1e9, 1),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }


def versions(chromium: str | None) -> dict[str, str]:
    """Python, the packages that numbers depend on, and Chromium where there is one."""
    known = {"python": platform.python_version()}
    known |= {name: importlib.metadata.version(name) for name in _PACKAGES}
    if chromium:
        known["chromium"] = _said_by([chromium, "--version"])
    return known


def revision() -> str:
    """The commit that was measured; "+" follows where files differ from it."""
    commit = _said_by(["git", "rev-parse", "--short", "HEAD"])
    measured = ["app", "assets", "bench", "callbacks", "components", "queries", "sources"]
    measured.append(":!bench/results.json")
    changed = _said_by(["git", "status", "--porcelain", "--", *measured])
    return f"{commit}+" if commit and changed else commit


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _said_by(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
