"""The command ``sync sql``."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import click

from app.commands.common import (
    FILE,
    environment_variables,
    owner_of_store,
    settings_of_environment,
)
from app.commands.durations import DURATION
from app.commands.sync_rounds import run_for_ever, stopping_by_signal
from app.exit_codes import give_up
from app.terminal import echo, echo_error, end_progress, show_progress
from sources.source_link import LoadRefused, SourceLink
from sources.sql_sync.database import Database, SourceError
from sources.sql_sync.mapping import load_mapping
from sources.sql_sync.sync import SQL, Round, SqlSync


@click.command()
@click.option(
    "--config",
    "path",
    required=True,
    type=FILE,
    help="The mapping: the database's address and a SELECT for each kind of rows.",
)
@click.option(
    "--every", type=DURATION, metavar="TIME", help="Go on, and look for changes so often, as 5s."
)
@click.option("--again", is_flag=True, help="Read everything anew.")
def sql(*, path: Path, every: timedelta | None, again: bool) -> None:
    """Copy cases and messages from any SQL database.

    It runs the SELECTs of the mapping, which give the contract's columns, and goes on where it
    stopped. Without --every it ends when all is copied. It does the same whether a server runs or
    not. docs/importing.md explains the mapping, and examples/sync has some.
    """
    mapping = load_mapping(path, environment_variables())
    owner = owner_of_store(settings_of_environment())
    try:
        database = Database(mapping)
    except SourceError as error:
        give_up(str(error))
    echo_error(f"Store: {owner.path}")
    # What a service does for ever is told by what it did, not by each of its steps.
    progress = show_progress if every is None else lambda *_: None
    sync = SqlSync(mapping, database, SourceLink(owner, SQL, f"{SQL}:{mapping.name}", progress))
    with stopping_by_signal(ends_by_itself=every is None):
        if again:
            sync.forget()
        if every is None:
            _run_once(sync)
        else:
            run_for_ever(partial(_round, sync, every), every, sync.note_fault, (SourceError,))


def _round(sync: SqlSync, every: timedelta) -> timedelta:
    """Run a round, tell what it did, and return how long to wait then."""
    _tell(sync.run())
    return every


def _run_once(sync: SqlSync) -> None:
    try:
        done = sync.run()
    except (SourceError, LoadRefused) as error:
        give_up(str(error))
    end_progress()
    if not done.rows:
        echo("Nothing new.")
    _tell(done)


def _tell(done: Round) -> None:
    """Print what a round did; one that did nothing is not told."""
    if done.rows:
        echo(f"{done.rows:,} rows read, {done.rejected:,} of them rejected.")
