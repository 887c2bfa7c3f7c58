"""The command ``consumo-whatsapp``, also as ``python -m app``."""

import os
import signal
import sys
from types import FrameType

_EXIT_INTERRUPTED = 130
#: The commands that run until they are told to end.
_SERVERS = ("serve", "try")


def main() -> None:
    """Run the command that ``sys.argv`` names, and end the process with the command's exit code.

    Ctrl-C while the commands are still being imported ends the process, too: with code 130, or,
    where the command is a server, with 0 and without a word.
    """
    is_server = any(word in _SERVERS for word in sys.argv[1:])
    # A process that was started in the background by a shell ignores INT, and goes on doing so.
    heeds_interrupts = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    # Importing the commands takes a second, in which Ctrl-C must not show a traceback.
    if is_server:
        # Nothing is open yet: a server that is told to end now ends in silence, as it does later.
        signal.signal(signal.SIGINT, _end)
        signal.signal(signal.SIGTERM, _end)
    elif heeds_interrupts:
        signal.signal(signal.SIGINT, _stop)
    from app.cli import cli  # noqa: PLC0415

    try:
        if heeds_interrupts and not is_server:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        cli(prog_name="consumo-whatsapp")
    except KeyboardInterrupt:
        # It came between the handler and the command, which handles all others itself.
        _stop(signal.SIGINT, None)
    finally:
        # The result is printed: Ctrl-C during Python's own end would only show a traceback.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end(_number: int, _frame: FrameType | None) -> None:
    os._exit(0)


def _stop(_number: int, _frame: FrameType | None) -> None:
    os.write(2, b"\nStopped.\n")
    os._exit(_EXIT_INTERRUPTED)


if __name__ == "__main__":
    main()
