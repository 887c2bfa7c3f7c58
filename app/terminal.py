"""Prints the output of commands line by line, without characters that control the terminal.

If the program that reads the output has ended, nothing more is printed and no error is raised.
"""

import os
import sys
from contextlib import suppress

import click

_CLEAR_LINE = "\r\033[K"


def printable(text: str) -> str:
    """Return ``text`` with an escape sequence of Python for each character that cannot be printed.

    Names of files and columns come from outside: they may hold escape sequences of terminals, line
    breaks, characters that change the direction of writing, or bytes that are not text.
    """
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def echo(line: str) -> None:
    """Print a line of the command's result to standard output.

    Characters that cannot be printed become escapes. Raises ``OSError`` if the line cannot be
    written, as on a full disk.
    """
    _print(line, is_error=False)


def echo_error(line: str) -> None:
    """Print a line to standard error: a failure, a warning, or news of the work.

    It is written as by ``echo``, and raises the same error.
    """
    _print(line, is_error=True)


def show_progress(step: str, rows: int) -> None:
    """Show the name of a step of the work and how many rows are done, on standard error.

    On a terminal each call replaces the line of the last one; elsewhere each writes a new line. If
    ``rows`` is 0, only ``step`` is shown. Errors of writing are ignored.
    """
    line = f"{step} {rows:,}" if rows else step
    # The work goes on where its progress cannot be written, as to a full disk.
    with suppress(OSError):
        if _is_terminal():
            click.echo(f"{_CLEAR_LINE}{printable(line)}", nl=False, err=True)
        else:
            echo_error(line)


def end_progress() -> None:
    """Remove the line of ``show_progress`` from the terminal.

    Do nothing if standard error is not a terminal.
    """
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
