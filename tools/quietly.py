"""Runs long commands: output goes to a log file, and a line now and then says how far it is."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

#: Seconds between two lines that say that the command still runs.
SAY_SECONDS = 15
EXIT_INTERRUPTED = 130


def run_quietly(
    command: Sequence[str],
    log: Path,
    how_far: Callable[[str], str] = lambda _output: "still running",
    variables: Mapping[str, str] | None = None,
) -> int:
    """Run ``command``, wait for its end, and return its exit code (negative: ended by a signal).

    Its output is appended to the file ``log``, whose folder is made. Every ``SAY_SECONDS`` a line
    is printed: how many seconds have passed, and what ``how_far`` returns for the output so far.
    ``variables`` are added to the environment of the command. Ctrl-C in the terminal interrupts the
    command as well; then ``SystemExit`` with ``EXIT_INTERRUPTED`` is raised. Raises ``OSError``
    where the command cannot be started.
    """
    try:
        return _run(command, log, how_far, {**os.environ, **(variables or {})})
    except KeyboardInterrupt:  # the command was interrupted as well
        print("Stopped; the same command goes on from here.", flush=True)
        raise SystemExit(EXIT_INTERRUPTED) from None


def _run(
    command: Sequence[str], log: Path, how_far: Callable[[str], str], variables: Mapping[str, str]
) -> int:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        begun_at = output.tell()
        begun = time.monotonic()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=variables,
        )
        while True:
            try:
                return process.wait(timeout=SAY_SECONDS)
            except subprocess.TimeoutExpired:
                text = log.read_bytes()[begun_at:].decode("utf-8", "replace")
                print(f"  {time.monotonic() - begun:.0f} s: {how_far(text)}", flush=True)
