"""Makes the environment ``.venv`` with the packages of ``requirements.lock`` (``make setup``).

``make setup-dev`` adds those of ``requirements-dev.lock``.

This runs on the machine's own Python. Where that is too old, one sentence says what is needed; so
older Pythons must be able to read this file and those that it imports.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from tools.quietly import run_quietly

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
LOG = ROOT / ".cache" / "setup.log"
OLDEST = (3, 11)

_PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off")


def main(arguments: Sequence[str]) -> None:
    """Make the environment ``.venv`` and install the product and the packages it needs into it.

    ``arguments`` are those of the command line. With ``--dev`` among them, only packages for checks
    and tests are added to an environment that exists. Where something fails, one sentence is
    printed and the process ends with code 1.
    """
    LOG.parent.mkdir(exist_ok=True)
    LOG.write_bytes(b"")
    if "--dev" in arguments:
        _install(DEV_LOCK, "packages for checks and tests")
        return
    _check_python()
    _say("Creating the environment in .venv…")
    if run_quietly([sys.executable, "-m", "venv", str(ENVIRONMENT)], LOG):
        _give_up("The environment cannot be created")
    _install(LOCK, "packages")
    _pip("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    _say("The environment is ready.")


def _install(lock: Path, kind: str) -> None:
    """Install the packages of ``lock``, checked by their hashes; ``kind`` says what they are."""
    count = len(re.findall(r"^[\w.-]+(?:\[[\w,-]+\])?==", lock.read_text(), re.MULTILINE))
    _say(f"Installing {count} {kind} (a minute or two; pip's output: {_short(LOG)})…")
    _pip("--require-hashes", "-r", str(lock))


def _check_python() -> None:
    """End the process where this Python is too old or lacks venv."""
    if sys.version_info < OLDEST:
        version = ".".join(map(str, sys.version_info[:3]))
        _refuse(
            f"Python 3.11 or newer is needed, and {sys.executable} is {version}: "
            "install one and name it, as make PYTHON=python3.12"
        )
    try:
        import ensurepip  # noqa: F401, PLC0415 - Debian has it in a package of its own
        import venv  # noqa: F401, PLC0415
    except ImportError:
        _refuse(
            "Python's venv is missing: install it (Debian: apt-get install python3-venv), "
            "then repeat the command"
        )


def _pip(*arguments: str) -> None:
    """Run ``pip install`` of the environment; end the process where that fails."""
    command = [str(ENVIRONMENT / "bin" / "python"), *_PIP, *arguments]
    if run_quietly(command, LOG, _fetched, {"PIP_NO_INPUT": "1"}):
        _give_up("The packages cannot be installed")


def _fetched(output: str) -> str:
    """Return how far pip is, by its output so far."""
    if "\nInstalling collected packages" in output:
        return "all packages are fetched, and are put in place"
    return f"{len(re.findall('^Collecting ', output, re.MULTILINE))} packages fetched"


def _give_up(failure: str) -> NoReturn:
    """End the process with a sentence: ``failure``, the last error in the log, where the log is."""
    lines = [line.strip() for line in LOG.read_text(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")] or lines
    reason = f": {errors[-1][:300]}" if errors else ""
    _refuse(f"{failure}{reason} (all of it: {_short(LOG)})")


def _short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _say(sentence: str) -> None:
    print(sentence, flush=True)


def _refuse(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
