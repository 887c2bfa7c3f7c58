"""``python -m app`` is the command ``consumo-whatsapp``."""

import os
import signal
import sys

_EXIT_INTERRUPTED = 130


def main() -> None:
    """Run the command. Told to end before it has begun, it ends without a word: nothing is open."""
    is_server = "serve" in sys.argv[1:]
    code = 0 if is_server else _EXIT_INTERRUPTED
    before = signal.signal(signal.SIGINT, lambda *_: os._exit(code))
    if is_server:
        signal.signal(signal.SIGTERM, lambda *_: os._exit(code))
    from app.cli import cli  # noqa: PLC0415 - it takes a second, in which somebody may press Ctrl-C

    if not is_server:
        signal.signal(signal.SIGINT, before)
    cli(prog_name="consumo-whatsapp")


if __name__ == "__main__":
    main()
