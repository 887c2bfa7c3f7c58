"""Prints for commands: whole lines, without characters that would steer the terminal.

Where nobody reads the output any more, printing does nothing.
"""

import os
import sys
from contextlib import suppress

import click

_CLEAR_LINE = "\r\033[K"


def printable(text: str) -> str:
    """Return ``text`` with an escape in place of each character that cannot be printed.

    Names of files and columns come from outside. They may hold escape sequences, line breaks,
    characters that turn the direction of writing, or bytes that are not text.
    """
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def echo(line: str) -> None:
    """Print a line of the command's result to standard output."""
    _print(line, is_error=False)


def echo_error(line: str) -> None:
    """Print a line to standard error: a failure, a warning, news of the work."""
    _print(line, is_error=True)


def show_progress(step: str, rows: int) -> None:
    """Show on standard error how far the work is: the name of a step, and how many rows are done.

    On a terminal each line replaces the last; elsewhere each is a line of its own. With 0 rows only
    the step is shown.
    """
    line = f"{step} {rows:,}" if rows else step
    # The work goes on where its progress cannot be written, as to a full disk.
    with suppress(OSError):
        if _is_terminal():
            click.echo(f"{_CLEAR_LINE}{printable(line)}", nl=False, err=True)
        else:
            echo_error(line)


def end_progress() -> None:
    """Remove the line of progress; do nothing where standard error is no terminal."""
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
    """Return ``text`` with an escape for each character that the terminal's encoding lacks."""
    name = encoding or "utf-8"
    return text.encode(name, "backslashreplace").decode(name)
