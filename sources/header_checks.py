"""Checks the names of an import file's columns, and names columns that are missing or misspelt."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sources.contract import FILES, ImportFile, UnreadableFile
from sources.headers import MAX_COLUMNS, Header

#: How many columns of a header a sentence names, and how many characters of each: a file that is no
#: table may have thousands.
_SHOWN_COLUMNS: Final = 20
_SHOWN_CHARACTERS: Final = 40


def check_columns(path: Path, header: Header, file: ImportFile) -> None:
    """Raise ``UnreadableFile`` if a file with this ``header`` cannot be imported as ``file``.

    That is so if a required column is missing, a name occurs twice, or there are more than
    ``MAX_COLUMNS``. Columns that ``file`` does not know, or without a name, are allowed. ``path``
    is only named in the error's text.
    """
    names, given = header.names, header.given
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
            f"{path.name} is not a file of {file.name}: the {lacks} missing; "
            f"{_listed(given)}{_swapped(given, file)}"
        )


def _swapped(given: Sequence[str], file: ImportFile) -> str:
    """Return “; it is a file of messages: …” where the columns are another file's."""
    for other in FILES if file in FILES else ():
        if {*other.required_names} <= {*Header.of(given, other).names}:
            return f"; it is a file of {other.name}: give it with --{other.name}"
    return ""


def likeness(name: str, names: Sequence[str]) -> str:
    """Return “ (the file has X)” if one of ``names``, X, is a misspelling of ``name``, else “”.

    A misspelling differs only in upper and lower case, and in characters that are neither letters
    nor digits: ``caseId`` and ``Case ID`` are misspellings of ``case_id``.
    """
    alike = next((other for other in names if other != name and _plain(other) == _plain(name)), "")
    return f" (the file has {_printable(alike)})" if alike else ""


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _listed(names: Sequence[str]) -> str:
    """Return a clause that lists the columns of a file."""
    named = [_printable(name) for name in names if name]
    if not named:
        return "its header names no columns"
    more = f" and {len(named) - _SHOWN_COLUMNS} more" if named[_SHOWN_COLUMNS:] else ""
    return f"the file has {', '.join(named[:_SHOWN_COLUMNS])}{more}"


def _printable(name: str) -> str:
    """Return a name that is fit for a sentence: shortened, and without bytes that are no text."""
    text = name.encode(errors="replace").decode()
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
