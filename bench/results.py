"""What was measured so far: every raw sample, by part and size, in one file.

A run of some parts or sizes takes the place of those, and leaves the others; what another machine
or other versions gave is dropped, since ratios between machines mean nothing.
"""

import json
import re
from pathlib import Path
from typing import Any, Final

from bench.ratios import ratios

FILE: Final = Path("bench/results.json")

#: A list of numbers: samples stand in one line.
_NUMBERS: Final = re.compile(r"\[[-\s\d.,e]+\]")

#: ``machine``, ``versions``, ``ratios`` and ``parts``: by part, then by number of messages.
Results = dict[str, Any]


def read_results(path: Path, machine: dict[str, Any], versions: dict[str, str]) -> Results:
    """What ``path`` holds of this machine with these versions; nothing measured otherwise."""
    kept = json.loads(path.read_text()) if path.exists() else {}
    if (kept.get("machine"), kept.get("versions")) != (machine, versions):
        kept = {"parts": {}}
    return {"machine": machine, "versions": versions, "parts": kept["parts"]}


def add(results: Results, part: str, messages: int, measured: dict[str, Any]) -> None:
    """Put what was measured of a part at a size in the place of what was there."""
    results["parts"].setdefault(part, {})[str(messages)] = measured


def write_results(results: Results, path: Path) -> None:
    """All of it, the ratios first."""
    content = {"ratios": ratios(results["parts"])} | results
    text = json.dumps(content, indent=1, ensure_ascii=False)
    path.write_text(_NUMBERS.sub(_in_a_line, text) + "\n")


def _in_a_line(numbers: re.Match[str]) -> str:
    return f"[{' '.join(numbers[0][1:-1].split())}]"
