"""Sets up the logs: one JSON object a line, without texts, names, phones or other customer data."""

import json
import logging
import sys
import threading
import traceback
import warnings
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, TextIO

from flask import g, has_request_context

from sources.migrations import UPGRADE_LOG

log = logging.getLogger(__name__)

#: The log of requests; silent unless it is asked for.
ACCESS_LOG: Final = "consumo.access"


class JsonLines(logging.Formatter):
    """Formats a log record as one line of JSON.

    Every line has ``at`` (UTC, ISO 8601), ``level``, ``logger`` and ``message``, and whatever the
    log call gave as ``extra={"fields": {…}}``. While a request is handled it has ``request_id``. If
    the record has an error, it has ``error`` (the type of the error) and ``at_code`` (the last six
    functions, with line numbers, that the error passed, innermost first). The error's own text is
    left out, because errors of databases repeat values.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return ``record`` as one line of JSON, without a line break at the end."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
            **getattr(record, "fields", {}),
        }
        if has_request_context() and "request_id" in g:
            line["request_id"] = g.request_id
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            frames = traceback.extract_tb(error.__traceback__)[-6:]
            line["error"] = type(error).__name__
            line["at_code"] = " < ".join(f"{f.name}:{f.lineno}" for f in reversed(frames))
        return json.dumps(line, ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        # The log call has too few or too many values: the message without them is still JSON.
        return str(record.msg)


def set_up_logs(level: int = logging.INFO) -> None:
    """Write the logs of this process to standard error as JSON lines, from ``level`` on.

    Of waitress only warnings and errors are written, because it also logs harmless events. The log
    of requests stays silent until ``set_up_access_log`` is called.
    """
    logging.basicConfig(level=level, handlers=[_handler(logging.StreamHandler())], force=True)
    # Clients that disconnect early and requests that wait for a thread are frequent and harmless.
    logging.getLogger("waitress").setLevel(logging.WARNING)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    logging.getLogger(ACCESS_LOG).setLevel(logging.WARNING)
    logging.getLogger(UPGRADE_LOG).handlers = []  # the handler of commands writes no JSON


def set_up_access_log() -> None:
    """From now on write a JSON line about each request to standard output."""
    access = logging.getLogger(ACCESS_LOG)
    access.handlers = [_handler(logging.StreamHandler(sys.stdout))]
    access.propagate = False
    access.setLevel(logging.INFO)


def log_uncaught_errors() -> None:
    """From now on log uncaught errors and Python's warnings with their type and place in the code.

    Python would print their texts, which may repeat values of the data.
    """
    logging.raiseExceptions = False
    warnings.showwarning = _log_warning
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda args: _log_uncaught(
        args.exc_type, args.exc_value, args.exc_traceback
    )
    sys.unraisablehook = lambda args: _log_uncaught(
        args.exc_type, args.exc_value, args.exc_traceback
    )


def stop_logging() -> None:
    """Log nothing more. Call it at the end of the process, when failures no longer matter."""
    logging.disable()


def _handler(handler: logging.Handler) -> logging.Handler:
    handler.setFormatter(JsonLines())
    return handler


def _log_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Log the kind and place of a warning, without its text, which may repeat values."""
    del message, file, line
    fields = {"warning": category.__name__, "at_code": f"{Path(filename).name}:{lineno}"}
    log.warning("warning of Python", extra={"fields": fields})


def _log_uncaught(
    kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
) -> None:
    log.error("error that nobody caught", exc_info=(kind, error or kind(), trace))
