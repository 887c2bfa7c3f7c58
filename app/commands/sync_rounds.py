"""What the commands of ``sync`` share: rounds for ever, and an end by Ctrl-C or SIGTERM."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final, NoReturn

from app.exit_codes import Stopped
from app.terminal import echo_error, end_progress
from queries.errors import StoreUnavailable
from sources.inbox import HandInGone
from sources.source_link import LoadRefused

#: Pauses after failures grow up to this.
_LONGEST_PAUSE: Final = timedelta(minutes=1)
_STOPPED: Final = "Stopped; the next sync goes on from here."
#: Failures of the store that may be different when it is tried again.
_OF_STORE: Final = (LoadRefused, StoreUnavailable, HandInGone)


def run_for_ever(
    run: Callable[[], timedelta],
    every: timedelta,
    note_fault: Callable[[str], object],
    of_source: tuple[type[Exception], ...],
) -> NoReturn:
    """Call ``run`` again and again.

    It returns how long to wait then. While it fails the pauses grow from ``every`` to a minute.
    Failures are the exceptions ``of_source``, which ``note_fault`` gets as a sentence, and those of
    the store. Each is printed once. Any other is raised.
    """
    pause, told = every, ""
    failures: tuple[type[Exception], ...] = (*of_source, *_OF_STORE)
    waiting = threading.Event()
    while True:
        try:
            pause, told = run(), ""
        except failures as error:
            pause = min(2 * pause, max(every, _LONGEST_PAUSE))
            if str(error) != told:
                told = str(error)
                end_progress()
                echo_error(f"{told}; trying again.")
                if isinstance(error, of_source):
                    _note(note_fault, told)
        waiting.wait(pause.total_seconds())


def _note(note_fault: Callable[[str], object], sentence: str) -> None:
    """Note a failure of the source; where the store itself fails, nothing can be noted."""
    try:
        note_fault(sentence)
    except _OF_STORE as error:
        echo_error(f"{error}; trying again.")


@contextmanager
def stopping_by_signal(*, ends_by_itself: bool) -> Iterator[None]:
    """End the block at Ctrl-C, and at SIGTERM, by which service managers end a command.

    A command that ``ends_by_itself`` was then interrupted: ``Stopped`` is raised. For one that runs
    for ever it is the usual end.
    """

    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        end_progress()
        if ends_by_itself:
            raise Stopped(_STOPPED) from None
        echo_error(_STOPPED)
    finally:
        signal.signal(signal.SIGTERM, before)
