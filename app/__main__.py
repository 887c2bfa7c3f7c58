"""The command ``consumo-whatsapp``, also as ``python -m app``."""

import os
import signal
import sys
from types import FrameType

_EXIT_INTERRUPTED = 130


def main() -> None:
    """Run the command that the arguments name."""
    is_server = "serve" in sys.argv[1:]
    heeds = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    # Importing takes a second, in which Control-C must not show a trace.
    if is_server:
        # Nothing is open yet: a server that is told to end now ends in silence, as it does later.
        signal.signal(signal.SIGINT, _end)
        signal.signal(signal.SIGTERM, _end)
    elif heeds:
        signal.signal(signal.SIGINT, _stop)
    from app.cli import cli  # noqa: PLC0415

    if heeds and not is_server:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        cli(prog_name="consumo-whatsapp")
    finally:
        # All is done and said: an end that is interrupted would only show a trace.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end(_number: int, _frame: FrameType | None) -> None:
    os._exit(0)


def _stop(_number: int, _frame: FrameType | None) -> None:
    os.write(2, b"\nStopped.\n")
    os._exit(_EXIT_INTERRUPTED)


if __name__ == "__main__":
    main()
