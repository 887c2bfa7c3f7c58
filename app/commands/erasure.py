"""The commands ``erase`` and ``purge``: remove a person's data, or old data, everywhere."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import click

from app.commands.common import (
    FILE,
    check_there,
    owner_of_store,
    settings_of_environment,
)
from app.exit_codes import EXIT_INCOMPLETE, Stopped, give_up
from app.settings import Settings
from app.terminal import echo, echo_error, end_progress, show_progress
from queries.errors import StoreUnavailable
from queries.phones import joined_phone
from sources.contract import WHITE_SPACE
from sources.erased_backups import UnusableBackup, check_backup, remove_from_backup
from sources.inbox import HandIn, Outcome
from sources.load_waiting import wait_for_load
from sources.owner import Owner
from sources.removal_orders import RemovalOrder, RemovalReport

_FEWEST_DIGITS: Final = 8
_MOST_DIGITS: Final = 15
_OLDEST_YEAR: Final = 1900
_ELSEWHERE: Final = (
    "Not reached: lists of rejects that --rejects put elsewhere, downloads, and copies that are "
    "not named here. docs/personal-data.md has the whole list."
)

_dry_run = click.option("--dry-run", is_flag=True, help="Count what would go; change nothing.")
_backups = click.option(
    "--backup",
    "backups",
    multiple=True,
    type=FILE,
    help="A back-up to do the same in; repeat it for more.",
)


@click.command()
@click.option("--person", metavar="NAME", help="The name of a requester, exactly as it is stored.")
@click.option("--phone", metavar="PHONE", help="A phone with its country code, as +5511987654321.")
@click.option("--account", metavar="ACCOUNT", help="Only what belongs to it.  [default: all]")
@_dry_run
@_backups
def erase(
    person: str | None,
    phone: str | None,
    account: str | None,
    *,
    dry_run: bool,
    backups: tuple[Path, ...],
) -> None:
    """Remove all of a person, or of a phone.

    The cases go whole; where others' texts have the name or the phone, a mark takes its place. It
    does the same whether a server runs or not. docs/personal-data.md says what is reached.

    Ends with 0 when nothing is left, 1 when something could not be reached, 2 when nothing was
    removed.
    """
    if (person is None) == (phone is None):
        give_up("give either --person or --phone")
    order = RemovalOrder(
        person=person if person is None else _name(person),
        phone=phone if phone is None else _phone(phone),
        account=account,
        is_trial=dry_run,
    )
    _carry_out(settings_of_environment(), order, backups)


@click.command()
@click.option(
    "--before",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="The first day that stays, as 2025-01-31, in the zone of the store.",
)
@click.option("--texts-only", is_flag=True, help="Remove only what the messages say.")
@_dry_run
@_backups
def purge(before: datetime, *, texts_only: bool, dry_run: bool, backups: tuple[Path, ...]) -> None:
    """Remove all messages before a day, and the cases of which nothing is left.

    It does the same whether a server runs or not.

    Ends with 0 when nothing is left, 1 when something could not be reached, 2 when nothing was
    removed.
    """
    settings = settings_of_environment()
    order = RemovalOrder(
        before=_past(before.date(), settings), texts_only=texts_only, is_trial=dry_run
    )
    _carry_out(settings, order, backups)


def _name(text: str) -> str:
    """Return the name without white space around it, as imports store it."""
    name = text.strip(WHITE_SPACE)
    if not name or any("\ud800" <= sign <= "\udfff" for sign in name):
        give_up("--person takes a name")
    return name


def _phone(text: str) -> str:
    """Return the phone in E.164; end the command where it is none, or has no country code."""
    phone = joined_phone(text.strip(WHITE_SPACE)) or ""
    digits = phone.removeprefix("+")
    is_phone = digits.isdecimal() and _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS
    if not (phone.startswith("+") and is_phone):
        give_up("--phone takes a phone with its country code, as +5511987654321")
    return phone


def _past(day: date, settings: Settings) -> date:
    tomorrow = datetime.now(settings.zone).date() + timedelta(days=1)
    if day.year < _OLDEST_YEAR or day > tomorrow:
        give_up(f"--before takes a day from {_OLDEST_YEAR} to tomorrow")
    return day


def _carry_out(settings: Settings, order: RemovalOrder, backups: Iterable[Path]) -> None:
    owner = owner_of_store(settings)
    check_there(owner.path)
    try:
        for path in backups:
            check_backup(path, owner.path)
    except UnusableBackup as error:
        give_up(str(error))
    echo_error(f"Store: {owner.path}")
    outcome = _await(owner, order)
    if outcome.removal is None:
        give_up(outcome.refusal or "nothing was removed")
    if order.is_trial:
        echo("Dry run: nothing was changed. This would be removed:")
    _print_store(order, outcome.removal)
    is_complete = _print_incomplete(outcome)
    for path in backups:
        is_complete &= _in_backup(path, order, settings)
    echo(_ELSEWHERE)
    if not is_complete:
        raise SystemExit(EXIT_INCOMPLETE)


def _await(owner: Owner, order: RemovalOrder) -> Outcome:
    """Hand the order in, and return what the owner of the store has done."""
    ticket = owner.inbox.hand_in(HandIn.to_remove(order), lambda _folder: {})
    try:
        outcome = wait_for_load(owner, ticket, show_progress)
    except KeyboardInterrupt:
        if owner.inbox.cancel_removal(ticket):
            raise Stopped("Stopped; nothing was removed.") from None
        rest = "the rows are removed, and the rest is done when the store is next opened"
        raise Stopped(f"Stopped; {rest}.") from None
    except StoreUnavailable as error:
        owner.inbox.cancel_removal(ticket)
        give_up(str(error))
    finally:
        end_progress()
    return outcome


def _print_store(order: RemovalOrder, report: RemovalReport) -> None:
    if report.found_nothing:
        echo("Store: nothing left.")
    else:
        echo(f"Store: {_rows(order, report)}.")
        if order.before is None:
            echo(
                f"Beside it: {report.reject_rows:,} rows of lists of rejects, "
                f"{report.audit_records:,} audit records and {report.reports:,} reports masked, "
                f"{report.hand_ins:,} unfinished hand-ins and copies removed."
            )
    if report.similar:
        echo(_SIMILAR["phone" if order.phone else "person"].format(report.similar))


_SIMILAR: Final = {
    "person": "These stay: {:,} names that differ in accents or in capital letters only.",
    "phone": "These stay: {:,} cases with the phone without its country code. Where it is the "
    "same, erase it in this form, too: a plus, area code and number.",
}


def _print_incomplete(outcome: Outcome) -> bool:
    """Print what could not be reached in the store; return whether all was."""
    if outcome.refusal:
        echo_error(outcome.refusal)
    elif outcome.removal and not outcome.removal.is_cache_empty:
        echo_error(
            "The cache of CONSUMO_CACHE_URL does not answer: what it holds is not shown any more, "
            "and is gone after a day; run the same command again."
        )
    else:
        return True
    return False


def _in_backup(path: Path, order: RemovalOrder, settings: Settings) -> bool:
    """Carry out the order in a back-up, and print what was removed; return whether it was done."""
    try:
        report = remove_from_backup(
            path, order, settings.engine_limits, datetime.now(UTC), show_progress
        )
    except (UnusableBackup, OSError) as error:
        end_progress()
        why = (error.strerror if isinstance(error, OSError) else None) or error
        echo_error(f"Back-up {path}: it is as before, because {why}")
        return False
    except KeyboardInterrupt:
        raise Stopped(f"Stopped; the back-up {path} and those behind it are as before.") from None
    end_progress()
    echo(f"Back-up {path}: {'nothing left' if report.found_nothing else _rows(order, report)}.")
    return True


def _rows(order: RemovalOrder, report: RemovalReport) -> str:
    kept = f", {report.payloads:,} payloads of webhooks" if report.payloads else ""
    if order.texts_only:
        return f"{report.texts:,} texts{kept}"
    removed = f"{report.cases:,} cases, {report.messages:,} messages{kept}"
    return removed if order.before else f"{removed}, {report.texts:,} texts masked"
