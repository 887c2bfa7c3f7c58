"""What a command says: one line at a time, and nothing in it that a terminal would obey."""

import os
import sys
from contextlib import suppress

import click

_CLEAR_LINE = "\r\033[K"


def printable(text: str) -> str:
    """``text`` with every sign that is not to be seen, or moves others, as an escape.

    Names of files and columns come from outside: they may hold the escapes that steer a terminal,
    ends of lines, signs that turn the direction of writing, or bytes that are no text at all.
    """
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text
    )


def say(line: str) -> None:
    """Print a line of the answer."""
    _print(line, is_error=False)


def complain(line: str) -> None:
    """Print a line that is no part of the answer."""
    _print(line, is_error=True)


def show_progress(step: str, rows: int) -> None:
    """Tell how far the work is: on a terminal in one line, elsewhere a line at a time."""
    line = f"{step} {rows:,}" if rows else step
    # No work is stopped because its progress cannot be written, to a full disk or anywhere.
    with suppress(OSError):
        if _is_terminal():
            click.echo(f"{_CLEAR_LINE}{printable(line)}", nl=False, err=True)
        else:
            complain(line)


def end_progress() -> None:
    """Make room for the answer where progress was shown."""
    with suppress(OSError):
        if _is_terminal():
            click.echo(_CLEAR_LINE, nl=False, err=True)


def _is_terminal() -> bool:
    return bool(sys.stderr and sys.stderr.isatty())


def _print(line: str, *, is_error: bool) -> None:
    stream = sys.stderr if is_error else sys.stdout
    if not stream:
        return
    try:
        click.echo(_encodable(printable(line), stream.encoding), err=is_error)
    except BrokenPipeError:
        # Nobody reads any more. The work goes on, and the exit status still tells how it ended.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _encodable(text: str, encoding: str | None) -> str:
    """``text`` with escapes for what the terminal's encoding lacks."""
    name = encoding or "utf-8"
    return text.encode(name, "backslashreplace").decode(name)
