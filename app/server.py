"""The server process: gunicorn with one worker, because one process owns the store."""

import gc
import threading
from typing import Any, Final

from flask import Flask
from gunicorn.app.base import BaseApplication

from app.factory import create_app, parts_of
from app.logs import set_up_logs
from app.settings import Settings

#: Addresses may be long: the page puts all filters into them.
_REQUEST_LINE_BYTES: Final = 8_190
#: Method, path without its query, status, microseconds, size.
_ACCESS_FORMAT: Final = "%(m)s %(U)s %(s)s %(D)s %(B)s"


class Server(BaseApplication):
    """Serves the page on ``host`` and ``port`` until it is told to end."""

    def __init__(self, settings: Settings, host: str, port: int, *, access_log: bool) -> None:
        self._settings = settings
        self._options: dict[str, Any] = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": settings.web_threads,
            "timeout": 120,
            "graceful_timeout": 5,
            "limit_request_line": _REQUEST_LINE_BYTES,
            "control_socket_disable": True,
            "proc_name": "consumo-whatsapp",
            "loglevel": "warning",
            "accesslog": "-" if access_log else None,
            "access_log_format": _ACCESS_FORMAT,
            "worker_exit": _close,
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The app, made in the worker: DuckDB does not survive a fork."""
        set_up_logs()
        server = create_app(self._settings)
        # Dash registers its libraries at the first page: let that be this one.
        host = next(iter(self._settings.hosts.split()), "localhost").lstrip(".")
        server.test_client().get("/", headers={"Host": host})
        threading.Thread(target=parts_of(server).shelf.compress, daemon=True).start()
        # What is there now stays: the collector need not walk through it with each sweep.
        gc.collect()
        gc.freeze()
        return server


def _close(_arbiter: object, worker: Any) -> None:
    if isinstance(getattr(worker, "wsgi", None), Flask):
        parts_of(worker.wsgi).close()
