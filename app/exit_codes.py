"""How commands end: an expected failure prints one sentence, no traceback, and sets an exit code.

Errors that nobody expected are raised as they are. The exit codes are documented in
docs/operation.md.
"""

import io
import signal
import sys
from collections.abc import Callable
from typing import Any, Final, NoReturn

import click

from app.terminal import echo_error, end_progress
from queries.errors import StoreUnavailable
from sources.contract import UnreadableFile
from sources.inbox import HandInGone
from sources.path_checks import UnusablePath
from sources.store_errors import EngineError, control_c_interrupts, is_disk_full

#: The files had rows, and every one was rejected.
EXIT_ALL_REJECTED: Final = 1
#: Something was removed, but not everywhere: a back-up or the cache could not be changed.
EXIT_INCOMPLETE: Final = 1
#: Something odd is in the data, and the command was asked to fail then.
EXIT_ODD: Final = 1
#: Nothing was done: a file, a setting or the store cannot be used, or the store refuses the data.
EXIT_UNUSABLE: Final = 2
#: Ctrl-C was pressed (128 + 2, the number of SIGINT, as shells count).
EXIT_INTERRUPTED: Final = 130


class Stopped(Exception):
    """Raised by a command when Ctrl-C was pressed; the text says what became of the work.

    ``CommandGroup`` prints the text and ends with ``EXIT_INTERRUPTED`` (130).
    """


def give_up(sentence: str) -> NoReturn:
    """Print ``sentence``, which says why nothing was done, to standard error; end the command.

    Raises ``SystemExit`` with ``EXIT_UNUSABLE`` (2).
    """
    end_progress()
    echo_error(sentence)
    raise SystemExit(EXIT_UNUSABLE)


class CommandGroup(click.Group):
    """A click group whose commands end expected failures with a sentence and an exit code.

    The sentence goes to standard error.
    """

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        """Run the command that ``args`` name (by default ``sys.argv``), and end the process.

        Raises ``SystemExit`` with the command's exit code. An exception that nobody expected is
        raised as it is.
        """
        run = super().main
        sys.exit(_exit_code(lambda: run(*args, **{**extra, "standalone_mode": False})))


def _exit_code(run: Callable[[], Any]) -> int:
    """Call ``run``, which runs a command, and return the exit code.

    An expected failure prints its sentence; failures of files and of the store then raise
    ``SystemExit`` with ``EXIT_UNUSABLE``. An exception that nobody expected is raised as it is.
    """
    try:
        with control_c_interrupts():
            return int(run() or 0)
    except (click.Abort, KeyboardInterrupt):
        return _stopped("Stopped.")
    except Stopped as stopped:
        return _stopped(str(stopped))
    except click.ClickException as error:
        text = io.StringIO()
        error.show(text)
        for line in text.getvalue().splitlines():
            echo_error(line)
        return error.exit_code
    except (UnreadableFile, UnusablePath, StoreUnavailable, HandInGone) as error:
        give_up(str(error))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        give_up(f"{where}{error.strerror or error}")
    except EngineError as error:
        give_up("the disk is full" if is_disk_full(error) else f"the store failed: {error}")


def _stopped(sentence: str) -> int:
    # Some press Ctrl-C twice: the second must not interrupt the cleaning up.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_progress()
    echo_error(sentence)
    return EXIT_INTERRUPTED
