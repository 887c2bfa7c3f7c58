"""Checks the columns that an import file names, and says which ones it lacks."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sources.contract import ImportFile, UnreadableFile

MAX_COLUMNS: Final = 1_000
#: What a sentence shows of a header: a file that is no table may have thousands of columns.
_SHOWN_COLUMNS: Final = 20
_SHOWN_CHARACTERS: Final = 40


def check_columns(path: Path, names: Sequence[str], file: ImportFile) -> None:
    """Raise ``UnreadableFile`` unless ``names`` are columns of ``file``, each given once."""
    if len(names) > MAX_COLUMNS:
        raise UnreadableFile(
            f"{path.name} has {len(names)} columns, and at most {MAX_COLUMNS} are read"
        )
    counts = Counter(name for name in names if name)
    if repeated := sorted(name for name, count in counts.items() if count > 1):
        raise UnreadableFile(f"{path.name} has the column {', '.join(repeated)} more than once")
    if missing := [name for name in file.required_names if name not in names]:
        listed = ", ".join(f"{name}{likeness(name, names)}" for name in missing)
        lacks = f"columns {listed} are" if missing[1:] else f"column {listed} is"
        raise UnreadableFile(
            f"{path.name} is not a file of {file.name}: the {lacks} missing; {_found(names)}"
        )


def likeness(name: str, names: Sequence[str]) -> str:
    """Return “ (the file has X)” where X of ``names`` differs only in case and signs; else “”."""
    alike = next((other for other in names if other != name and _plain(other) == _plain(name)), "")
    return f" (the file has {_shown(alike)})" if alike else ""


def _plain(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalnum())


def _found(names: Sequence[str]) -> str:
    """Return a clause that lists the columns of a file."""
    named = [_shown(name) for name in names if name]
    if not named:
        return "its header names no columns"
    more = f" and {len(named) - _SHOWN_COLUMNS} more" if named[_SHOWN_COLUMNS:] else ""
    return f"the file has {', '.join(named[:_SHOWN_COLUMNS])}{more}"


def _shown(name: str) -> str:
    """Return a name that is fit for a sentence: shortened, and without bytes that are no text."""
    text = name.encode(errors="replace").decode()
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
