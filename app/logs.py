"""Logs as one JSON object a line, without what people wrote or who they are."""

import json
import logging
import traceback
from datetime import UTC, datetime

from flask import g, has_request_context


class JsonLines(logging.Formatter):
    """Time, level, what happened, the request's id; of an error its type and where it stands.

    Messages of errors are left out: those of databases hold the values they stumbled on.
    """

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if has_request_context() and "request_id" in g:
            line["request_id"] = g.request_id
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            frames = traceback.extract_tb(error.__traceback__)[-6:]
            line["error"] = type(error).__name__
            line["at_code"] = " < ".join(f"{f.name}:{f.lineno}" for f in reversed(frames))
        return json.dumps(line, ensure_ascii=False)


def set_up_logs(level: int = logging.INFO) -> None:
    """Write all logs of this process to its standard error, as JSON lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
