"""``make setup``: the environment ``.venv`` with what ``requirements.lock`` names, nothing else.

Runs on the machine's own Python, which may be too old: then one sentence says what is needed, so
this file and those it imports must be readable to older ones.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NoReturn

from tools.quietly import run_quietly

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
LOG = ROOT / ".cache" / "setup.log"
OLDEST = (3, 11)

_PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off")


def main() -> None:
    _check_python()
    LOG.parent.mkdir(exist_ok=True)
    LOG.write_bytes(b"")
    _say("Creating the environment in .venv…")
    if run_quietly([sys.executable, "-m", "venv", str(ENVIRONMENT)], LOG):
        _give_up("The environment cannot be created")
    count = len(re.findall(r"^[\w.-]+(?:\[[\w,-]+\])?==", LOCK.read_text(), re.MULTILINE))
    _say(f"Installing {count} packages (a minute or two; pip's words: {_short(LOG)})…")
    _pip("--require-hashes", "-r", str(LOCK))
    _pip("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    _say("The environment is ready.")


def _check_python() -> None:
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        _refuse(
            f"Python 3.11 or newer is needed, and {sys.executable} is {found}: "
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


def _pip(*what: str) -> None:
    command = [str(ENVIRONMENT / "bin" / "python"), *_PIP, *what]
    if run_quietly(command, LOG, _fetched, {"PIP_NO_INPUT": "1"}):
        _give_up("The packages cannot be installed")


def _fetched(said: str) -> str:
    """How far pip is."""
    if "\nInstalling collected packages" in said:
        return "all packages are fetched, and are put in place"
    return f"{len(re.findall('^Collecting ', said, re.MULTILINE))} packages fetched"


def _give_up(what: str) -> NoReturn:
    """End with the error that the log holds, and where the rest is."""
    lines = [line.strip() for line in LOG.read_text(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")] or lines
    reason = f": {errors[-1][:300]}" if errors else ""
    _refuse(f"{what}{reason} (all of it: {_short(LOG)})")


def _short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _say(sentence: str) -> None:
    print(sentence, flush=True)


def _refuse(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
