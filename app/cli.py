"""The command ``consumo-whatsapp``."""

import os
import shutil
import socket
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn
from zoneinfo import available_timezones

import click

from app.settings import SettingError, Settings
from queries.engines.duckdb import DuckDBLimits
from queries.errors import StoreUnavailable
from sources.contract import (
    CASES,
    DEFAULT_ACCOUNT,
    FILES,
    MESSAGES,
    UTC_NAMES,
    UnreadableFile,
)
from sources.files import check_readable, ignored_columns, missing_columns
from sources.inbox import BACKUP, HandIn, Outcome, copy_files
from sources.owner import REAL_DATA_KEPT, Owner, StoreBusy, wait_for

#: Nothing was loaded: files or settings cannot be used, or the store refuses.
EXIT_UNUSABLE = 2
_EXIT_INTERRUPTED = 130
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "::1")
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
@click.version_option(package_name="consumo-whatsapp")
def cli() -> None:
    """WhatsApp as a support channel, on one page.

    Settings are read from variables that begin with CONSUMO_; the README lists them.
    """
    # The store, its inbox and the rejects hold what customers wrote: nobody else's to read.
    os.umask(0o077)


@cli.command("import")
@click.option("--cases", type=_FILE, help="CSV or Parquet file of cases.")
@click.option("--messages", type=_FILE, help="CSV or Parquet file of messages.")
@click.option(
    "--account", default=DEFAULT_ACCOUNT, show_default=True, help="Account of rows without one."
)
@click.option(
    "--rejects", type=_FILE, help="Where rejected rows are listed.  [default: beside the store]"
)
@click.option(
    "--time-zone",
    default="UTC",
    show_default=True,
    metavar="ZONE",
    help="Zone of times without an offset, as America/Sao_Paulo.",
)
def import_(
    cases: Path | None,
    messages: Path | None,
    account: str,
    rejects: Path | None,
    time_zone: str,
) -> None:
    """Load cases and messages; the same whether a server runs or not."""
    settings = _settings()
    files = {
        file.name: path for file, path in ((CASES, cases), (MESSAGES, messages)) if path is not None
    }
    if not files:
        _give_up("nothing to import: give --cases, --messages or both")
    if not account.strip():
        _give_up("--account takes a name")
    if time_zone not in UTC_NAMES and time_zone not in available_timezones():
        _give_up("--time-zone takes a zone's name, as America/Sao_Paulo")
    _check_files(files)
    lacking = _lacking(files)
    owner = _owner(settings)
    what = HandIn(
        "files",
        account.strip(),
        demo=False,
        rejects_path=rejects and rejects.absolute(),
        time_zone=time_zone,
    )
    try:
        ticket = owner.inbox.hand_in(what, copy_files(files))
    except (UnreadableFile, OSError) as error:
        _give_up(str(error))
    outcome = _await(owner, ticket)
    _report(outcome)
    if time_zone in UTC_NAMES and settings.time_zone not in UTC_NAMES:
        _tell_times(outcome, files, settings.time_zone)
    for sentence in lacking:
        click.echo(sentence)


@cli.command()
@click.option("--messages", default=50_000, show_default=True, type=click.IntRange(1, 100_000_000))
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0))
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="The newest moment, UTC; the same seed and moment give the same data.  [default: now]",
)
@click.option("--if-empty", is_flag=True, help="Do nothing when the store holds anything.")
def demo(messages: int, seed: int, until: datetime | None, *, if_empty: bool) -> None:
    """Fill the store with demonstration data; a store with real data refuses."""
    from sources.demo import write_demo  # noqa: PLC0415 - NumPy is needed by this command only

    settings = _settings()
    owner = _owner(settings)
    holds = _holds(owner)
    if if_empty and holds != "nothing":
        return
    if holds == "real":
        _give_up(REAL_DATA_KEPT)
    end = until.replace(tzinfo=UTC) if until else datetime.now(UTC)

    def write(folder: Path) -> Mapping[str, Path]:
        written = write_demo(folder, messages, seed, end, lambda rows: _progress("writing", rows))
        return dict(zip((file.name for file in FILES), written, strict=True))

    what = HandIn("demo", "demo", demo=True)
    _report(_await(owner, owner.inbox.hand_in(what, write)))


@cli.command()
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
def backup(path: Path) -> None:
    """Copy the store to PATH; the same whether a server runs or not."""
    owner = _owner(_settings())
    if not owner.path.exists():
        _give_up(f"there is no store at {owner.path}")
    if path.exists():
        _give_up(f"{path} is there already: choose a new name")
    ticket = owner.inbox.hand_in(HandIn(BACKUP, "", demo=False), lambda _folder: {})
    outcome = _await(owner, ticket)
    if outcome.copy_path is None:
        _give_up(outcome.refusal or "nothing was copied")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(outcome.copy_path, path)
    except OSError as error:
        _give_up(f"{path} cannot be written: {error.strerror}; the copy is {outcome.copy_path}")
    click.echo(f"Copied to {path}")


@cli.command()
def compact() -> None:
    """Sort the store and reclaim space; a server does this itself when it starts."""
    owner = _owner(_settings())
    try:
        owner.open()
    except StoreBusy:
        _give_up("a server or an import holds the store: stop it first")
    except StoreUnavailable as error:
        _give_up(str(error))
    before = owner.path.stat().st_size
    try:
        owner.compact()
    finally:
        owner.close()
    click.echo(f"{before / 1e6:,.1f} MB before, {owner.path.stat().st_size / 1e6:,.1f} MB now")


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8050, show_default=True, type=click.IntRange(1, 65_535))
@click.option("--access-log", is_flag=True, help="Log each request, without its query.")
def serve(host: str, port: int, *, access_log: bool) -> None:
    """Serve the page, and load what is imported meanwhile."""
    from app.server import Server  # noqa: PLC0415 - gunicorn is needed by this command only

    settings = _settings()
    if not _is_free(host, port):
        _give_up(f"{host}:{port} is taken: end what uses it, or choose another --port")
    if host in _LOOPBACK and not settings.hosts:
        # Whoever reads a foreign page must not be led here under that page's name.
        settings = replace(settings, hosts=" ".join(_LOOPBACK))
    where = f"[{host}]" if ":" in host else host
    click.echo(f"Consumo WhatsApp on http://{where}:{port} (store: {settings.store_path})")
    click.echo("Your own data: consumo-whatsapp import --cases cases.csv --messages messages.csv")
    sys.stdout.flush()
    Server(settings, host, port, access_log=access_log).run()


def _settings() -> Settings:
    try:
        return Settings.from_environment(os.environ)
    except SettingError as error:
        _give_up(str(error))


def _owner(settings: Settings) -> Owner:
    limits = DuckDBLimits(settings.memory_limit, settings.threads, settings.query_seconds)
    return Owner(settings.store_path, limits, settings.time_zone, lambda: datetime.now(UTC))


def _check_files(files: Mapping[str, Path]) -> None:
    try:
        for file in FILES:
            if path := files.get(file.name):
                check_readable(path, file)
                if ignored := ignored_columns(path, file):
                    click.echo(f"{path.name}: not imported: {', '.join(ignored)}", err=True)
    except UnreadableFile as error:
        _give_up(str(error))


def _holds(owner: Owner) -> str:
    """What the store holds; of a store that a server keeps, the answer is the loader's."""
    try:
        owner.open()
    except StoreBusy:
        return "unknown"
    except StoreUnavailable as error:
        _give_up(str(error))
    try:
        return owner.holds()
    finally:
        owner.close()


def _await(owner: Owner, ticket: str) -> Outcome:
    try:
        return wait_for(owner, ticket, _progress)
    except KeyboardInterrupt:
        click.echo("\nStopped; what was handed in is kept, and loaded next time.", err=True)
        raise SystemExit(_EXIT_INTERRUPTED) from None
    except StoreUnavailable as error:
        _give_up(f"{error}; what was handed in is kept and loaded once the store opens")


def _progress(step: str, rows: int) -> None:
    if sys.stderr.isatty():
        click.echo(
            f"\r\033[K{step} {rows or '':,}" if rows else f"\r\033[K{step}", nl=False, err=True
        )
    else:
        click.echo(f"{step} {rows:,}" if rows else step, err=True)


def _report(outcome: Outcome) -> None:
    if sys.stderr.isatty():
        click.echo("\r\033[K", nl=False, err=True)
    load = outcome.load
    if load is None:
        _give_up(outcome.refusal or "nothing was loaded")
    if load.done_before:
        click.echo(f"Nothing new: these files are load {load.load_id} already.")
    if load.replaced_demo:
        click.echo("The demonstration data is gone: real data took its place.")
    click.echo(
        f"Load {load.load_id}: {load.rows_in:,} rows read, {load.cases_written:,} cases and "
        f"{load.messages_written:,} messages new or changed, {load.rows_rejected:,} rows rejected."
    )
    click.echo(
        f"Of the rows read, {load.rows_taken:,} were taken, {load.rows_superseded:,} superseded by "
        f"a later row of the same file, {load.rows_rejected:,} rejected."
    )
    if outcome.rejects_path:
        click.echo(f"Rejected rows: {outcome.rejects_path}")


def _lacking(files: Mapping[str, Path]) -> list[str]:
    """What the page will not show for want of a column, a sentence each."""
    return [
        f"{files[file.name].name}: {sentence}"
        for file in FILES
        if file.name in files
        for sentence in missing_columns(files[file.name], file)
    ]


def _tell_times(outcome: Outcome, files: Mapping[str, Path], zone: str) -> None:
    """Which files have no offset in any time: their times may be local ones."""
    for name in outcome.load.without_offset if outcome.load else ():
        click.echo(
            f"{files[name].name}: no time has an offset, so all were taken as UTC; if they are "
            f"local times, import again with --time-zone {zone}"
        )


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _give_up(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    raise SystemExit(EXIT_UNUSABLE)
