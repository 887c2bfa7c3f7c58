"""How a command ends: each failure is one sentence and an exit status, never a trace."""

import io
import signal
import sys
from collections.abc import Callable
from typing import Any, Final, NoReturn

import click

from app.terminal import complain, end_progress
from queries.errors import StoreUnavailable
from sources.contract import UnreadableFile
from sources.inbox import HandInGone
from sources.path_checks import UnusablePath
from sources.store_errors import EngineError, control_c_interrupts, is_disk_full

#: Rows were given, and not one of them could be taken.
EXIT_ALL_REJECTED: Final = 1
#: Nothing was loaded: files or settings cannot be used, or the store refuses.
EXIT_UNUSABLE: Final = 2
EXIT_INTERRUPTED: Final = 130


class Stopped(Exception):
    """Control-C was pressed; the text says what became of the work."""


def give_up(sentence: str) -> NoReturn:
    """End the command with a sentence that says why it did nothing."""
    end_progress()
    complain(sentence)
    raise SystemExit(EXIT_UNUSABLE)


class Commands(click.Group):
    """A group of commands that end as this page says."""

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        run = super().main
        sys.exit(_status(lambda: run(*args, **{**extra, "standalone_mode": False})))


def _status(run: Callable[[], Any]) -> int:
    """The exit status of what ``run`` does; click's own answers and ``SystemExit`` pass."""
    try:
        with control_c_interrupts():
            return int(run() or 0)
    except (click.Abort, KeyboardInterrupt):
        return _stopped("Stopped.")
    except Stopped as stopped:
        return _stopped(str(stopped))
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        for line in shown.getvalue().splitlines():
            complain(line)
        return error.exit_code
    except (UnreadableFile, UnusablePath, StoreUnavailable, HandInGone) as error:
        give_up(str(error))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        give_up(f"{where}{error.strerror or error}")
    except EngineError as error:
        give_up("the disk is full" if is_disk_full(error) else f"the store failed: {error}")


def _stopped(sentence: str) -> int:
    # Whoever is impatient presses twice: the second must not break into the tidying up.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_progress()
    complain(sentence)
    return EXIT_INTERRUPTED
