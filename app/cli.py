"""The commands of ``consumo-whatsapp``: demo, backup, compact, serve, try.

``app.commands`` has the others, which are added to them here.

Their docstrings are the texts of ``--help``. ``exit_codes`` says how they end.
"""

import logging
import os
import shlex
import shutil
import socket
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from app.commands import (
    access,
    check,
    erasure,
    example,
    import_files,
    import_webhooks,
    rates,
    sync,
)
from app.commands.common import FILE, check_there, owner_of_store, settings_of_environment
from app.commands.loads import await_answer, await_load, print_store, report_load
from app.exit_codes import CommandGroup, Stopped, give_up
from app.listening import (
    LOOPBACK_NAMES,
    CannotListen,
    browser_address,
    is_address,
    is_loopback,
    listen,
)
from app.settings import SettingError, Settings
from app.store_addresses import shown_store
from app.terminal import echo, echo_error, end_progress, show_progress
from sources.contract import CASES, MESSAGES
from sources.durable_files import put_new
from sources.inbox import BACKUP, HandIn, Outcome
from sources.inbox_loading import REAL_DATA_KEPT
from sources.migrations import UPGRADE_LOG
from sources.owner import Owner
from sources.path_checks import check_new_file
from sources.store_errors import StoreBusy

_SHOWN_COLUMNS = 20
#: Demonstration data goes back some years from its newest day, and the store takes 1900 to 2100.
_DEMO_YEARS = range(1950, 2100)
_DEMO_MESSAGES = 50_000
_DEMO_SEED = 1
_PORT = 8050
_WRITER_PORT = 8051
_MOST_PORT = 65_535
_LOOPBACK = "127.0.0.1"
#: One of these is set where a program can open a window.
_DESKTOP_VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY")


class _PrintWarnings(logging.Handler):
    """Prints log records on the terminal as warnings."""

    def emit(self, record: logging.LogRecord) -> None:
        echo_error(f"Warning: {record.getMessage()}")


@click.group(cls=CommandGroup)
@click.version_option(package_name="consumo-whatsapp")
def cli() -> None:
    """WhatsApp as a support channel, on one page.

    Settings are read from variables that begin with CONSUMO_; the README lists them.
    """
    # The store, its inbox and the rejects hold what customers wrote: no other user may read them.
    os.umask(0o077)
    # Commands report failures in sentences and log nothing; ``serve`` and ``try`` set up logs.
    logging.getLogger().addHandler(logging.NullHandler())
    logging.getLogger(UPGRADE_LOG).handlers = [_PrintWarnings()]


cli.add_command(import_files.import_)
cli.add_command(import_files.profile)
cli.add_command(example.example)
cli.add_command(access.token)
cli.add_command(access.scope)
cli.add_command(check.check)
cli.add_command(erasure.erase)
cli.add_command(erasure.purge)
cli.add_command(sync.sync)
cli.add_command(rates.rates)
cli.add_command(import_webhooks.import_webhooks)


@cli.command()
@click.option(
    "--messages",
    default=_DEMO_MESSAGES,
    show_default=True,
    type=click.IntRange(1, 100_000_000),
    metavar="NUMBER",
    help="How many messages to make.",
)
@click.option(
    "--seed",
    default=_DEMO_SEED,
    show_default=True,
    type=click.IntRange(0),
    metavar="NUMBER",
    help="Another number gives other data.",
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    metavar="TIME",
    help="The newest moment, UTC; the same seed and moment give the same data.  [default: now]",
)
@click.option("--if-empty", is_flag=True, help="Do nothing when the store holds anything.")
def demo(messages: int, seed: int, until: datetime | None, *, if_empty: bool) -> None:
    """Fill the store with demonstration data.

    A store that holds real data refuses.
    """
    end = until.replace(tzinfo=UTC) if until else datetime.now(UTC)
    if end.year not in _DEMO_YEARS:
        give_up(f"--until takes a time of the years {_DEMO_YEARS[0]} to {_DEMO_YEARS[-1]}")
    owner = owner_of_store(settings_of_environment())
    is_new = not owner.path.exists()
    holds = _holds(owner)
    if if_empty and holds != "nothing":
        return
    if holds == "real":
        give_up(REAL_DATA_KEPT)
    print_store(owner, is_new=is_new)
    report_load(_load_demo(owner, messages, seed, end))


@cli.command()
@click.argument("path", type=FILE)
def backup(path: Path) -> None:
    """Copy the store to PATH, a new file.

    It does the same whether a server runs or not.
    """
    owner = owner_of_store(settings_of_environment())
    check_there(owner.path)
    check_new_file(path, owner.path, makes_folder=True)
    ticket = owner.inbox.hand_in(HandIn(BACKUP, "", demo=False), lambda _folder: {})
    outcome = await_answer(owner, ticket, show_progress, "Stopped; nothing was copied.")
    if outcome.copy_path is None:
        give_up(outcome.refusal or "nothing was copied")
    _put_copy(outcome.copy_path, path)
    echo(f"Copied {owner.path} to {path}")


@cli.command()
def compact() -> None:
    """Sort the store and reclaim space.

    A server does this itself when it starts and the store needs it.
    """
    owner = owner_of_store(settings_of_environment())
    check_there(owner.path)
    try:
        owner.open()
    except StoreBusy:
        give_up("a server or an import holds the store: stop it first")
    before = owner.path.stat().st_size
    try:
        owner.compact()
    except KeyboardInterrupt:
        raise Stopped("Stopped; the store is as it was.") from None
    finally:
        owner.close()
    after = owner.path.stat().st_size
    echo(f"{owner.path}: {before / 1e6:,.1f} MB before, {after / 1e6:,.1f} MB now")


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=_PORT, show_default=True, type=click.IntRange(1, _MOST_PORT))
@click.option("--access-log", is_flag=True, help="Log each request, without its query.")
def serve(host: str, port: int, *, access_log: bool) -> None:
    """Serve the page, and load what is imported meanwhile."""
    from app import server  # noqa: PLC0415 - the web server is needed by two commands only

    settings = settings_of_environment()
    if not settings.is_published:
        owner_of_store(settings)  # refuses a path that no store can have
    if is_address(host):
        _check_reach(settings, host, is_private=is_loopback(host))
    listening = _listen(host, port, at_once=not settings.is_published)
    # Only now it is known which address a name stands for.
    is_private = is_loopback(listening.getsockname()[0])
    _check_reach(settings, host, is_private=is_private)
    shutdown = server.Shutdown()
    settings = _with_local_hosts(settings, host)
    echo(f"Consumo WhatsApp on {browser_address(host, port)} (store: {shown_store(settings)})")
    if settings.own_store:
        echo(f"Your own data: {_import_command(settings)}")
    echo(_who_may_see(settings, is_private=is_private))
    sys.stdout.flush()
    try:
        server.serve(settings, listening, shutdown, access_log=access_log)
    except (SettingError, CannotListen) as error:
        give_up(str(error))


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=_WRITER_PORT, show_default=True, type=click.IntRange(1, _MOST_PORT))
@click.option("--access-log", is_flag=True, help="Log each request, without its query.")
@click.option(
    "--replace", is_flag=True, help="Replace what another store, or a newer one, published."
)
def writer(host: str, port: int, *, access_log: bool, replace: bool) -> None:
    """Load and publish, without a page: the one writer of many servers.

    It publishes the store of CONSUMO_WORK_URL to CONSUMO_STORE_URL, where servers read that are
    started with serve. A second writer waits until the first one has ended. At the port it answers
    /healthz, /readyz, /metrics and webhooks.
    """
    from app import server  # noqa: PLC0415 - as in ``serve``
    from app.writer import create_writer  # noqa: PLC0415 - as in ``serve``

    settings = settings_of_environment()
    if not settings.is_published:
        give_up("CONSUMO_STORE_URL names no published store: serve loads and serves such a store")
    owner = owner_of_store(settings)
    listening = _listen(host, port)
    is_private = is_loopback(listening.getsockname()[0])
    shutdown = server.Shutdown()
    settings = _with_local_hosts(settings, host)
    echo(f"Writer on {browser_address(host, port)}: {owner.path} to {shown_store(settings)}")
    echo(f"Your own data: {_import_command(settings)}")
    sys.stdout.flush()
    try:
        server.serve(
            settings,
            listening,
            shutdown,
            access_log=access_log,
            make_app=partial(create_writer, replace_other=replace, is_private=is_private),
        )
    except SettingError as error:
        give_up(str(error))


@cli.command("try")
@click.option(
    "--port",
    default=_PORT,
    show_default=True,
    type=click.IntRange(0, _MOST_PORT),
    help="Port of the page; 0 takes any free one.",
)
@click.option(
    "--messages",
    default=_DEMO_MESSAGES,
    show_default=True,
    type=click.IntRange(1, 1_000_000),
    metavar="NUMBER",
    help="How many messages to make.",
)
@click.option("--no-browser", is_flag=True, help="Do not open the page in a browser.")
def try_(port: int, messages: int, *, no_browser: bool) -> None:
    """Show the page with demonstration data, without a trace.

    The data is in a temporary store, which is removed when the command ends (Ctrl-C). It opens the
    page in the browser of this desktop, where there is one.
    """
    from app import server  # noqa: PLC0415 - as in ``serve``

    settings = settings_of_environment()
    listening = _listen(_LOOPBACK, port)
    folder = Path(tempfile.mkdtemp(prefix="consumo-whatsapp-"))
    remove = partial(shutil.rmtree, folder, ignore_errors=True)
    shutdown = server.Shutdown(at_end=remove)
    try:
        address = browser_address(_LOOPBACK, listening.getsockname()[1])
        store_url = f"duckdb:///{folder / 'consumo.duckdb'}"
        own = replace(settings, store_url=store_url, work_url="", store_password_file="")
        temporary = _with_local_hosts(own, _LOOPBACK)
        _load_demo(owner_of_store(temporary), messages, _DEMO_SEED, datetime.now(UTC))
        end_progress()
        echo(f"Consumo WhatsApp on {address} with demonstration data; Ctrl-C ends and removes it")
        echo(f"Your own data: {_import_command(settings)}")
        echo(f"Then: {_serve_command(settings)}")
        sys.stdout.flush()
        if not no_browser:
            _open_browser(address)
        server.serve(temporary, listening, shutdown, access_log=False)
    except SettingError as error:
        give_up(str(error))
    finally:
        remove()


def _check_reach(settings: Settings, host: str, *, is_private: bool) -> None:
    """End the command if other machines could see the page at ``host`` without signing in.

    ``is_private`` is whether only this machine can reach it.
    """
    if settings.auth != "none" or is_private or settings.allow_unprotected:
        return
    give_up(
        f"on {host} other machines could see the page without signing in: set CONSUMO_AUTH to "
        "token or proxy, or allow it by CONSUMO_ALLOW_UNPROTECTED=true"
    )


def _who_may_see(settings: Settings, *, is_private: bool) -> str:
    """Return a sentence that says who may see the page."""
    if settings.auth == "token":
        return "Seen with a token of the portal only (CONSUMO_AUTH=token)"
    if settings.auth == "proxy":
        return f"Seen by whom the proxy names in {settings.proxy_header} only (CONSUMO_AUTH=proxy)"
    if is_private:
        return "Seen from this machine only, without signing in (CONSUMO_AUTH=none)"
    return "Seen by everybody who reaches it, without signing in (CONSUMO_ALLOW_UNPROTECTED)"


def _listen(host: str, port: int, *, at_once: bool = True) -> socket.socket:
    """Return a socket that listens there; end the command where that is not possible.

    With ``at_once`` false it listens when the server is ready.
    """
    try:
        return listen(host, port, at_once=at_once)
    except CannotListen as error:
        give_up(str(error))


def _with_local_hosts(settings: Settings, host: str) -> Settings:
    """Return ``settings`` with limited host names where only this machine can reach ``host``.

    Where ``host`` is a loopback address and no host names are set, requests may use the loopback
    names only: a page of another site could otherwise reach the server under that site's own name.
    """
    if is_loopback(host) and not settings.hosts:
        return replace(settings, hosts=f"{LOOPBACK_NAMES} {host}")
    return settings


def _open_browser(address: str) -> None:
    """Open ``address`` in the browser of this desktop; do nothing where there is no desktop.

    The socket listens already, so the browser waits for the page. A thread, because some browsers
    hold their caller until they end.
    """
    has_desktop = sys.platform == "darwin" or any(map(os.environ.get, _DESKTOP_VARIABLES))
    if has_desktop:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def _load_demo(owner: Owner, messages: int, seed: int, end: datetime) -> Outcome:
    """Load so many demonstration ``messages``, none after ``end``, into the store of ``owner``."""
    from sources.demo import write_demo  # noqa: PLC0415 - NumPy is needed for this only

    def write(folder: Path) -> Mapping[str, Path]:
        written = write_demo(
            folder, messages, seed, end, lambda rows: show_progress("writing", rows)
        )
        return dict(zip((CASES.name, MESSAGES.name), written, strict=True))

    return await_load(owner, owner.inbox.hand_in(HandIn("demo", "demo", demo=True), write))


def _import_command(settings: Settings) -> str:
    """Return the command that imports into this store, for a terminal in the same folder."""
    return _command(settings, "import", "--cases", "cases.csv", "--messages", "messages.csv")


def _serve_command(settings: Settings) -> str:
    """Return the command that serves this store, for a terminal in the same folder."""
    return _command(settings, "serve")


def _command(settings: Settings, *arguments: str) -> str:
    """Return what to type to run this program with ``arguments`` on the store of ``settings``."""
    program = sys.argv[0]
    if Path(program).name == "__main__.py":
        words = [_typed(sys.executable), "-m", "app"]
    else:
        words = [_typed(shutil.which(program) or program)]
    command = shlex.join([*words, *arguments])
    own = {"CONSUMO_STORE_URL": settings.store_url, "CONSUMO_WORK_URL": settings.work_url}
    if settings.is_published:
        # The address may hold a password: whoever runs the command has it set already.
        own.pop("CONSUMO_STORE_URL")
    given = [
        f"{variable}={shlex.quote(url)}"
        for variable, url in own.items()
        if url and os.environ.get(variable, "").strip()
    ]
    return " ".join([*given, command])


def _typed(program: str) -> str:
    """Return what to type in this folder to run ``program``: its name if that is enough, or a path.

    The path is relative to this folder if the program is below it.
    """
    path = Path(program).absolute()
    if (on_path := shutil.which(path.name)) and Path(on_path).absolute() == path:
        return path.name
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _holds(owner: Owner) -> str:
    """Return which data the store holds: ``nothing``, ``demo`` or ``real``.

    Return ``unknown`` if another process has the store open; that process checks it when it loads.
    """
    try:
        owner.open()
    except StoreBusy:
        return "unknown"
    try:
        return owner.holds()
    finally:
        owner.close()


def _put_copy(copy: Path, path: Path) -> None:
    """Move the back-up ``copy`` to ``path``; end the command if it cannot be written there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        put_new(copy, path)
    except FileExistsError:
        give_up(f"{path} is there already: choose a new name. The copy is {copy} until tomorrow")
    except OSError as error:
        give_up(f"{path} cannot be written: {error.strerror}. The copy is {copy} until tomorrow")
