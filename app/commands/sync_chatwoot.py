"""The command ``sync chatwoot``."""

from datetime import timedelta
from functools import partial
from typing import Final

import click

from app.commands.common import owner_of_store, settings_of_environment
from app.commands.durations import DURATION
from app.commands.sync_rounds import run_for_ever, stopping_by_signal
from app.exit_codes import give_up
from app.terminal import echo, echo_error, end_progress, show_progress
from sources.chatwoot.options import ChatwootOptions
from sources.chatwoot.portal import BadAddress, Portal, PortalError
from sources.chatwoot.sync import CHATWOOT, ChatwootSync, Pace, pause_after
from sources.source_link import LoadRefused, SourceLink

_PERCENT: Final = 100


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
    with stopping_by_signal(ends_by_itself=every is None):
        if again:
            sync.forget()
        if every is None:
            _run_once(sync)
        else:
            run_for_ever(partial(_round, sync, every), every, sync.note_fault, (PortalError,))


def _run_once(sync: ChatwootSync) -> None:
    try:
        sync.run()
    except (PortalError, LoadRefused) as error:
        give_up(str(error))
    state = sync.state
    echo(f"In the store until {state.synced_until}; {state.rows_rejected:,} rows rejected so far.")


def _round(sync: ChatwootSync, every: timedelta) -> timedelta:
    """Run a round; return how long to wait then, so that looks burden the portal little."""
    sync.run()
    return pause_after(sync.look_seconds, every)


def _tell(sentence: str) -> None:
    end_progress()
    echo(sentence)
