"""Measure published stores: publications, their size, and the same questions on each engine.

Each kind of store is measured in a process of its own (``bench.published_kind``), in turns with
DuckDB.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from bench.ratios import MAIN_SIZE
from bench.stores import read_figures

KINDS: Final = ("files", "postgresql", "clickhouse")
#: Of a store larger than the main size only files are measured: PostgreSQL would take an hour.
LARGE_KINDS: Final = ("files",)
#: The scenarios of these stores: a month, all of it, and few of many.
SCENARIOS: Final = (
    "30 days",
    "3 years",
    "30 days + channel",
    "30 days + person",
    "3 years + 20 cases",
)


def measure_published(store: Path, rounds: int) -> dict[str, Any]:
    """Publish copies of ``store`` and ask them; return what was measured, by kind.

    A kind that cannot be measured here has the reason as ``skipped``.
    """
    is_large = read_figures(store)["messages"] > MAIN_SIZE
    kinds: Sequence[str] = LARGE_KINDS if is_large else KINDS
    return {"rounds": rounds, "kinds": {kind: _measured(kind, store, rounds) for kind in kinds}}


def _measured(kind: str, store: Path, rounds: int) -> dict[str, Any]:
    print(f"  {kind}", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "bench.published_kind", kind, str(store), str(rounds)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{kind}: {done.stderr[-2_000:]}")
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured
