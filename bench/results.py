"""Keep every sample measured so far in one file, by part and number of messages.

A run of some parts or sizes replaces the results of those and keeps the others. Results of another
machine or of other software versions are dropped, since ratios between them mean nothing.
"""

import json
import re
from pathlib import Path
from typing import Any, Final

from bench.ratios import ratios

RESULTS_FILE: Final = Path("bench/results.json")

#: Matches a JSON list of numbers, which the file has on one line.
_NUMBERS: Final = re.compile(r"\[[-\s\d.,e]+\]")

#: Has ``machine``, ``versions`` and ``parts``: results by part, then by number of messages as text.
Results = dict[str, Any]


def read_results(path: Path, machine: dict[str, Any], versions: dict[str, str]) -> Results:
    """Read the results of this machine with these versions from ``path``.

    Return results without parts where there is no file or where it has another machine or versions.
    """
    kept = json.loads(path.read_text()) if path.exists() else {}
    if (kept.get("machine"), kept.get("versions")) != (machine, versions):
        kept = {"parts": {}}
    return {"machine": machine, "versions": versions, "parts": kept["parts"]}


def set_part(results: Results, part: str, messages: int, measured: dict[str, Any]) -> None:
    """Set the results of a part for a number of messages, in place of older ones."""
    results["parts"].setdefault(part, {})[str(messages)] = measured


def write_results(results: Results, path: Path) -> None:
    """Write the results to ``path``, with the ratios computed from them at the top."""
    content = {"ratios": ratios(results["parts"])} | results
    text = json.dumps(content, indent=1, ensure_ascii=False)
    path.write_text(_NUMBERS.sub(_on_one_line, text) + "\n")


def _on_one_line(numbers: re.Match[str]) -> str:
    return f"[{' '.join(numbers[0][1:-1].split())}]"
