"""Run duckdb-server with the page of the peer beside it, on the same origin.

``python data_server.py PAGE_FOLDER`` and then the options of duckdb-server. The page is at /page/
and travels compressed, as from a server in production; answers travel as duckdb-server sends them.
It runs in the peer's virtual environment.
"""

# mypy: ignore-errors
# mypy runs in the project's environment, which has no duckdb-server.

import logging
import sys

import pkg.app
from pkg.commands import ArrowRequest, ExecRequest
from pkg.servers._uvicorn import UvicornServer
from pkg.servers.common import Args
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

# With Python 3.11 msgspec cannot read the alias of this union, and duckdb-server answers nothing.
pkg.app.Command = ArrowRequest | ExecRequest


def make_app(page_folder: str, database: str) -> Starlette:
    """Return duckdb-server's application with the files of ``page_folder`` at /page/."""
    app = pkg.app.create_app(database)
    files = GZipMiddleware(StaticFiles(directory=page_folder, html=True))
    app.router.routes.append(Mount("/page", app=files))
    return app


if __name__ == "__main__":
    given = Args.parse_args(*sys.argv[2:]).resolve()
    given.log_level = logging.WARNING
    UvicornServer.from_args(given, make_app(sys.argv[1], given.database)).run()
