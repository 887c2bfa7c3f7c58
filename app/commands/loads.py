"""What commands that load have in common: they name the store, wait for the load, and report."""

from app.exit_codes import EXIT_ALL_REJECTED, Stopped, give_up
from app.terminal import echo, echo_error, end_progress, show_progress
from queries.errors import StoreUnavailable
from sources.inbox import Outcome
from sources.inbox_loading import KEPT
from sources.load_waiting import wait_for_load
from sources.loading.load_order import LoadReport, Progress
from sources.owner import Owner
from sources.rejects import Rejects


def print_store(owner: Owner, *, is_new: bool) -> None:
    """Print which store is used: its path depends on the folder in which the command runs."""
    echo_error(f"{'New store' if is_new else 'Store'}: {owner.path}")


def await_load(owner: Owner, ticket: str) -> Outcome:
    """Wait until the hand-in ``ticket`` is loaded, and return its outcome.

    Raises ``Stopped`` at Ctrl-C; ends the command where the store cannot be opened.
    """
    try:
        return wait_for_load(owner, ticket, show_progress)
    except KeyboardInterrupt:
        kept = "Stopped; what was handed in is kept, and loaded next time."
        raise Stopped(kept) from None
    except StoreUnavailable as error:
        give_up(f"{error}. {KEPT}")


def await_answer(
    owner: Owner, ticket: str, progress: Progress, stopped: str = "Stopped; nothing was changed."
) -> Outcome:
    """Wait for the outcome of a hand-in that only asks, and withdraw it when nobody waits any more.

    ``progress`` is called with how far it is. Raises ``Stopped`` with the sentence ``stopped`` at
    Ctrl-C.
    """
    try:
        outcome = wait_for_load(owner, ticket, progress)
    except KeyboardInterrupt:
        raise Stopped(stopped) from None
    finally:
        owner.inbox.withdraw(ticket)
    end_progress()
    return outcome


def done_load(outcome: Outcome, given: str) -> LoadReport:
    """Return the report of what was loaded; end the command where nothing was.

    Print where nothing is new, and where demonstration data went. ``given`` is the plural of what
    was handed in, as ``files``.
    """
    end_progress()
    load = outcome.load
    if load is None:
        give_up(outcome.refusal or "nothing was loaded")
    if load.done_before:
        echo(f"Nothing new: these {given} are load {load.load_id} already.")
    elif load.replaced_demo:
        echo("The demonstration data is gone: real data took its place.")
    return load


def report_load(outcome: Outcome) -> None:
    """Print what a load did; end the command where nothing was loaded."""
    load = done_load(outcome, "files")
    echo(
        f"Load {load.load_id}: {load.rows_in:,} rows read, {load.cases_written:,} cases and "
        f"{load.messages_written:,} messages new or changed, {load.rows_rejected:,} rows rejected."
    )
    echo(
        f"Of the rows read, {load.rows_taken:,} were taken, {load.rows_superseded:,} superseded by "
        f"a later row of the same file, {load.rows_rejected:,} rejected."
    )
    if outcome.rejects:
        show_rejects(outcome.rejects, load.rows_rejected)


def end_unless_taken(outcome: Outcome) -> None:
    """End the command with ``EXIT_ALL_REJECTED`` where every row of the files was rejected.

    Files without rows are no failure.
    """
    load = outcome.load
    if load and load.rows_rejected and load.rows_rejected == load.rows_in:
        echo_error("Nothing was taken: every row was rejected.")
        raise SystemExit(EXIT_ALL_REJECTED)


def show_rejects(rejects: Rejects, count: int) -> None:
    echo("The first rejected rows:")
    for file, line, column, reason in rejects.first:
        echo(f"  {file}, line {line}{column and f', {column}'}: {reason}")
    echo(f"Most frequent reason: {rejects.reason} ({rejects.with_reason:,} of {count:,})")
    echo(f"Rejected rows: {rejects.path}")
