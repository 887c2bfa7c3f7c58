"""The command ``consumo-whatsapp``, also as ``python -m app``."""

import os
import signal
from types import FrameType


def main() -> None:
    """Run the command that the arguments name."""
    heeds = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if heeds:
        signal.signal(signal.SIGINT, _stop)
    # Importing takes a second, in which Control-C must not show a trace.
    from app.cli import cli  # noqa: PLC0415

    if heeds:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        cli(prog_name="consumo-whatsapp")
    finally:
        # All is done and said: an end that is interrupted would only show a trace.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _stop(_number: int, _frame: FrameType | None) -> None:
    os.write(2, b"\nStopped.\n")
    os._exit(130)


if __name__ == "__main__":
    main()
