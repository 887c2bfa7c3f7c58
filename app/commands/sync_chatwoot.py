"""The command ``sync chatwoot``."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final, NoReturn

import click

from app.commands.common import owner_of_store, settings_of_environment
from app.commands.durations import DURATION
from app.exit_codes import Stopped, give_up
from app.terminal import echo, echo_error, end_progress, show_progress
from queries.errors import StoreUnavailable
from sources.chatwoot.options import ChatwootOptions
from sources.chatwoot.portal import BadAddress, Portal, PortalError
from sources.chatwoot.sync import CHATWOOT, ChatwootSync, Pace, pause_after
from sources.inbox import HandInGone
from sources.source_link import LoadRefused, SourceLink

#: Pauses after failures grow up to this.
_LONGEST_PAUSE: Final = timedelta(minutes=1)
_PERCENT: Final = 100
_STOPPED: Final = "Stopped; the next sync goes on from here."
#: What may be different when it is tried again.
_MAY_PASS: Final = (PortalError, LoadRefused, StoreUnavailable, HandInGone)


@click.command()
@click.option(
    "--url",
    required=True,
    metavar="ADDRESS",
    help="The database, as postgresql+psycopg://user@host/chatwoot. The password may be in "
    "PGPASSWORD or in the file of PGPASSFILE.",
)
@click.option(
    "--account",
    "accounts",
    type=click.IntRange(1),
    multiple=True,
    metavar="NUMBER",
    help="An account to copy; repeat it for more.  [default: all]",
)
@click.option(
    "--case-type-attribute",
    metavar="KEY",
    help="The conversations' custom attribute that holds the type of the case.",
)
@click.option(
    "--api-channel-is-whatsapp",
    "api_inboxes",
    multiple=True,
    metavar="INBOX",
    help="An inbox of the channel API that is WhatsApp through a gateway, by name or number.",
)
@click.option(
    "--every", type=DURATION, metavar="TIME", help="Go on, and look for changes so often, as 2s."
)
@click.option(
    "--overlap",
    type=DURATION,
    default="120s",
    show_default=True,
    metavar="TIME",
    help="How long before the last changes each increment begins.",
)
@click.option(
    "--reconcile-every",
    type=DURATION,
    default="1h",
    show_default=True,
    metavar="TIME",
    help="How often all ids are compared, to find what was deleted.",
)
@click.option(
    "--most-removed",
    type=click.FloatRange(0, _PERCENT),
    default=1,
    show_default=True,
    metavar="PERCENT",
    help="How much of the store one comparison may remove.",
)
@click.option(
    "--statement-timeout",
    type=DURATION,
    default="30s",
    show_default=True,
    metavar="TIME",
    help="The longest that a statement may take in the portal.",
)
@click.option(
    "--name", default=CHATWOOT, show_default=True, help="The name of this source in the store."
)
@click.option("--again", is_flag=True, help="Copy everything anew.")
def chatwoot(  # noqa: PLR0913 - one parameter an option
    *,
    url: str,
    accounts: tuple[int, ...],
    case_type_attribute: str | None,
    api_inboxes: tuple[str, ...],
    every: timedelta | None,
    overlap: timedelta,
    reconcile_every: timedelta,
    most_removed: float,
    statement_timeout: timedelta,
    name: str,
    again: bool,
) -> None:
    """Copy cases and messages from Chatwoot.

    It reads Chatwoot's database, and goes on where it stopped. Without --every it ends when all is
    copied. It does the same whether a server runs or not. docs/chatwoot.md has the rights that the
    user needs.
    """
    owner = owner_of_store(settings_of_environment())
    options = ChatwootOptions(accounts, case_type_attribute, api_inboxes)
    pace = Pace(overlap, reconcile_every=reconcile_every, most_removed=most_removed / _PERCENT)
    try:
        portal = Portal(url, statement_timeout)
    except BadAddress as error:
        give_up(str(error))
    echo_error(f"Store: {owner.path}")
    # What a service does for ever is told by what it did, not by each of its steps.
    progress = show_progress if every is None else lambda *_: None
    link = SourceLink(owner, CHATWOOT, name, progress)
    sync = ChatwootSync(portal, options, link, pace, _tell)
    with _ending_by_signal():
        try:
            if again:
                sync.forget()
            if every is None:
                _run_once(sync)
            else:
                _run_for_ever(sync, every)
        except KeyboardInterrupt:
            end_progress()
            if every is None:
                raise Stopped(_STOPPED) from None
            # A command that never ends by itself is ended in this way: that is no failure.
            echo_error(_STOPPED)


def _run_once(sync: ChatwootSync) -> None:
    try:
        sync.run()
    except (PortalError, LoadRefused) as error:
        give_up(str(error))
    state = sync.state
    echo(f"In the store until {state.synced_until}; {state.rows_rejected:,} rows rejected so far.")


def _run_for_ever(sync: ChatwootSync, every: timedelta) -> NoReturn:
    """Run rounds, with pauses that grow while they fail. Each failure is told once."""
    pause, told = every, ""
    while True:
        try:
            sync.run()
            pause, told = pause_after(sync.look_seconds, every), ""
        except _MAY_PASS as error:
            pause = min(2 * pause, max(every, _LONGEST_PAUSE))
            if str(error) != told:
                told = str(error)
                end_progress()
                echo_error(f"{told}; trying again.")
                _note_fault(sync, error)
        time.sleep(pause.total_seconds())


def _note_fault(sync: ChatwootSync, error: Exception) -> None:
    """Note a failure of the portal; where the store itself fails, nothing can be noted."""
    if isinstance(error, PortalError):
        try:
            sync.note_fault(str(error))
        except _MAY_PASS as another:
            echo_error(f"{another}; trying again.")


def _tell(sentence: str) -> None:
    end_progress()
    echo(sentence)


@contextmanager
def _ending_by_signal() -> Iterator[None]:
    """Let SIGTERM, by which service managers end a command, do what Ctrl-C does."""

    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
