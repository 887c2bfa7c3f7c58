"""Install the peer Mosaic outside the project's environment, build its page, and run it.

Everything that this fetches and builds is in ``.cache/mosaic``: the packages of npm, a virtual
environment with duckdb-server, and the page as one script.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import duckdb

from bench.processes import Server, running_process
from queries.period import Period

_FOLDER: Final = Path(__file__).parent
_CACHE: Final = Path(".cache/mosaic")
_ENVIRONMENT: Final = _CACHE / ".venv"
_PYTHON: Final = _ENVIRONMENT / "bin" / "python"
_PAGE: Final = _CACHE / "page"
_NPM_FILES: Final = ("package.json", "package-lock.json")
_PAGE_FILES: Final = ("index.html", "page.js")
_REQUIREMENTS: Final = "requirements.txt"

#: What the page asks about. All views have ``day`` and ``channel``, so that one filter fits them.
_VIEWS: Final = """
    create or replace view page_messages as
    select sent_day as day, channel, status, direction from messages;

    create or replace view page_cases as
    select opened_day as day, channel, 'created' as event from cases where counted
    union all
    select attended_day, channel, 'attended' from cases where counted and attended_day is not null;

    create or replace view page_templates as
    select sent_day as day, channel, status, coalesce(template_name, '(no name)') as template_name
    from messages where direction = 'out' and kind = 'hsm';

    create or replace view page_details as
    select sent_day as day, * exclude sent_day from messages
    order by sent_at desc, message_id desc"""


def install_mosaic() -> bool:
    """Fetch the packages and build the page; return False where there is no npm.

    Fetch nothing where this was done with the same lists of packages.
    """
    if not (shutil.which("npm") and shutil.which("node")):
        print("No npm: the peer Mosaic is skipped.", flush=True)
        return False
    marker = _CACHE / ".ready"
    wanted = "".join((_FOLDER / name).read_text() for name in (*_NPM_FILES, _REQUIREMENTS))
    if not marker.exists() or marker.read_text() != wanted:
        print("installing the peer Mosaic (only once)", flush=True)
        _fetch()
        marker.write_text(wanted)
    _build()
    return True


def mosaic_versions() -> dict[str, str]:
    """Return the versions of vgplot and of duckdb-server that are pinned."""
    packages = json.loads((_FOLDER / "package-lock.json").read_text())["packages"]
    lines = (_FOLDER / _REQUIREMENTS).read_text().splitlines()
    return {
        "vgplot": packages["node_modules/@uwdata/vgplot"]["version"],
        "duckdb-server": next(
            line.split("==")[1].split()[0] for line in lines if line.startswith("duckdb-server==")
        ),
    }


@contextmanager
def running_mosaic(store: Path, folder: Path, days: Period) -> Iterator[Server]:
    """Run the peer on ``store``, which gets the views and pre-aggregated tables of the page.

    Yield its server; the page shows ``days`` first. No other process may have the store open. The
    output goes to ``mosaic.log`` in ``folder``.
    """
    with duckdb.connect(str(store)) as connection:
        connection.execute(_VIEWS)
    command = [str(_PYTHON), str(_FOLDER / "data_server.py"), str(_PAGE)]
    command += ["--database", str(store), "--port", "{port}", "--no-http2"]
    given = urlencode({"start": days.start.isoformat(), "end": days.end.isoformat()})
    page = f"/page/?{given}"
    with running_process(command, os.environ, page, folder / "mosaic.log") as server:
        yield Server(server.address + page, server.pid)


def _fetch() -> None:
    _CACHE.mkdir(parents=True, exist_ok=True)
    for name in _NPM_FILES:
        shutil.copyfile(_FOLDER / name, _CACHE / name)
    npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--cache", "../npm"]
    subprocess.run(npm, cwd=_CACHE, check=True, stdout=subprocess.DEVNULL)
    subprocess.run([sys.executable, "-m", "venv", "--clear", _ENVIRONMENT], check=True)
    pip = [str(_PYTHON), "-m", "pip", "install", "--quiet"]
    options = ["--disable-pip-version-check", "--require-hashes", "-r"]
    subprocess.run([*pip, *options, str(_FOLDER / _REQUIREMENTS)], check=True)


def _build() -> None:
    """Put the scripts of the page into one, as its users would get it."""
    _PAGE.mkdir(exist_ok=True)
    for name in _PAGE_FILES:
        shutil.copyfile(_FOLDER / name, _CACHE / name)
    bundle = ["node_modules/.bin/esbuild", "page.js", "--bundle", "--minify", "--format=esm"]
    options = ["--log-level=warning", "--outfile=page/page.js"]
    subprocess.run([*bundle, *options], cwd=_CACHE, check=True)
    shutil.copyfile(_FOLDER / "index.html", _PAGE / "index.html")
